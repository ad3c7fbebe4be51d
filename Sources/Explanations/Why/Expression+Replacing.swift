import Language

extension Expression {
  /// The expression with letters replaced by what stands for them, where that is a number, and small sums of numbers added.
  func substituting(_ letters: [String: Coordinate]) -> Expression {
    replacing { part in
      if case .name(let name) = part.kind, let place = letters[name], let number = place.number {
        return .number(Double(number))
      }
      return nil
    }
  }

  /// The expression with some parts of another kind; numbers that come to stand in a sum of numbers are added.
  func replacing(_ change: (Expression) -> Expression.Kind?) -> Expression {
    if let kind = change(self) { return Expression(kind, range) }
    func again(_ part: Expression) -> Expression { part.replacing(change) }
    switch kind {
    case .negate(let inner): return Expression(.negate(again(inner)), range)
    case .not(let inner): return Expression(.not(again(inner)), range)
    case .transpose(let inner): return Expression(.transpose(again(inner)), range)
    case .derivative(let inner): return Expression(.derivative(again(inner)), range)
    case .field(let inner, let name): return Expression(.field(again(inner), name), range)
    case .choice(let condition, let yes, let no):
      return Expression(.choice(condition: again(condition), then: again(yes), else: again(no)), range)
    case .binary(let op, let left, let right):
      let (a, b) = (again(left), again(right))
      if (a.range, a) != (left.range, left) || b != right, case .number(let x) = a.kind, case .number(let y) = b.kind {
        switch op.kind {
        case .add: return Expression(.number(x + y), range)
        case .subtract: return Expression(.number(x - y), range)
        case .multiply: return Expression(.number(x * y), range)
        default: break
        }
      }
      // x[i+0] is x[i].
      if op.kind == .add || op.kind == .subtract, b != right, case .number(0) = b.kind { return a }
      if op.kind == .add, a != left, case .number(0) = a.kind { return b }
      return Expression(.binary(op, a, b), range)
    case .call(let callee, let arguments):
      return Expression(.call(again(callee), arguments.map { Argument($0.label, again($0.value)) }), range)
    case .index(let base, let items):
      return Expression(
        .index(
          again(base),
          items.map { item in
            if case .value(let value) = item.kind { Subscript(.value(again(value)), item.range) } else { item }
          }), range)
    case .big(let op, let indices, let body):
      return Expression(.big(op, indices.map { Index($0.name, in: $0.range.map(again)) }, again(body)), range)
    case .tensor(let rows): return Expression(.tensor(rows.map { $0.map(again) }), range)
    case .list(let items): return Expression(.list(items.map(again)), range)
    default: return self
    }
  }

  var hasEnd: Bool {
    if case .end = kind { return true }
    return children.contains { $0.hasEnd }
  }

  /// Whether it is made of index letters and typed numbers alone: `t-1`.
  func isWholeNumber(with letters: [String: Coordinate]) -> Bool {
    switch kind {
    case .number: true
    case .name(let name): letters[name] != nil
    case .negate(let inner): inner.isWholeNumber(with: letters)
    case .binary(let op, let left, let right):
      [.add, .subtract, .multiply].contains(op.kind) && left.isWholeNumber(with: letters)
        && right.isWholeNumber(with: letters)
    default: false
    }
  }

  /// `0.5`, `-2`.
  var isTypedNumber: Bool {
    switch kind {
    case .number: true
    case .negate(let inner): inner.isTypedNumber
    default: false
    }
  }

  var isPlainIndex: Bool {
    switch kind {
    case .number, .name: true
    default: false
    }
  }

  var isComparison: Bool { if case .binary(let op, _, _) = kind { op.kind.isComparison } else { false } }
}
