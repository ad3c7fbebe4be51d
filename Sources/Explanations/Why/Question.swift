import Display
import Language
import Tensors

/// What was asked, read from the text behind `:why`.
extension Why {
  func question(_ argument: String) throws -> Question {
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
    text = spelled(text)
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

  /// Letters of answers as they were printed in ASCII are the letters: `delta0` is `δ0`, where no name of the session is called so.
  private func spelled(_ text: String) -> String {
    var text = text
    let names = Set(letters.keys).union(interpreter.names.map(\.name))
    for letter in names.sorted() {
      let twin = letter.asciiTwin
      guard twin != letter, letters[twin] == nil, interpreter.value(named: twin) == nil else { continue }
      // A word before a colon names an argument.
      text = text.replacingWord(twin, with: letter).replacingAll("\(letter):", with: "\(twin):")
    }
    return text
  }

  static func parsed(_ text: String) -> Expression? {
    let program = Parser.parse(SourceText(text))
    guard program.diagnostics.isEmpty, !program.isIncomplete, program.statements.count == 1,
      case .expression(let expression) = program.statements[0].kind
    else { return nil }
    return expression
  }

  /// A text that a law says, as an expression.
  static func expression(_ text: String) throws(Diagnostic) -> Expression {
    guard let expression = parsed(text) else { throw Diagnostic("E0814", "\(text) is no expression") }
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

  var letters: [String: Known] { memory.known(interpreter) }
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

  /// What `h[2]` is where it is no number: a part of a tensor or of a sequence.
  func part(_ question: Question) throws -> Tensor? {
    let value = try value(of: question)
    if case .sequence(let sequence) = value {
      guard let step = question.places.first?.number, let own = sequence[step]?.numbers(interpreter.elementType) else {
        return nil
      }
      let rest = Array(question.places.dropFirst())
      return rest.count < own.rank ? own.part(at: rest) : nil
    }
    guard let tensor = value.numbers(interpreter.elementType), question.places.count < tensor.rank else { return nil }
    return tensor.part(at: question.places)
  }

  /// The element exists.
  func checked(_ question: Question) throws -> Question {
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
}
