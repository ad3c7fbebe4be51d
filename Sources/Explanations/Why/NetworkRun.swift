import Language
import Networks
import Tensors

/// One call of a network with more than its input, `net(X, training: true)` or `lstm(x, state: s)`, opened: what each layer was given in
/// that very call and how it was called, as letters with laws.
struct NetworkRun {
  /// `net`
  let name: String
  let isOne: Bool
  /// The layers of the network, with what went through them.
  let passes: [TapRecord.Pass]
  /// `X`
  let argument: Expression
  let around: Meanings

  /// Runs the call once more as its line ran it; nil where the network runs a layer more than once.
  init?(_ network: NetworkValue, _ callee: Expression, _ arguments: [Language.Argument], _ around: Meanings) throws {
    let text = around.text(callee)
    name = callee.isPathText ? text : "(\(text))"
    isOne = network.network.count == 1
    guard let argument = arguments.first(where: { $0.label == nil || $0.label?.text == "x" })?.value else { return nil }
    (self.argument, self.around) = (argument, around)
    let record = TapRecord()
    let tapped = Tap.opening(network.network, at: name, record)
    let call = Expression(.call(Expression(.name("net__")), arguments), SourceRange(-7, -7))
    var locals = around.locals
    locals["net__"] = Known("net__", .network(NetworkValue(tapped.network)), .given)
    let inner = Meanings(around.interpreter, around.source, origin: around.origin, locals: locals)
      .with(letters: around.letters)
    _ = try inner.value(call)
    let all = record.passes
    passes = all.filter { tapped.outermost.contains($0.path) }
    guard passes.count == network.network.count else { return nil }
  }

  /// What a layer is given: the user's own name, or `x2`, what the layers before it made.
  func input(_ index: Int) -> Known {
    let pass = passes[index]
    if index == 0 {
      if let name = argument.name?.text, let known = around.known(name), !known.label.isEmpty { return known }
      let known = Known("x0", .tensor(pass.x.detached), .expression(argument, around))
      known.isLetter = true
      return known
    }
    let known = Known("x\(index)", .tensor(pass.x.detached), .law { try self.law(index - 1) })
    known.isLetter = true
    return known
  }

  /// `x2 = what net[2] is given`
  func standing(_ index: Int) -> String? {
    let known = input(index)
    guard known.isLetter else { return nil }
    return
      "\(known.label) = \(index == 0 ? around.text(argument) : "what \(passes[index].path) is given") \(passes[index].x.shape)"
  }

  /// How what a layer gives comes about.
  func law(_ index: Int) throws -> LetterLaw? {
    let pass = passes[index]
    let places = LayerDerivatives.letters(pass.y.rank)
    let layer = pass.layer
    let known = input(index)
    func element(_ at: [Coordinate], _ elements: Elements) throws -> Calculation {
      guard let found = try self.element(index, at, elements) else {
        throw Diagnostic("E0814", "\(pass.path) \(layer.kind) has no law of its own here")
      }
      return found
    }
    let reads = Elements.Reads()
    let zeros = places.map { _ in Coordinate(0) }
    guard (try? element(zeros, Elements(reads))) != nil else { return nil }
    let inner = Elements.Reads()
    let symbols = places.map { Coordinate(letter: $0) }
    let general = try? self.element(index, symbols, Elements(inner).taking(places))?.text()
    let own = reads.laws.first.flatMap { $0.splitOnce(" = ")?.1 }
    var standings = reads.standings.filter { !$0.hasPrefix("x = ") }
    if let text = standing(index), !standings.contains(text) { standings.insert(text, at: 0) }
    return LetterLaw(
      places, formula: own ?? general ?? "what \(pass.path) gives", margin: "\(pass.path) \(layer.kind)",
      standings: standings,
      letters: [known].filter(\.isLetter) + reads.letters.map(\.known), rule: element)
  }

  /// One number of what a layer gives.
  func element(_ index: Int, _ at: [Coordinate], _ elements: Elements) throws -> Calculation? {
    let pass = passes[index]
    let known = input(index)
    let inner = Meanings(around.interpreter, SourceText(known.label), locals: [known.label: known])
    let laws = LayerLaws(elements: elements, around: around, context: pass.context)
    let x = Expression(.name(known.label), SourceRange(0, known.label.utf8.count))
    guard let calculation = try laws.element(pass.layer, pass.path, x, inner, at) else { return nil }
    if let numbers = at.numbers,
      let value = try? Elements.number(in: Value(pass.y.detached), numbers, pass.path, around.interpreter.elementType)
    {
      guard calculation.agrees(value, around.interpreter.elementType) else { return nil }
    }
    return calculation
  }

  /// One number of a state that the last layer ends with: `h` or `C` at its last step.
  func state(_ place: Int, _ at: [Coordinate], _ elements: Elements) throws -> Calculation? {
    guard let pass = passes.last, let layer = pass.layer as? any RecurrentLayer, layer.stack.layers == 1,
      !layer.stack.isBidirectional, at.count == 2, let numbers = at.numbers
    else { return nil }
    let name = place == 0 ? "h" : "C"
    let forward = LayerForward(
      layer: pass.layer, path: pass.path, x: input(passes.count - 1), value: pass.x.detached,
      standings: standing(passes.count - 1).map { [$0] } ?? [], interpreter: around.interpreter, context: pass.context)
    guard let law = try forward.state(name) else { return nil }
    let step = pass.x.shape[1] - 1
    let calculation = try law.element([numbers[0], step, numbers[1]].map { Coordinate($0) }, elements)
    elements.reads.laws.append("\(name)[n,t,u] = \(law.formula)")
    for text in law.standings where !elements.reads.standings.contains(text) { elements.reads.standings.append(text) }
    for letter in law.letters { elements.reads.letters.append((letter.label, "", letter)) }
    return calculation
  }
}
