import Display
import Language
import Networks
import Tensors

/// The answer to `:why ∂L/∂W[0,2]`: the derivative's own law, explained as any other expression.
///
/// The line that used `W` is turned round (`Derivatives`): of `z = X @ W + b` comes `Xᵀ @ δ` with `δ = ∂L/∂z`, through lines that change
/// each number by itself down to the first sum. Where a line has no such rule, the chain rule is written over the elements of what
/// the line gave, with the local derivatives of the engine.
struct Backward {
  let why: Why

  /// A derivative turned into an expression.
  struct Law {
    /// `Xᵀ @ δ`
    var text: String
    /// What the placeholders in it are.
    var locals: [String: Known]
    /// The lines it came through.
    var lines: [String]
    var origin: Origin
    var isProduct: Bool
    var card = ""
    var remarkFunction: (name: String, operand: String)?
    var definitions: [String] = []
  }

  var interpreter: Interpreter { why.interpreter }
  var style: Style { why.style }

  func answer(_ value: Expression, _ variable: Expression, _ question: Why.Question) throws -> Document {
    guard let yName = value.rootName, let xName = variable.rootName else {
      throw Diagnostic("E0811", "∂ stands before names")
    }
    let (whole, isStep) = try derivative(question, variable)
    let type = interpreter.elementType
    guard let tensor = whole.numbers(type) else {
      throw Diagnostic("E0811", "\(question.subject) is \(whole.article): ask for one weight of it")
    }
    let places = isStep ? Array(question.places.dropFirst()) : question.places
    if places.count < tensor.rank, let part = tensor.part(at: places) {
      return try WholeAnswer(why: why).element(question, nil, part)
    }
    guard tensor.rank == places.count else {
      let rest = Array(repeating: Coordinate(0), count: max(0, tensor.rank - question.places.count))
      throw Diagnostic(
        "E0812", "\(Printer().text(question.base)) : \(tensor.shape) has an index for each axis",
        suggestions: [
          .init(
            .try, ":why \(Printer().text(question.base))\((question.places.prefix(tensor.rank) + rest).map { $0 }.text)"
          )
        ])
    }
    let result = try Elements.number(in: whole, places.numbers ?? [], question.subject, type)
    guard let ancestry = interpreter.ancestry(of: yName), let x = version(xName, in: ancestry) else {
      return try number(question, result, nil)
    }
    let difference = self.difference(ancestry, x, variable, question.places, of: value)
    if variable.name != nil, value.name != nil, isSequence(x),
      let document = try sequence(x, ancestry, yName, question, result, difference)
    {
      return document
    }
    if variable.name != nil, value.name != nil, let law = try law(x, ancestry, yName, depth: 0),
      let document = try document(law, question, result, difference, ancestry)
    {
      return document
    }
    if variable.name != nil, value.name != nil,
      let document = try recurrence(x, ancestry, yName, question, result, difference)
    {
      return document
    }
    if variable.name != nil, value.name != nil, !isSequence(x),
      let document = try sequence(x, ancestry, yName, question, result, difference)
    {
      return document
    }
    if value.name != nil,
      let document = try layers(x, variable, ancestry, question, result, difference)
    {
      return document
    }
    if value.name != nil, let document = try derived(x, variable, ancestry, yName, question, result, difference) {
      return document
    }
    if value.name == nil, let document = try local(value, variable, question, result) { return document }
    if value.name != nil, let document = try chain(x, variable, ancestry, yName, question, result, difference) {
      return document
    }
    return try number(question, result, difference)
  }

  // MARK: Through a network

  /// A weight of a network, or what a network was given, by the laws of its layers.
  private func layers(
    _ x: Version, _ variable: Expression, _ ancestry: Ancestry, _ question: Why.Question, _ result: Double,
    _ difference: CentralDifference?
  ) throws -> Document? {
    guard let use = NetworkUse.find(x, ancestry, interpreter), let trace = try NetworkTrace(use) else { return nil }
    let chain = LayerChain(trace: trace, interpreter: interpreter)
    let isWeight = use.name == x.name
    let law = try isWeight ? chain.law(of: Printer().text(variable)) : chain.inputLaw()
    guard isWeight || use.argument.name != nil, let law else { return nil }
    let answer = LetterAnswer(why: why, difference: difference, meaning: { self.meaning(question, $0) })
    return try answer.document(question, law, result)
  }

  /// The derivative as the engine takes it: of a sequence by the one step that is asked for.
  private func derivative(_ question: Why.Question, _ variable: Expression) throws -> (value: Value, isStep: Bool) {
    guard let name = variable.name?.text, let version = interpreter.version(of: name), isSequence(version),
      let step = question.places.first?.number
    else { return (try why.value(of: question), false) }
    return (try interpreter.value(of: "\(Printer().text(question.base))[\(step)]"), true)
  }

  private func version(_ name: String, in ancestry: Ancestry) -> Version? {
    let now = interpreter.version(of: name)
    if now === ancestry.root { return now }
    // What the equations of a loop bind, nobody else needs to read.
    if let now, isSequence(now), ancestry.origins.contains(where: { $0 === now.origin }) { return now }
    for origin in ancestry.origins {
      if let found = Ancestry.inputs(of: origin).first(where: { $0 === now }) { return found }
    }
    return nil
  }

  // MARK: The answer

  private func document(
    _ law: Law, _ question: Why.Question, _ result: Double, _ difference: CentralDifference?, _ ancestry: Ancestry
  ) throws -> Document? {
    var law = law
    var places = question.places
    var letters: [String: Coordinate] = [:]
    var lettersOfLaw = Array(["i", "j", "l", "m"].prefix(places.count))
    if law.text.hasPrefix("["), let close = law.text.firstIndex(of: "]") {
      lettersOfLaw = law.text[law.text.index(after: law.text.startIndex)..<close].split(separator: ",").map(String.init)
      guard lettersOfLaw.count == places.count else { return nil }
      law.text = String(law.text[law.text.index(after: close)...].drop { $0 == " " })
      for (letter, place) in zip(lettersOfLaw, places) { letters[letter] = place }
      places = []
    }
    // One factor that comes from behind is a letter of its own.
    var definition = law.definitions.joined(separator: ",  ")
    if !law.definitions.isEmpty {
      why.memory.replace(law.locals.filter { !$0.key.hasPrefix("G") }, interpreter)
    }
    if law.isProduct, law.definitions.isEmpty, law.locals.count == 1, let (name, known) = law.locals.first {
      let letter = Known("δ", nil, known.how)
      letter.isLetter = true
      definition = "δ = \(known.label)"
      law.locals[name] = letter
      why.memory.replace(["δ": letter], interpreter)
    }
    let source = SourceText(law.text)
    guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else { return nil }
    let base = Meanings(interpreter, source, origin: law.origin, locals: law.locals)
    let around = letters.isEmpty ? base : base.with(letters: letters)
    let reads = Elements.Reads()
    let elements = Elements(reads)
    guard let at = letters.isEmpty ? try? elements.fit(places, expression, around) : [],
      let calculation = try? elements.element(expression, at, around),
      calculation.agrees(result, interpreter.elementType)
    else { return nil }
    let base0 = Printer().text(question.base)
    let lines = law.lines.joined(separator: ", ")
    var document = Document()
    var line: String
    if law.isProduct {
      let symbols = lettersOfLaw.map { Coordinate(letter: $0) }
      let general =
        letters.isEmpty
        ? try elements.taking(lettersOfLaw).element(expression, elements.fit(symbols, expression, around), around)
        : try elements.element(
          expression, [], base.with(letters: Dictionary(uniqueKeysWithValues: zip(lettersOfLaw, symbols))))
      line = "  \(base0)\(symbols.text) = \(general.text())"
    } else {
      var text = law.text
      for (name, known) in law.locals where known.isLetter { text = text.replacingWord(name, with: known.label) }
      line = "  \(base0) = \(text.replacingAll(" * ", with: " ⊙ "))"
    }
    line = line.shown(style)
    let from = ("from \(lines)" + (law.card.isEmpty ? "" : " · \(law.card)")).shown(style)
    let both = (definition.isEmpty ? from : "\(definition.shown(style))      \(from)")
    if line.displayWidth + 4 + both.displayWidth <= style.width {
      document.append(Line(line, .dim, margin: both))
    } else if !definition.isEmpty, line.displayWidth + 5 + definition.displayWidth <= style.width {
      document.append(Line(line + "     " + definition.shown(style), .dim))
    } else {
      document.append(Line(line, .dim))
      let isLong = 2 + definition.displayWidth > style.width
      if isLong { document.append(contentsOf: why.standings(law.definitions)) }
      document.append(
        Line(
          definition.isEmpty || isLong ? "" : "  " + definition.shown(style),
          margin: from.cut(to: style.width - 4, style: style)))
    }
    if !reads.standings.isEmpty { document.append(contentsOf: why.standings(reads.standings)) }
    document.append(Line())
    let path = Why.Path(
      steps: [], rungs: [calculation.text()], calculation: calculation, reads: reads)
    let room = style.width - 4 - question.subject.shown(style).displayWidth - 5
    let isLong = calculation.longSeries(room: room, style) != nil
    if isLong {
      var long = why.calculation(question, path)
      // The law in letters says what the first line of the column would.
      if case .series = calculation, long.lines.count > 2 { long.lines.removeFirst(2) }
      document.append(long)
      if let difference { document.append(Line("", margin: LetterAnswer.check(result, difference, why))) }
      return document
    }
    let ladder = calculation.ladder(question.subject, style)
    document.append(contentsOf: checked(ladder, difference, result))
    document.append(Line())
    if let remark = remark(law, question, result, calculation) { document.append("  \(remark)") }
    let next = law.definitions.isEmpty ? law.isProduct ? next(reads, calculation) : [] : why.offers(reads)
    if !next.isEmpty {
      document.append("  \("next", .hint)  \(next.map { ":why \($0)" }.joined(separator: "   "), .name)")
    }
    if document.lines.last?.spans.isEmpty == true { document.lines.removeLast() }
    return document
  }

  private func remark(_ law: Law, _ question: Why.Question, _ result: Double, _ calculation: Calculation) -> String? {
    if let (name, operand) = law.remarkFunction, !law.isProduct, name == "relu",
      case .expression(let expression)? = Parser.parse(SourceText(operand)).statements.first?.kind,
      let x = expression.name?.text,
      let version = law.origin.version(of: x), let tensor = version.value.numbers(interpreter.elementType),
      tensor.rank == question.places.count, let places = question.places.numbers
    {
      guard let own = try? Elements.number(in: version.value, places, x, interpreter.elementType) else { return nil }
      let text = "\(x)\(question.places.text) = \(style.number(own))"
      if own <= 0 { return "0 since \(text) ≤ 0: nothing passes" }
      // Another number of the same row that passes nothing.
      for place in 0..<(tensor.shape.dimensions.last ?? 0) {
        var other = places
        other[other.count - 1] = place
        guard let number = try? Elements.number(in: version.value, other, x, interpreter.elementType), number <= 0
        else { continue }
        return
          "1 since \(text) > 0; at \(x)\(other.map { Coordinate($0) }.text) = \(style.number(number)) relu' is 0 and nothing passes"
      }
      return "1 since \(text) > 0"
    }
    return law.isProduct ? meaning(question, result) : nil
  }

  /// What the number says: `raise W[0,2] by 0.001 and L rises by about 0.00203`.
  func meaning(_ question: Why.Question, _ result: Double) -> String? {
    guard case .partial(let y, let x) = question.base.kind else { return nil }
    return Self.meaning(Printer().text(x) + question.places.text, Printer().text(y), result)
  }

  static func meaning(_ below: String, _ above: String, _ result: Double) -> String {
    let change = NumberFormat(digits: 3).text(result.magnitude * 0.001)
    return result == 0
      ? "\(below) may change a little and \(above) stays as it is"
      : "raise \(below) by 0.001 and \(above) \(result > 0 ? "rises" : "falls") by about \(change)"
  }

  private func next(_ reads: Elements.Reads, _ calculation: Calculation) -> [String] {
    for read in reads.all {
      guard read.known.isLetter, case .expression(let expression, _) = read.known.how, expression.isPartial else {
        continue
      }
      let label = Printer().text(expression)
      return [label + (read.at.count == reads.all.first?.at.count ? read.at : read.at).text]
    }
    return []
  }

  // MARK: The number

  /// The derivative as a number, with its check.
  private func number(_ question: Why.Question, _ result: Double, _ difference: CentralDifference?) throws -> Document {
    let ladder = Ladder(Line(question.subject, .name), [Ladder.Rung(Line(style.number(result), .result))])
    return Document(checked(ladder, difference, result))
  }

  func checked(_ ladder: Ladder, _ difference: CentralDifference?, _ result: Double) -> [Line] {
    LetterAnswer.document(ladder, difference.map { LetterAnswer.check(result, $0, why) }, style)
  }

  /// `(L(x + s) - L(x - s)) / 2s`, the lines run again.
  private func difference(
    _ ancestry: Ancestry, _ x: Version, _ variable: Expression, _ places: [Coordinate], of value: Expression
  )
    -> CentralDifference?
  {
    guard let numbers = places.numbers, value.name != nil else { return nil }
    if case .sequence(let sequence) = x.value, let step = numbers.first, let value = sequence[step] {
      guard let tensor = value.numbers(.float64) else { return nil }
      return CentralDifference(of: tensor, at: Array(numbers.dropFirst())) { moved in
        try? interpreter.rerun(ancestry, changing: x, at: step, to: Value(moved)).numbers(.float64)
      }
    }
    let leaves = x.value.tensors
    guard !leaves.isEmpty else { return nil }
    var index = 0
    switch x.value {
    case .network(let network):
      let text = Printer().text(variable)
      let names = network.network.parameters.map { x.name + $0.name }
      // A network or a body of one layer goes without its number.
      func short(_ path: String) -> String {
        path.replacingAll("\(x.name)[0].", with: "\(network.network.count == 1 ? x.name : x.name + "[0]").")
          .replacingAll("body[0].", with: "body.").replacingAll("shortcut[0].", with: "shortcut.")
      }
      guard
        let found = names.firstIndex(of: text) ?? names.firstIndex(where: { short($0) == short(text) })
      else { return nil }
      index = found
    case .number, .tensor: guard variable.name != nil else { return nil }
    case .record:
      // The one part that has the numbers asked for.
      guard let part = try? interpreter.value(of: Printer().text(variable)).numbers(interpreter.elementType) else {
        return nil
      }
      let own = leaves.indices.filter { leaves[$0].shape == part.shape && leaves[$0].elements == part.elements }
      guard own.count == 1 else { return nil }
      index = own[0]
    default: return nil
    }
    return CentralDifference(of: leaves[index], at: numbers) { moved in
      // The other weights follow, so that all behind them is computed as precisely.
      var changed = leaves.map { $0.cast(to: moved.elementType) }
      changed[index] = moved
      let run = try? interpreter.rerun(ancestry, changing: [(x, x.value.replacing(changed))])
      return run?[ancestry.root].numbers(.float64)
    }
  }
}
