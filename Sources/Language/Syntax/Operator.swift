/// What a binary operator does, whichever of its spellings was typed.
package enum BinaryOperator: Sendable, Equatable, CaseIterable {
  case pipe, compose
  case or, and
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, approximate
  /// `a..<b` and `a...b`.
  case rangeUpTo, rangeThrough
  case add, subtract, join
  /// `*` and `⊙`; also the unwritten one of `3x`.
  case multiply
  case divide, remainder
  /// `@` and `·`.
  case matrixProduct
  /// `^` and superscripts.
  case power

  /// Whether the operator is `== != < <= > >= ~~`.
  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .approximate: true
    default: false
    }
  }
}

/// A binary operator as it stands in a line; two are equal when they do the same.
package struct Operator: Sendable, Equatable {
  package let kind: BinaryOperator
  /// The sign that was typed, after folding: `·` or `@`, `⊙` or `*`; nil for a word, and where nothing was typed, in `3x` and `x²`.
  let sign: Sign?
  package let range: SourceRange

  package init(_ kind: BinaryOperator, _ sign: Sign? = nil, range: SourceRange = SourceRange(0, 0)) {
    self.kind = kind
    self.sign = sign
    self.range = range
  }

  /// As it is written; empty where nothing was typed.
  package var symbol: String {
    if let sign { return sign.rawValue }
    return switch kind {
    case .or: "or"
    case .and: "and"
    default: ""
    }
  }

  package static func == (left: Operator, right: Operator) -> Bool { left.kind == right.kind }
}

/// The operators that take in a whole term under an index: `∑[k] A[i,k] * B[k,j]`.
package enum BigOperator: String, Sendable, Equatable, CaseIterable {
  case sum, prod, max, min, mean, argmax, argmin
}
