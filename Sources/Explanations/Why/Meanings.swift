import Language
import Tensors

/// What the names of a text mean where an explanation meets it: a remembered line, the body of a function, the definition of a built-in.
final class Meanings {
  let interpreter: Interpreter
  let source: SourceText
  /// The remembered statement whose names are meant; nil for the names as they are now.
  let origin: Origin?
  /// Names bound nearer: letters, parameters, what a block binds.
  var locals: [String: Known]
  /// Index letters in sight.
  var letters: [String: Coordinate] = [:]
  /// The ranges of the index letters of sums, by where the text introduces them.
  var ranges: [Int: Range<Int>] = [:]
  /// The letter that sums in it take first.
  var preferredLetter: String?
  private var values: [SourceRange: Value] = [:]

  init(_ interpreter: Interpreter, _ source: SourceText, origin: Origin? = nil, locals: [String: Known] = [:]) {
    self.interpreter = interpreter
    self.source = source
    self.origin = origin
    self.locals = locals
  }

  /// The same text with some letters standing for places.
  func with(letters more: [String: Coordinate]) -> Meanings {
    let inner = Meanings(interpreter, source, origin: origin, locals: locals)
    inner.letters = letters.merging(more) { $1 }
    inner.ranges = ranges
    inner.preferredLetter = preferredLetter
    if letters.isEmpty { inner.shared = self } else { inner.shared = shared }
    return inner
  }

  /// Where values of parts without letters are kept.
  private var shared: Meanings?

  /// What a name means; nil if it is bound to nothing.
  func known(_ name: String) -> Known? {
    if let local = locals[name] { return local }
    if let origin, let version = origin.version(of: name) { return Known(name, version.value, .version(version)) }
    if let version = interpreter.version(of: name) { return Known(name, version.value, .version(version)) }
    return interpreter.value(named: name).map { Known(name, $0, .builtin) }
  }

  /// What a part of the text gives, computed once.
  func value(_ expression: Expression) throws(Diagnostic) -> Value {
    let varies = !letters.isEmpty && expression.uses(letters)
    if !varies, let shared { return try shared.value(expression) }
    if !varies, let value = values[expression.range] { return value }
    if case .name(let name) = expression.kind, letters[name] == nil, let known = known(name) {
      return try known.value()
    }
    var names: [(name: String, value: Value)] = []
    for (name, known) in locals where letters[name] == nil && expression.mentions(name) {
      names.append((name, try known.value()))
    }
    for (name, place) in letters where expression.mentions(name) {
      guard let number = place.number else { throw Diagnostic("E0810", "\(place.text) is a letter, not yet a number") }
      names.append((name, .number(Double(number))))
    }
    let value = try interpreter.value(of: expression, in: source, where: names, within: origin)
    if !varies { values[expression.range] = value }
    return value
  }

  /// The numbers that a part gives; nil if it is none.
  func tensor(_ expression: Expression) throws(Diagnostic) -> Tensor? {
    try value(expression).numbers(interpreter.elementType)
  }

  func text(_ expression: Expression) -> String { Printer().text(expression) }
}

/// What a name is known to be.
final class Known {
  /// How it is written in answers.
  let label: String
  let how: How
  /// How it is typed to be asked for, where that is not its label: a layer's input `x` is `net[0](X)`.
  let asked: String
  /// Whether it is a letter that an answer brings in, and says what it is.
  var isLetter = false
  private var found: Value?

  enum How {
    case version(Version)
    /// A letter or parameter: a text of its own, and what its names mean.
    case expression(Expression, Meanings)
    /// A number of a layer or of its way back: the law of its elements.
    case law(() throws -> LetterLaw?)
    /// A value and nothing more: `net[0].W`.
    case given
    case builtin
  }

  init(_ label: String, _ value: Value?, _ how: How, asked: String? = nil) {
    self.label = label
    self.how = how
    self.asked = asked ?? label
    found = value
  }

  func value() throws(Diagnostic) -> Value {
    if let found { return found }
    guard case .expression(let expression, let around) = how else { throw Diagnostic("E0810", "\(label) has no value") }
    let value = try around.value(expression)
    found = value
    return value
  }

  var isBuiltin: Bool { if case .builtin = how { true } else { false } }
}

extension Expression {
  /// Whether a name stands in it, in blocks and functions too.
  func mentions(_ name: String) -> Bool {
    var isFound = false
    walk { part in
      switch part.kind {
      case .name(name): isFound = true
      case .lambda(_, .block): isFound = true
      default: break
      }
    }
    return isFound
  }

  func uses(_ letters: [String: Coordinate]) -> Bool {
    var isFound = false
    walk { if case .name(let name) = $0.kind, letters[name] != nil { isFound = true } }
    return isFound
  }
}
