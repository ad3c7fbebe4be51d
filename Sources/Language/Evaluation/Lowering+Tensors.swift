import Tensors

extension Lowering {
  /// `[a, b]` and `[a, b; c, d]`: numbers side by side, rows of numbers, equal shapes on top of each other.
  func tensor(_ rows: [[Expression]], _ whole: Expression, _ scope: Scope) throws -> Code {
    let type = machine.elementType
    if rows.isEmpty { return { _ in .tensor(Tensor([], type)) } }
    let columns = rows[0].count
    if let row = rows.first(where: { $0.count != columns }), let first = row.first, let last = row.last {
      throw failure(
        "E0221", "a row of \(row.count) below a row of \(columns)", at: first.range.union(last.range))
    }
    let isMatrix = rows.count > 1
    let items = rows.flatMap(\.self)
    let shape: Shape = isMatrix ? [rows.count, columns] : [columns]
    // What is written out in numbers is made once.
    let constants = items.compactMap(\.constant)
    if constants.count == items.count {
      let value = Value.tensor(Tensor(constants, shape: shape, type))
      return { _ in value }
    }
    let codes = try items.map { try expression($0, scope) }
    let node = LiteralNode(machine: machine, items: items, isMatrix: isMatrix, shape: shape, source: source)
    return { frame in
      var numbers: [Double] = []
      numbers.reserveCapacity(codes.count)
      for (index, code) in codes.enumerated() {
        let value = try code(frame)
        guard case .number(let number) = value else {
          var values = numbers.map { Value.number($0) }
          values.append(value)
          for code in codes[(index + 1)...] { values.append(try code(frame)) }
          return try node.stack(values)
        }
        numbers.append(number)
      }
      return .tensor(Tensor(numbers, shape: shape, type))
    }
  }
}

extension Expression {
  /// The number, where one is written out, with or without a minus.
  var constant: Double? {
    switch kind {
    case .number(let number): number
    case .negate(let inner):
      if case .number(let number) = inner.kind { -number } else { nil }
    default: nil
    }
  }
}

private struct LiteralNode {
  let machine: Machine
  let items: [Expression]
  let isMatrix: Bool
  let shape: Shape
  let source: SourceText

  func stack(_ values: [Value]) throws -> Value {
    let type =
      values.lazy.compactMap { if case .tensor(let tensor) = $0 { tensor.elementType } else { nil } }.first
      ?? machine.elementType
    var tensors: [Tensor] = []
    for (item, value) in zip(items, values) {
      let site = Fault.Site(source: source, range: item.range)
      guard let tensor = value.tensor(type) else {
        throw machine.failure(
          "E0207", "a tensor holds numbers, this is \(value.article)", at: site,
          notes: [.init("hint", "(a, b) is a list of anything")])
      }
      if isMatrix && tensor.rank > 0 {
        throw machine.failure(
          "E0221", "rows with ; hold numbers, this is \(tensor.shape)", at: site,
          notes: [.init("hint", "[a, b] stacks equal shapes, a ++ b joins along the last axis")])
      }
      if let first = tensors.first, first.shape != tensor.shape {
        throw machine.failure(
          "E0221",
          "[a, b] stacks equal shapes, these are \(first.rank == 0 ? "a number" : first.shape.description) and "
            + (tensor.rank == 0 ? "a number" : tensor.shape.description), at: site,
          labels: Diagnostic.labels(
            [
              (items[0].range, Operand(items[0], .tensor(first), source).columns(machine)),
              (item.range, Operand(item, .tensor(tensor), source).columns(machine)),
            ], in: source),
          notes: [.init("hint", "a ++ b joins along the last axis")])
      }
      tensors.append(tensor)
    }
    do {
      let stacked = try Tensor.stack(tensors)
      return Value(isMatrix ? stacked.reshaped(to: shape) : stacked)
    } catch {
      throw machine.shapeFault(
        error, [], doing: "[…]",
        at: Fault.Site(source: source, range: items[0].range.union(items[items.count - 1].range)))
    }
  }
}
