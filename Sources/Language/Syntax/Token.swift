/// The smallest part of a line that means something.
package struct Token: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case number, string, name
    /// An exponent in raised signs: `²`, `⁻¹`, `ᵗ`.
    case superscript
    /// A line that begins with `:` or `?`.
    case command
    case keyword(Keyword)
    case sign(Sign)
    /// Something that is no part of the language.
    case unreadable(LexicalError)
    case end
  }

  package let kind: Kind
  package let range: SourceRange
  /// Whether a line break stands before it.
  package let startsLine: Bool
  /// Whether nothing stands between it and the token before.
  package let touches: Bool

  var isName: Bool { if case .name = kind { true } else { false } }

  var isEnd: Bool { if case .end = kind { true } else { false } }

  /// The sign it is, if it is one.
  var sign: Sign? { if case .sign(let sign) = kind { sign } else { nil } }
}

/// The words that cannot be names.
package enum Keyword: String, Sendable, CaseIterable {
  case `for`, `in`, `while`, `repeat`, `if`, then, `else`, and, or, not, `where`, end, new

  /// The keyword these bytes spell.
  static func spelled(_ bytes: ArraySlice<UInt8>) -> Keyword? {
    guard (2...6).contains(bytes.count) else { return nil }
    return packed.first { $0.word == pack(bytes) }?.keyword
  }

  /// Words of eight bytes at most as one number each: they are compared for every name of every line.
  private static let packed = allCases.map { (word: pack($0.rawValue.utf8), keyword: $0) }

  private static func pack(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}

/// Operators, brackets and other signs, under the spelling shown to people.
package enum Sign: String, Sendable, CaseIterable {
  case pipe = "|>"
  case compose = ">>"
  case arrow = "->"
  case upTo = "..<"
  case through = "..."
  case join = "++"
  case equal = "=="
  case notEqual = "!="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case approximate = "~~"
  case bind = "="
  case less = "<"
  case greater = ">"
  case plus = "+"
  case minus = "-"
  case star = "*"
  case odot = "⊙"
  case slash = "/"
  case at = "@"
  case dot = "·"
  case percent = "%"
  case caret = "^"
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBracket = "["
  case closeBracket = "]"
  case openBrace = "{"
  case closeBrace = "}"
  case comma = ","
  case semicolon = ";"
  case colon = ":"
  case period = "."
  case prime = "'"
  case root = "√"
  case nabla = "∇"
  case partial = "∂"
  case transpose = "ᵀ"
  case sum = "∑"
  case product = "∏"
  case question = "?"

  var isOpening: Bool { self == .openParenthesis || self == .openBracket || self == .openBrace }
  var isClosing: Bool { self == .closeParenthesis || self == .closeBracket || self == .closeBrace }

  /// The bracket that closes this one.
  var closing: Sign? {
    switch self {
    case .openParenthesis: .closeParenthesis
    case .openBracket: .closeBracket
    case .openBrace: .closeBrace
    default: nil
    }
  }

  /// Whether a line that ends in it goes on in the next.
  var continuesLine: Bool {
    switch self {
    case .closeParenthesis, .closeBracket, .closeBrace, .semicolon, .colon, .period, .prime, .transpose, .question:
      false
    default: true
    }
  }
}

/// Bytes that are no part of the language, and why.
package enum LexicalError: Sendable, Equatable {
  case invalidUTF8
  case control(UInt32)
  case unknown(UInt32)
  case openString
  /// Raised signs that are no exponent: `ⁿ⁺¹`.
  case badExponent
  /// `0xFF`
  case hexadecimal
}
