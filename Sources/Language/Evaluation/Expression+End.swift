extension Expression {
  /// Whether `end` stands in it, for these brackets and not for inner ones.
  var mentionsEnd: Bool {
    if case .end = kind { return true }
    if case .index(let base, _) = kind { return base.mentionsEnd }
    return children.contains { $0.mentionsEnd }
  }

  /// The expression with `end` as a name; inner brackets have an `end` of their own.
  func replacingEnd(by name: String) -> Expression {
    guard mentionsEnd else { return self }
    func with(_ inner: Expression) -> Expression { inner.replacingEnd(by: name) }
    let changed: Kind =
      switch kind {
      case .end: .name(name)
      case .negate(let x): .negate(with(x))
      case .not(let x): .not(with(x))
      case .binary(let op, let x, let y): .binary(op, with(x), with(y))
      case .choice(let c, let x, let y): .choice(condition: with(c), then: with(x), else: with(y))
      case .call(let f, let arguments): .call(with(f), arguments.map { Argument($0.label, with($0.value)) })
      case .index(let base, let items): .index(with(base), items)
      case .field(let base, let field): .field(with(base), field)
      case .transpose(let x): .transpose(with(x))
      case .list(let items): .list(items.map(with))
      case .record(let fields): .record(fields.map { Argument($0.label, with($0.value)) })
      case .tensor(let rows): .tensor(rows.map { $0.map(with) })
      default: kind
      }
    return Expression(changed, range)
  }
}
