import Tensors

extension IndexedRun {
  /// The value of a part for all values of its indices.
  func evaluate(_ code: IndexedCode) throws -> Part {
    switch code {
    case .plain(let invariant): return .plain(try whole(value(invariant)))
    case .index(let index): return try self.index(index)
    case .local(let number): return local(number)
    case .read(let read): return try self.read(read)
    case .binary(let node, let a, let b):
      return node.op == .and || node.op == .or ? try logic(node, a, b) : try binary(node, evaluate(a), evaluate(b))
    case .product(let node, let a, let b, let transposed):
      return try product(node, evaluate(a), evaluate(b), transposed)
    case .join(let node, let a, let b): return try join(node, evaluate(a), evaluate(b))
    case .negate(let node, let a): return try binary(node, .plain(.number(-1)), evaluate(a))
    case .transpose(let a, let expression): return try transpose(evaluate(a), expression)
    case .choice(let node, let condition, let yes, let no): return try choice(node, condition, yes, no)
    case .call(let call): return try eachWhereNeeded(call.indices) { try self.call(call) }
    case .big(let sum): return try eachWhereNeeded(sum.indices) { try self.big(sum) }
    case .opaque(let invariant, let indices):
      let free = indices.filter { pins[$0] == nil }.sorted()
      return try collect(free) { .plain(try whole(invariant.code(frame))) }
    }
  }

  /// A sequence used whole is the tensor of its values.
  private func whole(_ value: Value) -> Value {
    if case .sequence(let sequence) = value { return sequence.whole(machine.elementType) }
    return value
  }

  private func index(_ index: Int) throws -> Part {
    if let number = pins[index] { return .plain(.number(Double(number))) }
    let range = ranges[index] ?? 0..<0
    return Part(Tensor(range.map(Double.init), machine.elementType), [index])
  }

  private func local(_ number: Int) -> Part {
    guard let part = locals[number] else { return .plain(.nothing) }
    guard case .indexed(var value) = part else { return part }
    for (place, index) in value.indices.enumerated().reversed() {
      guard let known = localRanges[index] else { continue }
      if pins[index] == nil, let range = ranges[index], range != known {
        let start = range.lowerBound - known.lowerBound
        value.tensor = value.tensor.slice(axis: place, start..<(start + range.count))
      }
      guard let pin = pins[index] else { continue }
      let start = pin - known.lowerBound
      value.tensor = value.tensor.slice(axis: place, start..<(start + 1))
      value.tensor = value.tensor.reshaped(to: value.tensor.shape.removing(axis: place))
      value.indices.remove(at: place)
    }
    return Part(value.tensor, value.indices)
  }

  func fault(_ error: any Error, _ expression: Expression) -> Fault {
    if let fault = error as? Fault { return fault }
    guard let error = error as? ShapeError else {
      return machine.failure("E0999", "\(error)", at: site(expression))
    }
    return machine.shapeFault(error, [], doing: source.text(expression.range).firstLine, at: site(expression))
  }

  // MARK: Operators

  /// `a and b`, `a or b`: what stands right is looked at only where the left leaves the answer open.
  private func logic(_ node: BinaryNode, _ left: IndexedCode, _ right: IndexedCode) throws -> Part {
    let p = try evaluate(left)
    if case .plain(.number(let x)) = p, (x != 0) == (node.op == .or) { return .plain(Value(x != 0)) }
    guard case .indexed(let a) = p, a.ownRank == 0 else { return try binary(node, p, evaluate(right)) }
    let truth = Engine.truths(a.tensor)
    let open = IndexedValue(tensor: node.op == .and ? truth : 1 - truth, indices: a.indices)
    return try binary(node, p, guarded(by: open) { try evaluate(right) })
  }

  func binary(_ node: BinaryNode, _ p: Part, _ q: Part) throws -> Part {
    if case .plain(let a) = p, case .plain(let b) = q { return .plain(try node.combine(a, b)) }
    let type = machine.elementType
    if case .plain(.number(let x)) = p, case .indexed(let b) = q {
      let value = try node.combine(.number(x), .tensor(b.tensor))
      return Part(value.tensor(type)!, b.indices)
    }
    if case .indexed(let a) = p, case .plain(.number(let y)) = q {
      if node.op == .power, a.ownRank < 2 {
        do { return Part(try Engine.power(a.tensor, Tensor(y, a.tensor.elementType)), a.indices) } catch {
          throw fault(error, node.whole)
        }
      }
      return Part(try node.combine(.tensor(a.tensor), .number(y)).tensor(type)!, a.indices)
    }
    let a = try indexed(p, node.left)
    let b = try indexed(q, node.right)
    let (s, t) = (a.ownShape, b.ownShape)
    if s != t, s.rank > 0, t.rank > 0, !s.stretches(to: t), !t.stretches(to: s) {
      // The rule of the language, with its words.
      if let x = a.sample, let y = b.sample { _ = try node.combine(x, y) }
    }
    _ = try checked(a, b, node.whole)
    let (order, x, y) = IndexedValue.aligned(a, b)
    return Part(try node.combine(.tensor(x), .tensor(y)).tensor(type)!, order)
  }

  /// - Throws: a failure if the values over all indices of both would not be a tensor.
  @discardableResult
  func checked(_ a: IndexedValue, _ b: IndexedValue, _ expression: Expression) throws -> Int {
    let order = a.indices + b.indices.filter { !a.indices.contains($0) }
    let extents = order.map { a.extent(of: $0) ?? b.extent(of: $0) ?? 1 }
    let own = a.ownRank > b.ownRank ? a.ownShape : b.ownShape
    do {
      let shape = try Shape(checking: extents + own.dimensions)
      try MemoryLimit.check(shape, a.tensor.elementType)
      return shape.count
    } catch {
      throw fault(error, expression)
    }
  }

  /// - Throws: a failure if one number for every value of the indices is more than is allowed, before any of them is computed.
  func checkSize(_ indices: [Int], _ expression: Expression) throws {
    do {
      let shape = try Shape(checking: indices.map { extent($0) })
      try MemoryLimit.check(shape, machine.elementType)
    } catch {
      throw fault(error, expression)
    }
  }

  func product(_ node: BinaryNode, _ p: Part, _ q: Part, _ transposed: (Bool, Bool)) throws -> Part {
    if case .plain(let a) = p, case .plain(let b) = q { return .plain(try node.product(a, b, transposed)) }
    let a = try indexed(p, node.left)
    let b = try indexed(q, node.right)
    if a.ownRank == 0, b.ownRank == 0 { return .indexed(try times(a, b, node.whole)) }
    /// Letters for own axes, below those of indices.
    let (inner, row, column) = (-1, -2, -3)
    var left: [Int]?
    var right: [Int]?
    switch a.ownRank {
    case 1: left = transposed.1 && b.ownRank == 1 && !transposed.0 ? [row] : [inner]
    case 2: left = transposed.0 ? [inner, row] : [row, inner]
    default: break
    }
    switch b.ownRank {
    case 1: right = transposed.1 && left == [row] ? [column] : transposed.1 ? nil : [inner]
    case 2: right = transposed.1 ? [column, inner] : [inner, column]
    default: break
    }
    if let left, let right, a.tensor.rank == a.indices.count + left.count {
      let x = Indexed(a.tensor, a.indices + left)
      let y = Indexed(b.tensor, b.indices + right)
      if x.extent(of: inner) == y.extent(of: inner) {
        let order = a.indices + b.indices.filter { !a.indices.contains($0) }
        let own = (left.contains(row) ? [row] : []) + (right.contains(column) ? [column] : [])
        return Part(try contract([x, y], to: order + own, node.whole), order)
      }
    }
    // What is left is an error of shapes, or a product with more axes: done for one value after the other.
    if let x = a.sample, let y = b.sample { _ = try node.product(x, y, transposed) }
    return try elementwise([a, b]) { try node.product($0[0], $0[1], transposed) }
  }

  /// The products over all indices of both.
  func times(_ a: IndexedValue, _ b: IndexedValue, _ expression: Expression) throws -> IndexedValue {
    try checked(a, b, expression)
    let (order, x, y) = IndexedValue.aligned(a, b)
    return IndexedValue(tensor: x * y, indices: order)
  }

  /// A function of plain values for every value of the indices that its operands have.
  func elementwise(_ operands: [IndexedValue], _ body: ([Value]) throws -> Value) throws -> Part {
    var order: [Int] = []
    for operand in operands { order += operand.indices.filter { !order.contains($0) } }
    let extents = order.map { index in operands.lazy.compactMap { $0.extent(of: index) }.first ?? 1 }
    let count = extents.reduce(1, *)
    let spread = operands.map { operand in
      let tensor = operand.spread(over: order, extents: extents)
      return tensor.reshaped(to: Shape([count] + operand.ownShape.dimensions))
    }
    // Numbers without history need no views.
    let numbers = spread.map { $0.rank == 1 && !$0.isTracked ? $0.elements : nil }
    var values: [Value] = []
    values.reserveCapacity(count)
    for place in 0..<count {
      try machine.poll()
      let arguments = zip(spread, numbers).map { tensor, numbers -> Value in
        if let numbers { return .number(numbers[place]) }
        return Value(tensor[place])
      }
      values.append(try body(arguments))
    }
    return try stacked(values, order, extents)
  }

  private func stacked(_ values: [Value], _ order: [Int], _ extents: [Int]) throws -> Part {
    var numbers: [Double] = []
    for value in values {
      guard case .number(let number) = value else { break }
      numbers.append(number)
    }
    if numbers.count == values.count {
      return Part(Tensor(numbers, shape: Shape(extents), machine.elementType), order)
    }
    let tensors = values.compactMap { $0.tensor(machine.elementType) }
    guard tensors.count == values.count, let first = tensors.first,
      tensors.allSatisfy({ $0.shape == first.shape }), first.rank + order.count <= Shape.maximumRank
    else {
      ragged = values
      throw Ragged()
    }
    return Part(try Tensor.stack(tensors).reshaped(to: Shape(extents + first.shape.dimensions)), order)
  }

  private func join(_ node: BinaryNode, _ p: Part, _ q: Part) throws -> Part {
    if case .plain(let a) = p, case .plain(let b) = q { return .plain(try node.combine(a, b)) }
    let a = try indexed(p, node.left)
    let b = try indexed(q, node.right)
    try checked(a, b, node.whole)
    let order = a.indices + b.indices.filter { !a.indices.contains($0) }
    let extents = order.map { a.extent(of: $0) ?? b.extent(of: $0) ?? 1 }
    func spread(_ value: IndexedValue) -> Tensor {
      let tensor = value.spread(over: order, extents: extents)
      return value.ownRank == 0 ? tensor.reshaped(to: tensor.shape.inserting(1, at: tensor.rank)) : tensor
    }
    let (x, y) = (spread(a), spread(b))
    if x.rank != y.rank || x.shape.removing(axis: x.rank - 1) != y.shape.removing(axis: y.rank - 1),
      let s = a.sample, let t = b.sample
    {
      _ = try node.combine(s, t)
    }
    do { return Part(try Engine.concatenate([x, y], axis: x.rank - 1), order) } catch { throw fault(error, node.whole) }
  }

  private func transpose(_ part: Part, _ inner: Expression) throws -> Part {
    let value = try indexed(part, inner)
    switch value.ownRank {
    case 0: return part
    case 1:
      throw machine.failure(
        "E0210", "\(value.ownShape) has one axis: ᵀ of a vector stands only in products, as in wᵀ · x", at: site(inner))
    default: return Part(value.tensor.transposed, value.indices)
    }
  }

  private func choice(
    _ node: ChoiceNode, _ condition: IndexedCode, _ yes: IndexedCode, _ no: IndexedCode
  ) throws -> Part {
    let test = try evaluate(condition)
    if case .plain(let value) = test, let truth = try node.truth(value) { return try evaluate(truth ? yes : no) }
    let c = try indexed(test, node.condition)
    let (a, b): (Part, Part)
    if c.ownRank == 0 {
      let truth = IndexedValue(tensor: Engine.truths(c.tensor), indices: c.indices)
      let otherwise = IndexedValue(tensor: 1 - truth.tensor, indices: c.indices)
      a = try guarded(by: truth) { try evaluate(yes) }
      b = try guarded(by: otherwise) { try evaluate(no) }
    } else {
      (a, b) = (try evaluate(yes), try evaluate(no))
    }
    if case .plain(let value) = test, case .plain(let x) = a, case .plain(let y) = b {
      return .plain(try node.select(value, x, y))
    }
    let (x, y) = (try indexed(a, node.yes), try indexed(b, node.no))
    try checked(x, y, node.whole)
    try checked(c, x, node.whole)
    let rank = max(c.ownRank, x.ownRank, y.ownRank)
    var order: [Int] = []
    for value in [c, x, y] { order += value.indices.filter { !order.contains($0) } }
    let tensors = [c, x, y].map { $0.aligned(to: order, ownRank: rank) }
    var extents = [Int](repeating: 1, count: order.count + rank)
    for tensor in tensors {
      for (axis, extent) in tensor.shape.dimensions.enumerated() where extents[axis] == 1 { extents[axis] = extent }
    }
    do {
      let target = try Shape(checking: extents)
      let full = try tensors.map { $0.shape == target ? $0 : try Broadcast(to: target).apply($0) }
      return Part(try Engine.select(full[0], full[1], full[2]), order)
    } catch {
      throw fault(error, node.whole)
    }
  }

  func guarded<Result>(by truth: IndexedValue, _ body: () throws -> Result) rethrows -> Result {
    guards.append(truth)
    defer { guards.removeLast() }
    return try body()
  }
}
