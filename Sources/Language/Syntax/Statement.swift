/// One thing to do: a definition, a loop, a value to show, a command.
package struct Statement: Sendable, Equatable {
  package let kind: Kind
  package let range: SourceRange
  /// Whether a `;` follows, so that nothing is echoed.
  package var isSilenced: Bool
  package let depth: Int

  package init(_ kind: Kind, _ range: SourceRange = SourceRange(0, 0), isSilenced: Bool = false) {
    self.kind = kind
    self.range = range
    self.isSilenced = isSilenced
    depth = 1 + kind.childrenDepth
  }

  package static func == (left: Statement, right: Statement) -> Bool {
    left.kind == right.kind && left.isSilenced == right.isSilenced
  }

  package indirect enum Kind: Sendable, Equatable {
    case expression(Expression)
    /// `x = …`, `a, b = …`, `z[i,j] = …`, `θ.W = …`: one value for each target, or one for all of them.
    /// `where` is there only if every target is indexed.
    case bind([Target], [Expression], where: [Index])
    case define(FunctionDefinition)
    case forLoop([Name], in: Expression, Block)
    case whileLoop(Expression, Block)
    case repeatLoop(Expression, Block)
    case conditional(Conditional)
    /// A line that starts with `:` or `?`, that sign included.
    case command(String)
  }
}

/// `{ … }`.
package struct Block: Sendable, Equatable {
  package let statements: [Statement]
  package let range: SourceRange
  package let depth: Int

  package init(_ statements: [Statement], _ range: SourceRange = SourceRange(0, 0)) {
    self.statements = statements
    self.range = range
    depth = 1 + statements.reduce(0) { max($0, $1.depth) }
  }

  package static func == (left: Block, right: Block) -> Bool { left.statements == right.statements }
}

/// What stands left of a `=`.
package enum Target: Sendable, Equatable {
  /// `x`
  case name(Name)
  /// `z[i,j]`, `θ[0]`, `h[t+1]`
  case indexed(Name, [Place], SourceRange)
  /// `θ.W`, `net[0].W`: the path without its last field, and that field.
  case field(of: Expression, Name)

  package var range: SourceRange {
    switch self {
    case .name(let name): name.range
    case .indexed(_, _, let range): range
    case .field(let path, let field): path.range.union(field.range)
    }
  }

  package static func == (left: Target, right: Target) -> Bool {
    switch (left, right) {
    case (.name(let a), .name(let b)): a == b
    case (.indexed(let a, let p, _), .indexed(let b, let q, _)): a == b && p == q
    case (.field(let a, let f), .field(let b, let g)): a == b && f == g
    default: false
    }
  }
}

/// One entry between the brackets on the left of a `=`.
package struct Place: Sendable, Equatable {
  package let kind: Kind
  package let range: SourceRange

  package enum Kind: Sendable, Equatable {
    /// `0`, `-1`: a first value.
    case integer(Int)
    /// `(L)`: a first value at a number that is computed.
    case value(Expression)
    /// `i`, `t+1`: an index variable, shifted.
    case index(Name, offset: Int)
  }

  package init(_ kind: Kind, _ range: SourceRange = SourceRange(0, 0)) {
    self.kind = kind
    self.range = range
  }

  package static func == (left: Place, right: Place) -> Bool { left.kind == right.kind }
}

/// `f(x, η: 0.1) = …`, or with `isDerivative` the derivative by hand `f'(x) = …`.
package struct FunctionDefinition: Sendable, Equatable {
  package let name: Name
  package let isDerivative: Bool
  package let parameters: [Parameter]
  package let body: Body

  package init(_ name: Name, isDerivative: Bool = false, _ parameters: [Parameter], _ body: Body) {
    self.name = name
    self.isDerivative = isDerivative
    self.parameters = parameters
    self.body = body
  }
}

/// A parameter of a function, with the value it has if none is given.
package struct Parameter: Sendable, Equatable {
  package let name: Name
  package let defaultValue: Expression?

  package init(_ name: Name, default defaultValue: Expression? = nil) {
    self.name = name
    self.defaultValue = defaultValue
  }
}

/// `if c { … } else if d { … } else { … }`: the arms in order, then what is done if no condition holds.
package struct Conditional: Sendable, Equatable {
  package let arms: [Arm]
  package let otherwise: Block?

  package struct Arm: Sendable, Equatable {
    package let condition: Expression
    package let block: Block

    package init(_ condition: Expression, _ block: Block) {
      self.condition = condition
      self.block = block
    }
  }

  package init(_ arms: [Arm], otherwise: Block? = nil) {
    self.arms = arms
    self.otherwise = otherwise
  }
}

extension Statement.Kind {
  /// The depth of the deepest expression or block inside.
  var childrenDepth: Int {
    switch self {
    case .command: 0
    case .expression(let expression): expression.depth
    case .bind(let targets, let values, let indices):
      max(
        targets.reduce(0) { max($0, $1.depth) }, values.reduce(0) { max($0, $1.depth) },
        indices.reduce(0) { max($0, $1.range?.depth ?? 0) })
    case .define(let function):
      max(
        function.parameters.reduce(0) { max($0, $1.defaultValue?.depth ?? 0) },
        function.body.depth)
    case .forLoop(_, let expression, let block), .whileLoop(let expression, let block),
      .repeatLoop(let expression, let block):
      max(expression.depth, block.depth)
    case .conditional(let conditional):
      conditional.arms.reduce(conditional.otherwise?.depth ?? 0) { max($0, $1.condition.depth, $1.block.depth) }
    }
  }
}

extension Body {
  package var depth: Int {
    switch self {
    case .expression(let expression): expression.depth
    case .block(let block): block.depth
    }
  }
}

extension Target {
  var depth: Int {
    switch self {
    case .name: 0
    case .field(let path, _): path.depth + 1
    case .indexed(_, let places, _):
      places.reduce(0) { deepest, place in
        if case .value(let expression) = place.kind { max(deepest, expression.depth) } else { deepest }
      }
    }
  }
}
