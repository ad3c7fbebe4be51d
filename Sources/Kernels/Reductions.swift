import KernelInterface

// Every reduction goes through a tree that depends on the count alone: blocks are folded with a few accumulators side by side, and
// blocks are combined in pairs, as are pairs of pairs. So sums are accurate, and the same from one thread or from many.

/// How a reduction combines two numbers, and what changes nothing.
protocol ReductionRule {
  static func identity<T: BinaryFloatingPoint>(_: T.Type) -> T
  static func of<V: Lanes>(_ a: V, _ b: V) -> V
  static func of<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T
}

enum ReductionRules {
  enum Sum: ReductionRule {
    @inline(__always) static func identity<T: BinaryFloatingPoint>(_: T.Type) -> T { 0 }
    @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a + b }
    @inline(__always) static func of<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a + b }
  }
  enum Product: ReductionRule {
    @inline(__always) static func identity<T: BinaryFloatingPoint>(_: T.Type) -> T { 1 }
    @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a * b }
    @inline(__always) static func of<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a * b }
  }
  enum Maximum: ReductionRule {
    @inline(__always) static func identity<T: BinaryFloatingPoint>(_: T.Type) -> T { -.infinity }
    @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.maximum(a, b) }
    @inline(__always) static func of<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a >= b || a != a ? a : b }
  }
  enum Minimum: ReductionRule {
    @inline(__always) static func identity<T: BinaryFloatingPoint>(_: T.Type) -> T { .infinity }
    @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.minimum(a, b) }
    @inline(__always) static func of<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a <= b || a != a ? a : b }
  }
}

/// Numbers that accumulators fold before the tree takes over.
private let block = 2048
/// Numbers of one thread's part of a long reduction.
private let part = 65536

func reduce<T: VectorScalar>(
  _ op: ReduceOperation, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ outer: Int, _ count: Int, _ inner: Int
) {
  switch op {
  case .sum: reduce(ReductionRules.Sum.self, x, out, outer, count, inner)
  case .product: reduce(ReductionRules.Product.self, x, out, outer, count, inner)
  case .maximum: reduce(ReductionRules.Maximum.self, x, out, outer, count, inner)
  case .minimum: reduce(ReductionRules.Minimum.self, x, out, outer, count, inner)
  }
}

func reduce<T: VectorScalar, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ outer: Int, _ count: Int, _ inner: Int
) {
  if inner != 1 {
    reduceColumns(rule, x, out, outer, count, inner, T.Vector.self)
  } else if count > part && outer < 4 {
    for row in 0..<outer { out[row] = longTotal(rule, x + row * count, count) }
  } else {
    inParts(outer, max(1, part / 2 / max(count, 1))) { start, rows in
      for row in start..<start + rows { out[row] = total(rule, x + row * count, count, T.Vector.self) }
    }
  }
}

/// The reduction of contiguous numbers, in parts that threads may share.
private func longTotal<T: VectorScalar, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<T>, _ count: Int
) -> T {
  let parts = (count + part - 1) / part
  return withUnsafeTemporaryAllocation(of: T.self, capacity: parts) { totals in
    let totals = totals.baseAddress.unsafelyUnwrapped
    Parallel.forEach(parts) { index in
      totals[index] = total(rule, x + index * part, min(part, count - index * part), T.Vector.self)
    }
    return total(rule, totals, parts, T.Vector.self)
  }
}

/// The larger power of two of a tree's left branch: fewer than all `count` leaves, and at least half.
@inline(__always)
func leftBranch(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }

/// The reduction of contiguous numbers: blocks, then pairs.
func total<V: Lanes, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ count: Int, _: V.Type
) -> V.Scalar {
  if count <= block { return blockTotal(rule, x, count, V.self) }
  let left = leftBranch((count + block - 1) / block) * block
  return rule.of(total(rule, x, left, V.self), total(rule, x + left, count - left, V.self))
}

private func blockTotal<V: Lanes, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ count: Int, _: V.Type
) -> V.Scalar {
  let identity = rule.identity(V.Scalar.self)
  if count < V.count {
    if count == 0 { return identity }
    var result = x[0]
    for k in 1..<count { result = rule.of(result, x[k]) }
    return result
  }
  var first = V(load: x)
  var i = V.count
  if count >= 4 * V.count {
    var second = V(load: x + i)
    var third = V(load: x + 2 * V.count)
    var fourth = V(load: x + 3 * V.count)
    i = 4 * V.count
    while i + 4 * V.count <= count {
      first = rule.of(first, V(load: x + i))
      second = rule.of(second, V(load: x + i + V.count))
      third = rule.of(third, V(load: x + i + 2 * V.count))
      fourth = rule.of(fourth, V(load: x + i + 3 * V.count))
      i += 4 * V.count
    }
    first = rule.of(rule.of(first, second), rule.of(third, fourth))
  }
  while i + V.count <= count {
    first = rule.of(first, V(load: x + i))
    i += V.count
  }
  if i < count { first = rule.of(first, V(load: x + i, first: count - i, filler: identity)) }
  return first.folded { rule.of($0, $1) }
}

func dot<T: VectorScalar>(_ a: UnsafePointer<T>, _ b: UnsafePointer<T>, _ count: Int) -> T {
  if count <= part { return dotTotal(a, b, count, T.Vector.self) }
  let parts = (count + part - 1) / part
  return withUnsafeTemporaryAllocation(of: T.self, capacity: parts) { totals in
    let totals = totals.baseAddress.unsafelyUnwrapped
    Parallel.forEach(parts) { index in
      let start = index * part
      totals[index] = dotTotal(a + start, b + start, min(part, count - start), T.Vector.self)
    }
    return total(ReductionRules.Sum.self, totals, parts, T.Vector.self)
  }
}

/// The sum of products of contiguous numbers: blocks, then pairs.
func dotTotal<V: Lanes>(
  _ a: UnsafePointer<V.Scalar>, _ b: UnsafePointer<V.Scalar>, _ count: Int, _: V.Type
) -> V.Scalar {
  if count > block {
    let left = leftBranch((count + block - 1) / block) * block
    return dotTotal(a, b, left, V.self) + dotTotal(a + left, b + left, count - left, V.self)
  }
  var (first, second, third, fourth) = (V(0), V(0), V(0), V(0))
  var i = 0
  while i + 4 * V.count <= count {
    first = V(load: a + i).times(V(load: b + i), plus: first)
    second = V(load: a + i + V.count).times(V(load: b + i + V.count), plus: second)
    third = V(load: a + i + 2 * V.count).times(V(load: b + i + 2 * V.count), plus: third)
    fourth = V(load: a + i + 3 * V.count).times(V(load: b + i + 3 * V.count), plus: fourth)
    i += 4 * V.count
  }
  first = (first + second) + (third + fourth)
  while i + V.count <= count {
    first = V(load: a + i).times(V(load: b + i), plus: first)
    i += V.count
  }
  if i < count {
    first = V(load: a + i, first: count - i, filler: 0).times(V(load: b + i, first: count - i, filler: 0), plus: first)
  }
  return first.folded { $0 + $1 }
}
