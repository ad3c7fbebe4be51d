import Tensors

extension Lowering {
  /// `a @ b` and `a · b`. A `ᵀ` on a vector has a meaning only here: a row on the left, and on the right what makes the outer
  /// product.
  func product(
    _ op: Operator, _ left: Expression, _ right: Expression, _ whole: Expression, _ scope: Scope
  ) throws -> Code {
    let node = BinaryNode(machine, .matrixProduct, whole, source)
    var (leftInner, rightInner) = (left, right)
    var (isLeftTransposed, isRightTransposed) = (false, false)
    if case .transpose(let inner) = left.kind { (leftInner, isLeftTransposed) = (inner, true) }
    if case .transpose(let inner) = right.kind { (rightInner, isRightTransposed) = (inner, true) }
    let a = try expression(leftInner, scope)
    let b = try expression(rightInner, scope)
    let transposed = (isLeftTransposed, isRightTransposed)
    return { frame in
      let p = try a(frame)
      let q = try b(frame)
      if case .number(let x) = p, case .number(let y) = q { return .number(x * y) }
      return try node.product(p, q, transposed)
    }
  }

  /// `xᵀ` by itself.
  func transpose(_ inner: Expression, _ whole: Expression, _ scope: Scope) throws -> Code {
    let code = try expression(inner, scope)
    let (machine, site, source) = (machine, site(whole.range), source)
    return { frame in
      let value = try code(frame)
      switch value {
      case .tensor(let tensor) where tensor.rank >= 2: return .tensor(tensor.transposed)
      case .number: return value
      case .tensor, .range:
        if case .tensor(let tensor) = value, tensor.rank == 0 { return value }
        let name = source.text(inner.range)
        throw machine.failure(
          "E0210", "\(value.outline) has one axis: ᵀ of a vector stands only in products, as in wᵀ · x", at: site,
          suggestions: [machine.suggestion(replacing: [(whole.range, "\(name)[new, :]")], in: source)].compactMap { $0 }
        )
      default:
        throw machine.failure("E0207", "ᵀ works for matrices, not for \(value.article)", at: site)
      }
    }
  }
}

extension BinaryNode {
  /// `a · b`, where a side may have been written with a `ᵀ`.
  func product(_ a: Value, _ b: Value, _ transposed: (left: Bool, right: Bool)) throws -> Value {
    var (p, q) = (a, b)
    if case .range = p, let x = p.tensor(machine.elementType) { p = .tensor(x) }
    if case .range = q, let y = q.tensor(machine.elementType) { q = .tensor(y) }
    if transposed.left, case .tensor(let x) = p, x.rank >= 2 { p = .tensor(x.transposed) }
    if transposed.right, case .tensor(let y) = q {
      if y.rank >= 2 {
        q = .tensor(y.transposed)
      } else if y.rank == 1 {
        return try outer(p, y, transposed.left)
      }
    }
    return try product(p, q)
  }

  func product(_ a: Value, _ b: Value) throws -> Value {
    guard case .tensor(let x) = a, case .tensor(let y) = b else {
      if let s = a.shape, let t = b.shape { throw numberInProduct(a, b, s, t) }
      return try combine(a, b)
    }
    if x.rank == 0 && y.rank == 0 { return Value(try Multiply().apply(x, y)) }
    do {
      if x.rank == 0 || y.rank == 0 { throw numberInProduct(a, b, x.shape, y.shape) }
      if x.rank == 1 && y.rank > 2 || y.rank == 1 && x.rank > 2 && false {
        throw ShapeError.productRank(x.shape, y.shape)
      }
      return Value(try x.product(y))
    } catch let error as ShapeError {
      throw shapeFault(error, x, y)
    }
  }

  /// `δ · aᵀ` of two vectors: every product of one's elements with the other's.
  func outer(_ a: Value, _ y: Tensor, _ isLeftTransposed: Bool) throws -> Value {
    guard case .tensor(let x) = a, x.rank > 0 else {
      throw numberInProduct(a, .tensor(y), a.shape ?? .scalar, y.shape)
    }
    let row = y.reshaped(to: [1, y.count])
    do {
      if x.rank == 1 && !isLeftTransposed {
        return Value(try MatrixProduct().apply(x.reshaped(to: [x.count, 1]), row))
      }
      return Value(try x.product(row))
    } catch {
      throw shapeFault(error, x, row)
    }
  }

  private func numberInProduct(_ a: Value, _ b: Value, _ s: Shape, _ t: Shape) -> Fault {
    let suggestion = machine.suggestion(
      replacing: [(whole.range, "\(source.text(left.range)) * \(source.text(right.range))")], in: source)
    return machine.failure(
      "E0211", "\(symbol) of a number and a tensor: a number multiplies with *", at: site,
      labels: labels(a, b), suggestions: [suggestion].compactMap { $0 })
  }

  func labels(_ a: Value, _ b: Value) -> [Diagnostic.Label] {
    [Operand(left, a, source), Operand(right, b, source)].filter { !$0.expression.isLiteral }.map { $0.label(machine) }
  }
}
