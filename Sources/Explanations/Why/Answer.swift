import Display
import Language
import Networks
import Tensors

/// The letters that answers brought in, so that they can be asked for until the next answer brings others.
///
/// A name that a line binds afterwards is the line's again.
package final class AnswerLetters {
  private var letters: [String: Known] = [:]
  /// What the session had bound by the same names when the answer was given.
  private var versions: [String: ObjectIdentifier] = [:]
  package init() {}

  /// The letters that still mean what the answer said.
  func known(_ interpreter: Interpreter) -> [String: Known] {
    letters.filter { name, _ in interpreter.version(of: name).map { ObjectIdentifier($0) } == versions[name] }
  }

  func add(_ letter: Known, _ interpreter: Interpreter) {
    letters[letter.label] = letter
    versions[letter.label] = interpreter.version(of: letter.label).map { ObjectIdentifier($0) }
  }

  func replace(_ new: [String: Known], _ interpreter: Interpreter) {
    letters = new
    versions = new.reduce(into: [:]) { found, letter in
      found[letter.key] = interpreter.version(of: letter.key).map { ObjectIdentifier($0) }
    }
  }
}

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
/// | `Elements`, `Elements+Calls` | an expression at one element, as a `Calculation` |
/// | `Derivation` | the line, loop or definition behind an element of a name |
/// | `Meanings` | what the names in a text mean, then and there |
/// | `Answer` | the answer put together |
/// | `Backward` | laws of derivatives: another expression, explained the same way |
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
      if question.base.rootName != nil, let numbers = question.places.numbers,
        letters[question.base.name?.text ?? ""] == nil,
        let ladder = OptimizerLadder(Printer().text(question.base), numbers, interpreter)
      {
        return ladder.document()
      }
      if let name = question.base.name?.text, let letter = letters[name],
        case .expression(let meant, _) = letter.how, case .partial = meant.kind
      {
        return try answer(Printer().text(meant) + question.places.text)
      }
      if let step = try optimizerStep(question) { return step }
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

  // MARK: The question

  private func question(_ argument: String) throws -> Question {
    var text = argument
    var (depth, isWhole) = (1, false)
    while let space = text.lastIndex(of: " ") {
      let word = text[text.index(after: space)...]
      let before = String(text[..<space]).spaceless
      // A number behind an expression that is complete is how deep to go.
      if word == "all", Self.parsed(before) != nil {
        (text, isWhole) = (before, true)
      } else if let number = Int(word), (1...9).contains(number), Self.parsed(before) != nil {
        (text, depth) = (before, number)
      } else {
        break
      }
    }
    guard !text.spaceless.isEmpty else {
      throw Diagnostic("E0804", ":why wants a value", suggestions: [.init(.try, ":why (A @ A)[0,1]")])
    }
    let source = SourceText(text)
    let program = Parser.parse(source)
    if let diagnostic = program.diagnostics.first { throw diagnostic.withoutPlaces }
    guard program.statements.count == 1, case .expression(let expression) = program.statements[0].kind else {
      throw Diagnostic(
        "E0804", ":why wants a value, \(text) is a statement",
        suggestions: program.statements.first.flatMap { $0.boundText }.map { [.init(.try, ":why \($0)")] } ?? [])
    }
    let letters = letters
    for name in expression.unboundNames where letters[name] == nil && interpreter.value(named: name) == nil {
      let near = Spelling.nearest(to: name, in: interpreter.names.map(\.name) + letters.keys)
      throw Diagnostic("E0101", "no name \(name)", suggestions: near.map { [.init(.try, ":why \($0)")] } ?? [])
    }
    let (base, places) = try split(expression, source)
    let name = Printer().text(base)
    let subject = places.isEmpty ? name : (base.isPathText ? name : base.isPartial ? name : "(\(name))") + places.text
    if subject.displayWidth > (base.isPathText ? 44 : 30), !base.isPartial {
      return Question(
        base: base, source: source, places: places, subject: "the value", depth: depth, isWhole: isWhole)
    }
    return Question(base: base, source: source, places: places, subject: subject, depth: depth, isWhole: isWhole)
  }

  static func parsed(_ text: String) -> Expression? {
    let program = Parser.parse(SourceText(text))
    guard program.diagnostics.isEmpty, !program.isIncomplete, program.statements.count == 1,
      case .expression(let expression) = program.statements[0].kind
    else { return nil }
    return expression
  }

  /// The value and the indices behind it; `∂L/∂W[0,2]` is an element of `∂L/∂W`.
  private func split(_ expression: Expression, _ source: SourceText) throws -> (Expression, [Coordinate]) {
    if case .partial(let value, let variable) = expression.kind {
      let (inner, places) = try split(variable, source)
      return (Expression(.partial(value, by: inner), expression.range), places)
    }
    guard case .index(let base, let items) = expression.kind else { return (expression, []) }
    var places: [Coordinate] = []
    for item in items {
      guard case .value(let index) = item.kind else { return (expression, []) }
      guard let place = try place(index, axis: places.count, of: base, source) else { return (expression, []) }
      places.append(place)
    }
    if let value = try? surroundings(source).value(base) {
      switch value {
      case .network, .record, .list, .dataset: return (expression, [])
      default: break
      }
    }
    // net[0].W[1] is no element of a call; f(x)[0][1] is one of f(x).
    let (inner, before) = try split(base, source)
    if !before.isEmpty { return (inner, before + places) }
    return (base, places)
  }

  private func place(_ index: Expression, axis: Int, of base: Expression, _ source: SourceText) throws -> Coordinate? {
    var index = index
    if index.hasEnd {
      let extents = try Elements().extents(base, surroundings(source))
      guard axis < extents.count else { return nil }
      index = index.replacing { if case .end = $0.kind { .number(Double(extents[axis] - 1)) } else { nil } }
      index = index.at(SourceRange(-9 - axis, -9 - axis))
    }
    switch index.kind {
    case .number(let number): return Int(exactly: number).map { Coordinate($0) }
    case .negate(let inner):
      if case .number(let number) = inner.kind { return Int(exactly: -number).map { Coordinate($0) } }
    default: break
    }
    guard case .number(let number)? = try? surroundings(source).value(index) else { return nil }
    return Int(exactly: number).map { Coordinate($0) }
  }

  private var letters: [String: Known] { memory.known(interpreter) }
  func isLetter(_ name: String) -> Bool { letters[name] != nil }

  /// The names as they are now, and the letters of the last answer; a derivative is of names alone.
  func surroundings(_ source: SourceText) -> Meanings {
    // A name that the session has bound means that, except where a letter itself is asked for.
    Meanings(interpreter, source, locals: letters.filter { interpreter.version(of: $0.key) == nil })
  }

  func value(of question: Question) throws(Diagnostic) -> Value {
    if question.base.isPartial { return try interpreter.value(of: question.base, in: question.source) }
    if let name = question.base.name?.text, let letter = letters[name] { return try letter.value() }
    return try surroundings(question.source).value(question.base)
  }

  /// The element exists.
  private func checked(_ question: Question) throws -> Question {
    let value = try value(of: question)
    if case .sequence = value {
    } else if value.numbers(interpreter.elementType) == nil {
      throw Diagnostic(
        "E0811", "\(question.subject) is \(value.article), and :why is about numbers",
        suggestions: value.fieldNames.first.map { [.init(.try, ":why \(question.subject).\($0)")] } ?? [])
    }
    guard !question.places.isEmpty else { return question }
    let name = Printer().text(question.base)
    do {
      _ = try Elements.number(in: value, question.places.numbers ?? [], question.subject, interpreter.elementType)
    } catch {
      guard case .sequence = value else {
        let shape = value.numbers(interpreter.elementType)?.shape.dimensions ?? []
        if question.places.count < shape.count {
          let rest = Array(repeating: Coordinate(0), count: shape.count - question.places.count)
          throw Diagnostic(
            "E0812", "\(name) : \(Shape(shape)) has an index for each of its \(shape.count) axes",
            suggestions: [.init(.try, ":why \(name)\((question.places + rest).text)")])
        }
        var near = zip(question.places, shape).map { Coordinate(min(max(0, $0.number ?? 0), max(0, $1 - 1))) }
        if shape.contains(0) { near = [] }
        throw Diagnostic(
          "E0812", "\(question.subject) is outside: \(name) has shape \(Shape(shape))",
          suggestions: near.isEmpty ? [] : [.init(.try, ":why \(name)\(near.text)")])
      }
      throw error
    }
    return question
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
    if let weight = weight(question, path) { return try plain(question, weight) }
    let isInlined = question.depth > 1 && inline(question.depth - 1, into: &path)
    let value = try Elements.number(
      in: self.value(of: question), question.places.numbers ?? [], question.subject, interpreter.elementType)
    if case .law(let make) = known.how, let law = try make(),
      let document = try LetterAnswer(why: self).document(question, law, value)
    {
      return document
    }
    if !isInlined, let special = try Special(why: self).document(question, path, value) { return special }
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
    for read in path.reads.all where read.known.isLetter { memory.add(read.known, interpreter) }
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

  func remember(_ letters: [(name: String, text: String, known: Known)]) {
    guard !letters.isEmpty else { return }
    memory.replace(Dictionary(letters.map { ($0.name, $0.known) }) { $1 }, interpreter)
  }

  /// `  h = relu(z),  z = X @ W + b                      your line 5`
  func law(_ question: Question, _ path: Path) -> Line? {
    var parts = path.steps.map(\.law).filter { !$0.isEmpty }
    var margin = path.steps.first?.line.map { "your line \($0)" } ?? ""
    if let title = LSTMGate(path.steps.first)?.title { margin = title.padded(to: 20) + margin }
    let fromFunction = path.reads.functions.map(\.text)
    if parts.isEmpty {
      guard let step = path.steps.first else { return nil }
      if let general = general(question, step) { return general }
      parts = fromFunction
      if let line = path.reads.functions.first?.line, !parts.isEmpty { margin = "your line \(line)" }
    } else {
      parts += fromFunction
    }
    if let law = path.reads.laws.first { parts.append(law) }
    if let card = path.reads.margins.first { margin = margin.isEmpty ? card : margin + " · " + card }
    if parts.isEmpty { return margin.isEmpty ? nil : Line("  \(question.subject)", .dim, margin: margin) }
    var text = "  " + parts.joined(separator: ",  ")
    let room = style.width - 4 - margin.displayWidth
    if text.displayWidth > room { text = text.cut(to: room, style: style) }
    return Line(text, .dim, margin: margin)
  }

  /// The law of a matrix product that was typed, in letters.
  private func general(_ question: Question, _ step: Derivation) -> Line? {
    guard case .binary(let op, _, _) = step.expression.kind, op.kind == .matrixProduct, !step.at.isEmpty else {
      return nil
    }
    let letters = ["i", "j", "l", "m"].suffix(4).prefix(step.at.count).map { Coordinate(letter: $0) }
    let elements = Elements().taking(letters.map(\.text))
    guard let calculation = try? elements.element(step.expression, Array(letters), step.around) else { return nil }
    let name = Printer().text(question.base)
    return Line(
      "  \(question.base.isPathText ? name : "(\(name))")\(Array(letters).text) = \(calculation.text())", .dim,
      margin: "matrix product")
  }

  func standings(_ texts: [String]) -> [Line] {
    var lines: [String] = []
    var line = "  where "
    for (index, text) in texts.enumerated() {
      let piece = (index == 0 ? "" : ", ") + text
      if line.displayWidth + piece.displayWidth > style.width - 2, index > 0 {
        lines.append(line + ",")
        line = "        " + text
      } else {
        line += piece
      }
    }
    lines.append(line)
    return lines.map { Line($0, .dim) }
  }

  // MARK: The rungs

  /// The ladder, with a long sum as a column.
  func calculation(_ question: Question, _ path: Path) -> Document {
    let subject = question.subject.shown(style)
    var rungs = path.rungs
    if rungs.count > 1, rungs[0] == path.steps.first?.law { rungs.removeFirst() }
    let column = style.width - 4 - subject.displayWidth - 5
    if let long = path.calculation.longSeries(room: column, style) {
      return columns(question, path, long)
    }
    var ladder = path.calculation.ladder(question.subject, style, law: rungs)
    if path.calculation.text().hasSuffix("√d"), path.steps.first?.around.source === path.steps.last?.around.source,
      question.base.name?.text == "S", let d = try? letters["d"]?.value(),
      case .number(let length) = d
    {
      ladder.rungs[0].remark = "d = \(style.number(length)), the length of a key"
      ladder.remarkColumn = 47
    }
    if let remark = remark(path) {
      let last = ladder.rungs.count - 1
      let place = remark.onTerms ? max(0, last - 1) : last
      ladder.rungs[place].remark = remark.text
      ladder.remarkColumn = remark.column
    }
    return ladder.document(style)
  }

  private func columns(_ question: Question, _ path: Path, _ series: Calculation.Series) -> Document {
    var rungs = path.rungs.map { Ladder.Rung(Line($0)) }
    if rungs.count > 2 { rungs.removeFirst(rungs.count - 2) }
    var document = Ladder(Line(question.subject, .name), rungs).document(style)
    document.append(Line())
    let text = question.subject + (question.isWhole ? "" : " all")
    // The total is the value where nothing but the sum stands there.
    var rest: [Calculation] = []
    var isAll = false
    switch path.calculation {
    case .series: isAll = true
    case .sum(let terms)
    where terms.count <= 4 && terms.contains(where: { if case .series = $0 { true } else { false } }):
      rest = terms.filter { if case .series = $0 { false } else { true } }
      isAll = true
    default: break
    }
    let table = TermTable(
      series: series, rest: rest, subject: isAll ? question.subject : "∑".shown(style), style: style,
      isWhole: question.isWhole)
    let hint =
      question.isWhole || series.count <= 5 || series.count > TermTable.mostTerms
      ? "" : "all \(NumberFormat.count(series.count)):  :why \(text)"
    document.append(table.document(hint: hint).document)
    if !isAll {
      let rungs = path.calculation.withSeriesAdded.rungs(style)
      document.append(Line())
      document.append(Ladder(Line(question.subject, .name), rungs).document(style))
    }
    return document
  }

  /// One remark on meaning.
  private func remark(_ path: Path) -> (text: String, column: Int?, onTerms: Bool)? {
    if let gate = LSTMGate(path.steps.first), let remark = gate.remark(path.calculation.value) {
      return (remark.text, remark.column, remark.onTerms)
    }
    if let remark = path.reads.remarks.first { return (remark, nil, false) }
    guard case .call(let name, let arguments, _) = path.calculation, arguments.count == 1 else { return nil }
    let inner = arguments[0].value
    if name == "relu" {
      let text = style.number(inner)
      return (inner > 0 ? "\(text) > 0, so relu keeps it" : "\(text) ≤ 0, so relu gives 0", 44, false)
    }
    return nil
  }

  /// What joined vectors are: `h[-1] ++ x[0] = [0.5, -0.25, 1]`.
  private func asides(_ path: Path) -> [Line] {
    var lines: [Line] = []
    for step in path.steps {
      step.expression.walk { part in
        guard case .binary(let op, let left, let right) = part.kind, op.kind == .join, lines.isEmpty else { return }
        guard let tensor = try? step.around.tensor(part), tensor.rank == 1, tensor.count <= 8 else { return }
        let label = step.around.text(part.substituting(step.around.letters))
        let family = NumberFamily(of: tensor.elements, format: NumberFormat(style))
        let numbers = tensor.elements.map { NumberFormat(style).text($0) }
        _ = family
        func names(_ side: Expression) -> [String] {
          let count = ((try? step.around.tensor(side))??.count) ?? 0
          let name: String
          switch side.kind {
          case .index(let base, _): name = step.around.text(base)
          default: name = step.around.text(side)
          }
          return count == 1 ? [name] : (0..<count).map { "unit \($0) of \(name)" }
        }
        let text =
          "  \(label) = [\(numbers.joined(separator: ", "))]      \((names(left) + names(right)).joined(separator: ", "))"
        if text.displayWidth <= style.width { lines.append(Line(text, .dim)) }
      }
    }
    return lines
  }

  /// What stands below the sum, as it can be asked for.
  func next(_ path: Path, _ question: Question) -> [String] {
    var seriesNames: [String] = []
    path.calculation.walk { part in
      if case .series(let series) = part, series.count > 0 {
        for place in [0] { series.term(place).walk { if case .read(let label, _) = $0 { seriesNames.append(label) } } }
      }
    }
    var found: [String] = []
    var seen: Set<String> = []
    // Where nothing is added up, what a function of the user bound on its way.
    for read in path.reads.all where seriesNames.isEmpty ? read.known.isLetter : seriesNames.contains(read.label) {
      guard seen.insert(read.known.label).inserted, found.count < 2 else { continue }
      guard isComputed(read.known, read.at) else { continue }
      found.append(read.known.label + read.at.text)
    }
    return found
  }

  func isComputed(_ known: Known, _ at: [Coordinate]) -> Bool {
    switch known.how {
    case .given, .builtin: return false
    case .law: return true
    case .expression(let expression, let around):
      switch expression.kind {
      case .number, .tensor: return false
      case .name(let name):
        guard let meant = around.known(name), meant !== known else { return true }
        return isComputed(meant, at)
      default: return true
      }
    case .version:
      let elements = Elements()
      guard let step = try? elements.derivation(known, at, interpreter) else { return false }
      return !step.calculation.isNumber && !elements.reads.all.isEmpty
    }
  }

  // MARK: What has no rungs

  /// The line that a weight of a network is from.
  private func weight(_ question: Question, _ path: Path) -> Given? {
    guard case .read = path.calculation, question.base.isPathText, let root = question.base.rootName,
      case .network? = interpreter.value(named: root), let version = interpreter.version(of: root),
      let origin = version.origin, !origin.isForgotten
    else { return nil }
    let line = origin.line(of: origin.statement.range)
    guard case .bind(_, let values, _) = origin.statement.kind, let value = values.last else {
      return .loaded(line: line, text: origin.text)
    }
    return .loaded(line: line, text: origin.source.text(value.range))
  }

  /// A value that was given.
  private func plain(_ question: Question, _ given: Given?) throws -> Document {
    let value = try Elements.number(
      in: value(of: question), question.places.numbers ?? [], question.subject, interpreter.elementType)
    let words: String
    switch given {
    case .typed(let line): words = "given in your line \(line)"
    case .drawn(let line, let text): words = "drawn by \(text) in your line \(line)"
    case .loaded(let line, let text): words = "from \(text.cut(to: 36, style: style)), your line \(line)"
    case .weight: words = "a weight: no line computed it"
    case .forgotten(let name):
      throw Diagnostic(
        "E0813", "what \(name) was computed from is no longer remembered",
        suggestions: [.init(.see, ":explain E0813", remark: "what is remembered")])
    case nil: words = "built in"
    }
    let line: Line = "  \(question.subject, .name) = \(style.number(value), .result)"
    return Document([line.with(margin: words)])
  }

  /// The calculation is not what the value was made by: its names have other values by now.
  private func stale(_ question: Question, _ path: Path, _ value: Double) throws -> Document {
    let line = path.steps.first?.line
    throw Diagnostic(
      "E0814", "\(question.subject) is \(style.number(value)), and its line as remembered no longer gives that",
      notes: [.init(line.map { "line \($0)" } ?? "law", path.steps.first?.law ?? "")])
  }
}

/// The four gates and two states of an LSTM written line by line, known by their names.
struct LSTMGate {
  let name: String
  private static let titles = [
    "f": "forget gate", "i": "input gate", "C̃": "candidate", "C": "new cell", "o": "output gate", "h": "new state",
  ]

  init?(_ step: Derivation?) {
    guard let step, let origin = step.origin, case .forLoop(_, _, let block) = origin.statement.kind,
      let statement = step.statement, case .bind(let targets, _, _) = statement.kind, targets.count == 1
    else { return nil }
    var names: Set<String> = []
    for statement in block.statements {
      if case .bind(let targets, _, _) = statement.kind { names.formUnion(targets.map(\.rootText)) }
    }
    guard Set(Self.titles.keys).isSubset(of: names) else { return nil }
    name = targets[0].rootText
  }

  var title: String? { Self.titles[name] }

  func remark(_ value: Double) -> (text: String, column: Int?, onTerms: Bool)? {
    let percent = Int((100 * value).rounded())
    return switch name {
    case "f": ("keeps \(percent) % of the old cell", 43, false)
    case "i": ("lets in \(percent) % of the candidate", 43, false)
    case "o": ("shows \(percent) % of the cell", 43, false)
    case "C": ("kept, plus newly written", 48, true)
    default: nil
    }
  }
}
