extension Expression.Kind {
  /// The expressions directly inside, from left to right; statements of a block are not entered.
  package var children: [Expression] {
    switch self {
    case .number, .string, .name, .end: []
    case .negate(let inner), .not(let inner), .derivative(let inner), .transpose(let inner): [inner]
    case .field(let base, _): [base]
    case .binary(_, let left, let right): [left, right]
    case .choice(let condition, let yes, let no): [condition, yes, no]
    case .lambda(_, .expression(let body)): [body]
    case .lambda(_, .block): []
    case .call(let callee, let arguments): [callee] + arguments.map(\.value)
    case .index(let base, let items): [base] + items.compactMap(\.value)
    case .big(_, let indices, let body): indices.compactMap(\.range) + [body]
    case .gradient(_, let function): [function]
    case .partial(let value, let variable): [value, variable]
    case .list(let items): items
    case .record(let fields): fields.map(\.value)
    case .tensor(let rows): rows.flatMap(\.self)
    }
  }

  /// The depth of the deepest child, the statements of a block included.
  var childrenDepth: Int {
    switch self {
    case .number, .string, .name, .end: 0
    case .negate(let inner), .not(let inner), .derivative(let inner), .transpose(let inner): inner.depth
    case .binary(_, let left, let right): max(left.depth, right.depth)
    case .lambda(_, .block(let block)): block.depth
    case .call(let callee, let arguments): arguments.reduce(callee.depth) { max($0, $1.value.depth) }
    case .index(let base, let items): items.reduce(base.depth) { max($0, $1.value?.depth ?? 0) }
    default: children.reduce(0) { max($0, $1.depth) }
    }
  }
}

extension Expression {
  /// The expressions directly inside, from left to right.
  package var children: [Expression] { kind.children }

  /// Calls `visit` for this expression and every one inside it, from outside in; blocks are not entered.
  package func walk(_ visit: (Expression) -> Void) {
    visit(self)
    for child in children { child.walk(visit) }
  }

  /// The name, where the expression is nothing but one.
  package var name: Name? {
    if case .name(let text) = kind { Name(text, range) } else { nil }
  }
}
