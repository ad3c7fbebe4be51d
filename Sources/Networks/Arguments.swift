import Tensors

/// One argument of a layer, loss or optimiser as people write it: `stride: 1`.
public struct Argument: Sendable {
  /// What may stand for an argument.
  public enum Kind: Sendable, Equatable {
    /// A whole number of at least the given one.
    case count(atLeast: Int)
    /// A number from a closed range.
    case number(in: ClosedRange<Double>)
    /// `true` or `false`.
    case flag
    /// One of some words.
    case word([String])
    /// A whole number, or one of some words.
    case countOrWord([String])
    /// A tensor.
    case tensor
    /// The extents of a shape: a whole number from 1, or some in a row.
    case extents
    /// A layer, or several in a row.
    case layer
    /// A number from 0 on, or a schedule.
    case rate
  }

  public let name: String
  public let kind: Kind
  /// The default as it is written, such as `1` or `"xavier"`; nil if the argument must be given or may stay away.
  public let fallback: String?
  public let isRequired: Bool
  /// What it means, in a few words.
  public let meaning: String

  /// An argument that must be given.
  public static func required(_ name: String, _ kind: Kind, _ meaning: String) -> Argument {
    Argument(name: name, kind: kind, fallback: nil, isRequired: true, meaning: meaning)
  }

  /// An argument with a default, or one that may stay away.
  public static func optional(_ name: String, _ kind: Kind, _ fallback: String?, _ meaning: String) -> Argument {
    Argument(name: name, kind: kind, fallback: fallback, isRequired: false, meaning: meaning)
  }
}

/// What a user wrote for an argument.
public enum ArgumentValue: Sendable {
  case number(Double)
  case word(String)
  case tensor(Tensor)
  case layer(any Layer)
  case schedule(any Schedule)
}

/// What is wrong with an argument: facts without text; `Language` words them.
public enum ArgumentError: Error, Sendable, Equatable {
  /// A required argument is missing.
  case missing(String)
  /// More arguments without a name than the card lists.
  case tooMany(given: Int, expected: Int)
  /// There is no argument of this name; the known ones follow.
  case unknown(String, known: [String])
  /// Given twice: by place and by name.
  case repeated(String)
  /// Not what the argument may be.
  case unsuitable(String, expected: Argument.Kind)
  /// A tensor that must have another shape.
  case shape(String, Shape, expected: Shape)
  /// A number that must be a multiple of another argument's.
  case notMultiple(String, Int, of: String, Int)
}

/// The arguments of one call, matched to the names of a card and checked against their kinds.
public struct Arguments: Sendable {
  private var values: [String: ArgumentValue] = [:]

  /// Matches what was given, first by place, then by name.
  /// - Throws: `ArgumentError`.
  public init(
    _ positional: [ArgumentValue], named: [(name: String, value: ArgumentValue)] = [], for card: Card
  ) throws(ArgumentError) {
    let known = card.arguments
    guard positional.count <= known.count else {
      throw .tooMany(given: positional.count, expected: known.count)
    }
    for (argument, value) in zip(known, positional) { values[argument.name] = value }
    for (name, value) in named {
      guard known.contains(where: { $0.name == name }) else {
        throw .unknown(name, known: known.map(\.name))
      }
      guard values.updateValue(value, forKey: name) == nil else { throw .repeated(name) }
    }
    for argument in known {
      guard let value = values[argument.name] else {
        if argument.isRequired { throw .missing(argument.name) }
        continue
      }
      guard argument.kind.accepts(value) else { throw .unsuitable(argument.name, expected: argument.kind) }
    }
  }

  /// What was given, as it is.
  subscript(name: String) -> ArgumentValue? { values[name] }

  /// A whole number.
  public func count(_ name: String, default fallback: Int = 0) -> Int { number(name).map { Int($0) } ?? fallback }

  /// A number, if it was given.
  public func number(_ name: String) -> Double? {
    switch values[name] {
    case .number(let value): value
    case .tensor(let tensor) where tensor.count == 1: tensor.item
    default: nil
    }
  }

  /// A number.
  public func number(_ name: String, default fallback: Double) -> Double { number(name) ?? fallback }

  /// Whether a flag was given and is true.
  public func flag(_ name: String, default fallback: Bool = false) -> Bool { number(name).map { $0 != 0 } ?? fallback }

  /// A layer, if one was given.
  public func layer(_ name: String) -> (any Layer)? {
    if case .layer(let layer) = values[name] { layer } else { nil }
  }

  /// A word, if one was given.
  public func word(_ name: String) -> String? {
    if case .word(let word) = values[name] { word } else { nil }
  }

  /// A tensor, if one was given.
  public func tensor(_ name: String) -> Tensor? {
    switch values[name] {
    case .tensor(let tensor): tensor
    case .number(let value): Tensor(value)
    default: nil
    }
  }
}

extension Argument.Kind {
  func accepts(_ value: ArgumentValue) -> Bool {
    var number: Double?
    if case .number(let given) = value { number = given }
    if case .tensor(let given) = value, given.count == 1 { number = given.item }
    func isCount(atLeast least: Int) -> Bool {
      number.map { $0 == $0.rounded() && $0 >= Double(least) && $0 <= Double(Int32.max) } ?? false
    }
    switch self {
    case .count(let least): return isCount(atLeast: least)
    case .number(let range): return number.map(range.contains) ?? false
    case .flag: return number == 0 || number == 1
    case .word(let words):
      if case .word(let word) = value { return words.contains(word) } else { return false }
    case .countOrWord(let words):
      if case .word(let word) = value { return words.contains(word) } else { return isCount(atLeast: 0) }
    case .tensor:
      if case .tensor = value { return true } else { return number != nil }
    case .extents:
      guard case .tensor(let given) = value else { return isCount(atLeast: 1) }
      return given.rank <= 1 && given.count > 0
        && given.elements.allSatisfy { $0 >= 1 && $0 == $0.rounded() && $0 <= Double(Int32.max) }
    case .layer:
      if case .layer = value { return true } else { return false }
    case .rate:
      if case .schedule = value { return true }
      return number.map { $0 >= 0 && $0.isFinite } ?? false
    }
  }
}
