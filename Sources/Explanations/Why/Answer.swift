import Display
import Language
import Networks
import Tensors

/// The answer to `:why EXPR [N] [all]`.
///
/// # Where a number comes from
///
/// Every value of a session was given, or computed by a line. `:why` finds the line (or the definition of the built-in, or the layer),
/// puts the indices of the element in, goes through steps that change each number by itself down to the first sum, product or given
/// value, and shows the law, the law at this element, and then numbers only, a rung at a time, each true as printed.
///
/// | file | what |
/// |---|---|
/// | `Question` | what was asked |
/// | `Elements` and its aspects | an expression at one element, as a `Calculation` |
/// | `Derivation` | the line, loop or definition behind an element of a name |
/// | `Meanings` | what the names in a text mean, then and there |
/// | `Answer` and its aspects | the answer put together: law, rungs, what is next |
/// | `Special`, `WindowAnswer`, `WholeAnswer`, `IdentityAnswer` | answers that are drawn |
/// | `Backward` and its aspects | laws of derivatives: another expression, explained the same way |
/// | `NetworkUse`, `NetworkTrace`, `LayerChain` | the way back through a network, layer by layer |
/// | `LetterLaw`, `LetterAnswer` | numbers that have no line: their laws in letters, in `Laws` for each layer |
package struct Why {
  let interpreter: Interpreter
  let style: Style
  let memory: AnswerLetters

  package init(_ interpreter: Interpreter, _ style: Style, _ memory: AnswerLetters) {
    (self.interpreter, self.style, self.memory) = (interpreter, style, memory)
  }

  /// What is asked.
  struct Question {
    /// What is asked for, without the indices of an element.
    let base: Expression
    let source: SourceText
    let places: [Coordinate]
    /// As it was asked: `h[0,2]`.
    let subject: String
    var depth = 1
    var isWhole = false
  }

  /// - Throws: what is wrong with the question.
  package func answer(_ argument: String) throws(Diagnostic) -> Document {
    try found(argument).fitting(style)
  }

  private func found(_ argument: String) throws(Diagnostic) -> Document {
    do {
      var question = try question(argument)
      let letters = letters
      if let name = question.base.name?.text, let letter = letters[name],
        case .expression(let meant, _) = letter.how, case .partial = meant.kind
      {
        return try answer(Printer().text(meant) + question.places.text)
      }
      if !isLetter(question.base.name?.text ?? ""), let step = try optimizerStep(question) { return step }
      if let gradient = try GradientRecord(why: self).answer(question) { return gradient }
      if case .partial(let value, let variable) = question.base.kind {
        return try Backward(why: self).answer(value, variable, question)
      }
      if question.places.isEmpty, let value = try? value(of: question),
        let shape = value.numbers(interpreter.elementType)?.shape,
        shape.count > 1 || shape.rank > 0
      {
        return try WholeAnswer(why: self).document(question, shape.dimensions)
      }
      if !question.places.isEmpty, let part = try part(question) {
        return try WholeAnswer(why: self).element(question, nil, part)
      }
      question = try checked(question)
      return try element(question)
    } catch let problem as Diagnostic {
      throw problem
    } catch {
      throw Diagnostic("E0814", "\(error)")
    }
  }

  /// A number that an optimiser made is worked out by its rule, a whole parameter as `:optim` shows it; nil for anything else.
  private func optimizerStep(_ question: Question) throws(Diagnostic) -> Document? {
    guard question.base.isPathText, let indices = question.places.numbers else { return nil }
    var path = Printer().text(question.base)
    // The weights of a network of one layer go by both names.
    if let root = question.base.rootName, case .network(let network)? = interpreter.value(named: root),
      network.network.count == 1, path.dropFirst(root.count).first == "."
    {
      path = root + "[0]" + path.dropFirst(root.count)
    }
    if let ladder = OptimizerLadder(path, indices, interpreter) { return ladder.document() }
    guard indices.isEmpty, let (record, parameter) = OptimizerQuestion.find(path, interpreter),
      record.parameterNames[parameter] == path
    else { return nil }
    return try OptimizerQuestion.answer(path, interpreter)
  }

  // MARK: One element

  /// What an element is made of, followed through steps that change each number by itself.
  struct Path {
    var steps: [Derivation] = []
    /// The law at this element, step by step deeper: `relu(z[0,2])`, `relu(∑[k] …)`.
    var rungs: [String] = []
    var calculation: Calculation
    var reads: Elements.Reads
    /// What the last step was read from.
    var given: Given?
  }

  func path(_ known: Known, _ places: [Coordinate]) throws -> Path? {
    let reads = Elements.Reads()
    let elements = Elements(reads)
    guard let first = try elements.derivation(known, places, interpreter) else {
      return elements.given(known, places).map {
        Path(calculation: .read(known.label + places.text, .nan), reads: reads, given: $0)
      }
    }
    var path = Path(
      steps: [first], rungs: [first.calculation.text()], calculation: first.calculation, reads: reads)
    while path.steps.count < 8, let label = path.calculation.onlyRead,
      let next = reads.all.first(where: { $0.label == label }), !next.known.isLetter
    {
      let inner = Elements.Reads()
      guard let step = try? Elements(inner).derivation(next.known, next.at, interpreter) else { break }
      guard step.calculation.text() != label else { break }
      path.calculation = path.calculation.replacing(read: label, with: step.calculation)
      path.steps.append(step)
      path.rungs.append(path.calculation.text())
      reads.descend(inner)
    }
    return path
  }

  func known(_ question: Question) -> Known {
    if case .name(let name) = question.base.kind {
      if let letter = letters[name] { return letter }
      if let version = interpreter.version(of: name) { return Known(name, version.value, .version(version)) }
    }
    let text = Printer().text(question.base)
    return Known(
      question.base.isPathText ? text : "(\(text))", nil, .expression(question.base, surroundings(question.source)))
  }

  private func element(_ question: Question) throws -> Document {
    let known = known(question)
    guard var path = try path(known, question.places) else { return try plain(question, nil) }
    if let given = path.given { return try plain(question, given) }
    if path.steps.count == 1, let step = path.steps.first, step.expression.isTypedNumber {
      if let line = step.line { return try plain(question, .typed(line: line)) }
      let line: Line = "  \(question.subject, .name) = \(style.number(path.calculation.value), .result)"
      return Document([line.with(margin: "given where it is bound first")])
    }
    if let weight = weight(question, path) { return try plain(question, weight) }
    let isInlined = question.depth > 1 && inline(question.depth - 1, into: &path)
    let value = try Elements.number(
      in: self.value(of: question), question.places.numbers ?? [], question.subject, interpreter.elementType)
    if case .law(let make) = known.how, let law = try make(),
      let document = try LetterAnswer(why: self).document(question, law, value)
    {
      return document
    }
    if !isInlined, let special = try Special(why: self).document(question, path, value) {
      remember(path.reads)
      return special
    }
    guard path.calculation.agrees(value, interpreter.elementType) else { return try stale(question, path, value) }
    var document = Document()
    if let law = law(question, path) {
      document.append(law)
      if !path.reads.standings.isEmpty { document.append(contentsOf: standings(path.reads.standings)) }
      document.append(Line())
    } else if !path.reads.standings.isEmpty {
      document.append(contentsOf: standings(path.reads.standings))
      document.append(Line())
    }
    document.append(calculation(question, path))
    let asides = asides(path)
    if !asides.isEmpty {
      document.append(Line())
      document.append(contentsOf: asides)
    }
    remember(path.reads.letters)
    // A name that a loop binds again and again is what this answer read of it.
    remember(path.reads)
    let next = path.reads.laws.isEmpty ? next(path, question) : offers(path.reads)
    if question.depth > 1, !isInlined, let first = next.first,
      let deeper = try? answer("\(first) \(question.depth - 1)")
    {
      document.append(Line())
      document.append(deeper)
    } else if !next.isEmpty {
      if asides.isEmpty { document.append(Line()) }
      document.append("  \("next", .hint)  \(next.map { ":why \($0)" }.joined(separator: "   "), .name)")
    }
    return document
  }

  func remember(_ reads: Elements.Reads) {
    for read in reads.all where read.known.isLetter || isUnbound(read.known.label) {
      // Another word for a letter is no letter of its own.
      if case .expression(let meant, _) = read.known.how, meant.name?.text == read.known.label { continue }
      memory.add(read.known, interpreter)
    }
  }

  /// Whether it is one word that the session has not bound: a letter of a definition.
  private func isUnbound(_ label: String) -> Bool {
    !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } && label.first?.isLetter == true
      && interpreter.value(named: label) == nil
  }

  func remember(_ letters: [(name: String, text: String, known: Known)]) {
    guard !letters.isEmpty else { return }
    memory.replace(Dictionary(letters.map { ($0.name, $0.known) }) { $1 }, interpreter)
  }
}
