import KernelInterface
import Tensors

extension IndexedRun {
  /// What is materialised at once; more is done in pieces.
  private static let pieceCount = 1 << 24

  /// `∑[k] …` and its like.
  func big(_ sum: IndexedSum) throws -> Part {
    let summed = sum.variables.map(\.id).filter { pins[$0] == nil }
    let dependent = sum.variables.filter { !($0.range?.indices.isEmpty ?? true) }
    if let result = try inPieces(sum, summed) { return result }
    if dependent.isEmpty, sum.op == .sum || sum.op == .mean {
      do {
        return try total(sum, summed)
      } catch let need as NeedsEach where !need.indices.isDisjoint(with: summed) {
        // A list of different shapes, say: its terms are computed one after the other.
      }
    }
    return try reduced(sum, summed, try mask(dependent, sum))
  }

  // MARK: Sums of products

  private func total(_ sum: IndexedSum, _ summed: [Int]) throws -> Part {
    var product = FactorList()
    try collect(sum.body, Set(summed), &product)
    for index in summed where !product.factors.contains(where: { $0.indices.contains(index) }) {
      product.scale *= Double(extent(index))
    }
    if sum.op == .mean {
      let count = summed.reduce(1) { $0 * extent($1) }
      if count == 0 { throw fault(ShapeError.empty([0]), sum.expression) }
      product.scale /= Double(count)
    }
    try scaleSmallest(&product, Set(summed))
    var result = try self.product(product, Set(summed), sum)
    if product.scale != 1 || product.factors.isEmpty {
      switch result {
      case .plain(.number(let number)): result = .plain(.number(number * product.scale))
      case .plain(let value):
        result = Part(value.tensor(machine.elementType)! * product.scale, [])
      case .indexed(let value): result = Part(value.tensor * product.scale, value.indices)
      }
    }
    for (node, divisor) in product.divisors { result = try binary(node, result, divisor) }
    return result
  }

  /// Where the sum has more elements than one of its factors, that factor takes the numbers: one pass over less.
  private func scaleSmallest(_ list: inout FactorList, _ summed: Set<Int>) throws {
    guard list.factors.count >= 2 else { return }
    func count(_ indices: Set<Int>) -> Int { indices.reduce(1) { $0 * extent($1) } }
    let kept = list.factors.reduce(into: Set<Int>()) { $0.formUnion($1.indices) }.subtracting(summed)
    let sizes = list.factors.map { count($0.indices) }
    guard let smallest = sizes.indices.min(by: { sizes[$0] < sizes[$1] }), sizes[smallest] * 2 < count(kept) else {
      return
    }
    let numbers = list.divisors.filter { if case .plain(.number) = $0.1 { true } else { false } }
    guard list.scale != 1 || !numbers.isEmpty, let code = list.factors[smallest].code else { return }
    var part = try evaluate(code)
    guard case .indexed(var value) = part, value.tensor.count == sizes[smallest] else { return }
    if list.scale != 1 { value.tensor = value.tensor * list.scale }
    list.scale = 1
    part = .indexed(value)
    for (node, divisor) in numbers { part = try binary(node, part, divisor) }
    list.divisors.removeAll { if case .plain(.number) = $0.1 { true } else { false } }
    guard case .indexed(let scaled) = part else { return }
    list.factors[smallest] = .init(code: nil, value: scaled, indices: list.factors[smallest].indices)
  }

  /// The factors of a product: codes not yet computed, so that a window need not be spread out.
  struct FactorList {
    struct Factor {
      let code: IndexedCode?
      var value: IndexedValue?
      var indices: Set<Int>
    }
    var factors: [Factor] = []
    var scale = 1.0
    var divisors: [(BinaryNode, Part)] = []
  }

  private func collect(_ code: IndexedCode, _ summed: Set<Int>, _ list: inout FactorList) throws {
    switch code {
    case .negate(_, let inner):
      list.scale *= -1
      return try collect(inner, summed, &list)
    case .binary(let node, let a, let b) where node.op == .multiply:
      try collect(a, summed, &list)
      return try collect(b, summed, &list)
    case .binary(let node, let a, let b) where node.op == .divide && b.indices.isDisjoint(with: summed):
      let divisor = try evaluate(b)
      try collect(a, summed, &list)
      return list.divisors.append((node, divisor))
    case .product(_, let a, let b, _):
      if try ownRank(a) == 0, try ownRank(b) == 0 {
        try collect(a, summed, &list)
        return try collect(b, summed, &list)
      }
    case .plain(let invariant):
      if case .number(let number) = try value(invariant) {
        list.scale *= number
        return
      }
    case .read(let read):
      let free = read.indices.filter { pins[$0] == nil }
      if !free.isEmpty {
        list.factors.append(.init(code: code, value: nil, indices: free))
        return
      }
    default: break
    }
    let part = try evaluate(code)
    if case .plain(.number(let number)) = part {
      list.scale *= number
      return
    }
    let value = try indexed(part, sourceExpression(code))
    list.factors.append(.init(code: nil, value: value, indices: Set(value.indices)))
  }

  private func sourceExpression(_ code: IndexedCode) -> Expression {
    switch code {
    case .plain(let invariant), .opaque(let invariant, _): invariant.expression
    case .read(let read): read.expression
    case .binary(let node, _, _), .product(let node, _, _, _), .join(let node, _, _), .negate(let node, _): node.whole
    case .transpose(_, let expression): expression
    case .choice(let node, _, _, _): node.whole
    case .call(let call): call.site.callee
    case .big(let sum): sum.expression
    case .index, .local: Expression(.number(0), table.entries.first?.name.range ?? SourceRange(0, 0))
    }
  }

  /// The axes a part adds, as far as they are known without computing it.
  private func ownRank(_ code: IndexedCode) throws -> Int? {
    switch code {
    case .plain(let invariant): return try value(invariant).shape?.rank
    case .index: return 0
    case .local(let number):
      switch locals[number] {
      case .plain(let value): return value.shape?.rank
      case .indexed(let value): return value.ownRank
      case nil: return nil
      }
    case .read(let read):
      guard case .plain(let invariant) = read.base, let rank = try value(invariant).shape?.rank else { return nil }
      guard read.subscripts.allSatisfy({ if case .affine = $0 { true } else { false } }) else { return nil }
      return rank - read.subscripts.count
    case .negate(_, let a): return try ownRank(a)
    case .binary(_, let a, let b):
      guard let p = try ownRank(a), let q = try ownRank(b) else { return nil }
      return max(p, q)
    default: return nil
    }
  }

  private func product(_ list: FactorList, _ summed: Set<Int>, _ sum: IndexedSum) throws -> Part {
    var list = list
    guard !list.factors.isEmpty else { return .plain(.number(1)) }
    while let window = try WindowProduct.find(in: list.factors, summed, self) {
      let value = try window.run(self, sum.expression)
      list.factors.remove(at: max(window.image, window.kernel))
      list.factors.remove(at: min(window.image, window.kernel))
      list.factors.append(.init(code: nil, value: value, indices: Set(value.indices)))
    }
    var values: [IndexedValue] = []
    for factor in list.factors {
      if let value = factor.value {
        values.append(value)
      } else if let code = factor.code {
        let value = try indexed(try evaluate(code), sourceExpression(code))
        values.append(value)
      }
    }
    var order: [Int] = []
    for value in values { order += value.indices.filter { !summed.contains($0) && !order.contains($0) } }
    let own = values.map(\.ownShape).max { $0.rank < $1.rank } ?? .scalar
    guard values.allSatisfy({ $0.ownRank == 0 || $0.ownShape == own }) else {
      // Own axes that stretch: the product is formed, then summed.
      return try reduced(sum, Array(summed), nil)
    }
    let letters = (0..<own.rank).map { -1 - $0 }
    let factors = values.map { Indexed($0.tensor, $0.indices + ($0.ownRank > 0 ? letters : [])) }
    let tensor = try contract(factors, to: order + letters, sum.expression)
    return Part(tensor, order)
  }

  /// The contraction of factors, or the failure of a result that is too large.
  func contract(_ factors: [Indexed], to output: [Int], _ expression: Expression) throws -> Tensor {
    let letters = factors.reduce(into: Set<Int>()) { $0.formUnion($1.indices) }
    let type = factors.dropFirst().reduce(factors[0].tensor.elementType) {
      ElementType.joining($0, $1.tensor.elementType)
    }
    let cast = factors.map { Indexed($0.tensor.cast(to: type), $0.indices) }
    do {
      guard letters.count <= Shape.maximumRank else { throw ShapeError.tooManyAxes(rank: letters.count) }
      return try contraction(of: cast, to: output)
    } catch {
      throw fault(error, expression)
    }
  }

  // MARK: Everything else

  /// Where a range depends on other indices: 1 for the values inside.
  private func mask(_ variables: [IndexTable.Entry], _ sum: IndexedSum) throws -> IndexedValue? {
    var mask: IndexedValue?
    for variable in variables where pins[variable.id] == nil {
      guard let range = variable.range else { continue }
      let index = try indexed(try evaluate(.index(variable.id)), range.expression)
      let low = try indexed(try evaluate(range.low), range.expression)
      let high = try indexed(try evaluate(range.high), range.expression)
      let (a, x, l) = IndexedValue.aligned(index, low)
      let above = IndexedValue(tensor: try compared(.greaterOrEqual, x, l, sum), indices: a)
      let (b, y, h) = IndexedValue.aligned(index, high)
      let below = IndexedValue(tensor: try compared(range.isClosed ? .lessOrEqual : .less, y, h, sum), indices: b)
      for part in [above, below] {
        guard let current = mask else {
          mask = part
          continue
        }
        mask = try times(current, part, sum.expression)
      }
    }
    return mask
  }

  private func compared(_ op: BinaryOperation, _ x: Tensor, _ y: Tensor, _ sum: IndexedSum) throws -> Tensor {
    do { return try Engine.compare(op, x, y) } catch { throw fault(error, sum.expression) }
  }

  /// The terms themselves, then the reduction over their axes.
  private func reduced(_ sum: IndexedSum, _ summed: [Int], _ mask: IndexedValue?) throws -> Part {
    let all = sum.body.indices.union(summed)
    let part: Part =
      if let mask {
        try guarded(by: mask) { try eachWhereNeeded(all) { try evaluate(sum.body) } }
      } else {
        try eachWhereNeeded(all) { try evaluate(sum.body) }
      }
    var value = try indexed(part, sum.expression)
    if let mask { value = try masked(value, mask, sum) }
    let kept = value.indices.filter { !summed.contains($0) }
    let extents = kept.map { value.extent(of: $0)! }
    let counts = summed.map { extent($0) }
    let count = counts.reduce(1, *)
    let own = value.ownShape
    do {
      let target = try Shape(checking: extents + [count] + own.dimensions)
      try MemoryLimit.check(target, value.tensor.elementType)
      let terms = value.spread(over: kept + summed, extents: extents + counts).reshaped(to: target)
      return Part(try reduce(terms, kept, count, sum, summed, mask), kept)
    } catch let error as ShapeError {
      throw fault(error, sum.expression)
    }
  }

  private func masked(_ value: IndexedValue, _ mask: IndexedValue, _ sum: IndexedSum) throws -> IndexedValue {
    let fill: Double =
      switch sum.op {
      case .sum, .mean: 0
      case .prod: 1
      case .max, .argmax: -.infinity
      case .min, .argmin: .infinity
      }
    try checked(value, mask, sum.expression)
    let order = value.indices + mask.indices.filter { !value.indices.contains($0) }
    let extents = order.map { value.extent(of: $0) ?? mask.extent(of: $0)! }
    let x = value.spread(over: order, extents: extents)
    var c = mask.spread(over: order, extents: extents)
    c = c.reshaped(to: Shape(extents + Array(repeating: 1, count: value.ownRank)))
    do {
      if c.shape != x.shape { c = try Broadcast(to: x.shape).apply(c) }
      return IndexedValue(tensor: try Engine.select(c, x, Tensor(fill, x.elementType)), indices: order)
    } catch {
      throw fault(error, sum.expression)
    }
  }

  private func reduce(
    _ terms: Tensor, _ kept: [Int], _ count: Int, _ sum: IndexedSum, _ summed: [Int], _ mask: IndexedValue?
  ) throws -> Tensor {
    let axis = kept.count
    var result: Tensor
    switch sum.op {
    case .sum: result = try Engine.sum(terms, axis, false)
    case .mean:
      guard count > 0 else { throw ShapeError.empty(terms.shape) }
      result = try Engine.sum(terms, axis, false)
      result.mayStretch = true
      guard let mask else { return result / Double(count) }
      // The number of terms is another for each value of the indices.
      let other = mask.indices.filter { kept.contains($0) }
      let all = other + summed
      let ones = mask.spread(over: all, extents: all.map { extent($0) })
      let counts = try contract([Indexed(ones, all)], to: other, sum.expression)
      return result
        / IndexedValue(tensor: counts, indices: other).aligned(to: kept, ownRank: terms.rank - kept.count - 1)
    case .prod: result = try Engine.product(terms, axis, false)
    case .max, .min: result = try Engine.extreme(terms, axis, false, isMax: sum.op == .max)
    case .argmax, .argmin:
      guard summed.count == 1 else {
        throw machine.failure("E0206", "\(sum.op) runs over one index", at: site(sum.expression))
      }
      result = try Engine.argument(terms, axis, false, isMax: sum.op == .argmax)
      let first = ranges[summed[0]]?.lowerBound ?? 0
      if first != 0 { result = result + Double(first) }
    }
    result.mayStretch = true
    return result
  }

  // MARK: Pieces

  /// The sum done for a part of one index after the other, where its terms together are more than is kept at once; nil where they
  /// are not.
  private func inPieces(_ sum: IndexedSum, _ summed: [Int]) throws -> Part? {
    let count = largest(sum.body, inProduct: sum.op == .sum || sum.op == .mean)
    guard count > Double(Self.pieceCount), pieces == 0 else { return nil }
    let kept = sum.indices.filter { pins[$0] == nil && extent($0) > 1 }.sorted { extent($0) > extent($1) }
    guard let index = kept.first, let whole = ranges[index] else { return nil }
    try checkSize(kept, sum.expression)
    let step = max(1, Int(Double(whole.count) * Double(Self.pieceCount) / count))
    var parts: [IndexedValue] = []
    pieces += 1
    defer {
      ranges[index] = whole
      calls = [:]
      pieces -= 1
    }
    var start = whole.lowerBound
    while start < whole.upperBound {
      try machine.poll()
      ranges[index] = start..<min(start + step, whole.upperBound)
      calls = [:]
      let part = try big(sum)
      guard case .indexed(let value) = part, value.indices.contains(index) else { return part }
      parts.append(value)
      start += step
    }
    let order = parts[0].indices
    let place = order.firstIndex(of: index)!
    let tensors = parts.map { $0.aligned(to: order, ownRank: $0.ownRank) }
    do { return Part(try Engine.concatenate(tensors, axis: place), order) } catch { throw fault(error, sum.expression) }
  }

  /// How many numbers the largest tensor has that is made on the way.
  private func largest(_ code: IndexedCode, inProduct: Bool) -> Double {
    switch code {
    case .binary(let node, let a, let b) where inProduct && node.op == .multiply:
      return max(largest(a, inProduct: true), largest(b, inProduct: true))
    case .binary(let node, let a, _) where inProduct && node.op == .divide: return largest(a, inProduct: true)
    case .product(_, let a, let b, _): return max(largest(a, inProduct: true), largest(b, inProduct: true))
    case .negate(_, let a): return largest(a, inProduct: inProduct)
    case .read where inProduct: return 0
    case .plain, .index, .local: return 0
    case .big(let sum): return largest(sum.body, inProduct: sum.op == .sum || sum.op == .mean)
    default: return code.indices.reduce(1.0) { pins[$1] == nil ? $0 * Double(extent($1)) : $0 }
    }
  }
}
