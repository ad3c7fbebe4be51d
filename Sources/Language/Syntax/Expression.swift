/// A part of a line that has a value: a kind, and the place where it stands.
///
/// Parentheses leave no node: an expression in parentheses has their range. Two expressions are equal when they say the same,
/// wherever they stand and whichever spelling was typed.
package struct Expression: Sendable, Equatable {
  package let kind: Kind
  package let range: SourceRange
  /// Levels of nodes from here down, this one included; the parser keeps it below `Parser.depthLimit`.
  package let depth: Int

  package init(_ kind: Kind, _ range: SourceRange = SourceRange(0, 0)) {
    self.kind = kind
    self.range = range
    depth = 1 + kind.childrenDepth
  }

  /// The same expression, said to stand at another place.
  package func at(_ range: SourceRange) -> Expression { Expression(copying: self, range) }

  private init(copying other: Expression, _ range: SourceRange) {
    kind = other.kind
    self.range = range
    depth = other.depth
  }

  package static func == (left: Expression, right: Expression) -> Bool { left.kind == right.kind }

  package indirect enum Kind: Sendable, Equatable {
    case number(Double)
    /// A string with its escapes resolved.
    case string(String)
    case name(String)
    /// `end` inside subscripts: the last index of that axis.
    case end

    /// `-x`.
    case negate(Expression)
    /// `not x`.
    case not(Expression)
    /// Everything that stands between two operands; `x²` is `x ^ 2`, `3x` is `3 * x`, `√x` is the call `sqrt(x)`.
    case binary(Operator, Expression, Expression)
    /// `if c then a else b`.
    case choice(condition: Expression, then: Expression, else: Expression)
    /// `x -> …`, `(x, y) -> …`.
    case lambda([Name], Body)

    /// `f(x, η: 0.1)`.
    case call(Expression, [Argument])
    /// `x[i, :, ..., new]`.
    case index(Expression, [Subscript])
    /// `θ.W`; `x.T` is a transpose.
    case field(Expression, Name)
    /// `f'`.
    case derivative(Expression)
    /// `xᵀ` and `x.T`.
    case transpose(Expression)

    /// `∑[k, l in 0..<3] …`: the body is one term.
    case big(BigOperator, [Index], Expression)
    /// `∇f`, `∇[w,b] f`; without names the list is empty.
    case gradient([Name], Expression)
    /// `∂y/∂x`: each side a name with subscripts and fields.
    case partial(Expression, by: Expression)

    /// `(a, b)`, `(a,)`; never empty.
    case list([Expression])
    /// `(W: a, b: c)`; every argument has a label.
    case record([Argument])
    /// `[a, b]` is one row; `[a, b; c, d]` two; `[]` none.
    case tensor([[Expression]])
  }
}

/// One argument of a call, or one field of a record.
package struct Argument: Sendable, Equatable {
  package let label: Name?
  package let value: Expression

  package init(_ label: Name? = nil, _ value: Expression) {
    self.label = label
    self.value = value
  }

  package var range: SourceRange { label.map { $0.range.union(value.range) } ?? value.range }
}

/// One entry between the brackets of `x[…]`.
package struct Subscript: Sendable, Equatable {
  package let kind: Kind
  package let range: SourceRange
  /// Whether all of it is in parentheses, which on the left of a `=` makes it a number: `δ[(L)]`.
  let isParenthesized: Bool

  package enum Kind: Sendable, Equatable {
    /// A number, a tensor of numbers, a range, a comparison.
    case value(Expression)
    /// `:`
    case all
    /// `...`
    case rest
    /// `new`
    case new
  }

  package init(_ kind: Kind, _ range: SourceRange = SourceRange(0, 0)) {
    self.init(kind, range, isParenthesized: false)
  }

  init(_ kind: Kind, _ range: SourceRange, isParenthesized: Bool) {
    self.kind = kind
    self.range = range
    self.isParenthesized = isParenthesized
  }

  package static func == (left: Subscript, right: Subscript) -> Bool { left.kind == right.kind }

  package var value: Expression? {
    if case .value(let expression) = kind { expression } else { nil }
  }
}

/// An index variable with its range, if that was said: `k`, or `k in 0..<3`.
package struct Index: Sendable, Equatable {
  package let name: Name
  package let range: Expression?

  package init(_ name: Name, in range: Expression? = nil) {
    self.name = name
    self.range = range
  }
}

/// What a function does: one expression, or statements of which the last gives the value.
package indirect enum Body: Sendable, Equatable {
  case expression(Expression)
  case block(Block)

  package var range: SourceRange {
    switch self {
    case .expression(let expression): expression.range
    case .block(let block): block.range
    }
  }
}
