import KernelInterface

/// Rows that accumulators fold before the tree takes over.
private let block = 128
/// Rows of one thread's part when there are few columns to share.
private let part = 4096

/// `x: [outer, count, inner] -> out: [outer, inner]` for inner other than 1: strips of columns go down the rows together.
func reduceColumns<V: Lanes, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ outer: Int, _ count: Int,
  _ inner: Int, _: V.Type
) {
  guard outer > 0 && inner > 0 else { return }
  let strip = 4 * V.count
  let strips = (inner + strip - 1) / strip
  if count > part && outer * strips < 4 {
    let parts = (count + part - 1) / part
    withUnsafeTemporaryAllocation(of: V.Scalar.self, capacity: parts * inner) { totals in
      let totals = totals.baseAddress.unsafelyUnwrapped
      for o in 0..<outer {
        let x = x + o * count * inner
        Parallel.forEach(parts) { index in
          let rows = min(part, count - index * part)
          columns(rule, x + index * part * inner, totals + index * inner, rows, inner, 0, inner, V.self)
        }
        columns(rule, UnsafePointer(totals), out + o * inner, parts, inner, 0, inner, V.self)
      }
    }
    return
  }
  let work = max(1, count * min(inner, strip))
  inParts(outer * strips, max(1, 32768 / work)) { start, length in
    for item in start..<start + length {
      let (o, s) = item.quotientAndRemainder(dividingBy: strips)
      let last = min(inner, (s + 1) * strip)
      columns(rule, x + o * count * inner, out + o * inner, count, inner, s * strip, last, V.self)
    }
  }
}

/// Columns `first..<last` of `x: [count, inner]`.
private func columns<V: Lanes, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _ inner: Int,
  _ first: Int, _ last: Int, _: V.Type
) {
  if count == 0 {
    for j in first..<last { out[j] = rule.identity(V.Scalar.self) }
    return
  }
  var j = first
  while j + 4 * V.count <= last {
    let (a, b, c, d) = wideColumns(rule, x + j, inner, count, V.self)
    a.store(out + j)
    b.store(out + j + V.count)
    c.store(out + j + 2 * V.count)
    d.store(out + j + 3 * V.count)
    j += 4 * V.count
  }
  while j < last {
    let lanes = min(V.count, last - j)
    let value = narrowColumns(rule, x + j, inner, count, lanes, V.self)
    if lanes == V.count { value.store(out + j) } else { value.store(out + j, first: lanes) }
    j += lanes
  }
}

private func wideColumns<V: Lanes, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ inner: Int, _ count: Int, _: V.Type
) -> (V, V, V, V) {
  if count > block {
    let left = leftBranch((count + block - 1) / block) * block
    let above = wideColumns(rule, x, inner, left, V.self)
    let below = wideColumns(rule, x + left * inner, inner, count - left, V.self)
    return (
      rule.of(above.0, below.0), rule.of(above.1, below.1), rule.of(above.2, below.2), rule.of(above.3, below.3)
    )
  }
  var (a, b) = (V(load: x), V(load: x + V.count))
  var (c, d) = (V(load: x + 2 * V.count), V(load: x + 3 * V.count))
  var row = x + inner
  for _ in 1..<count {
    a = rule.of(a, V(load: row))
    b = rule.of(b, V(load: row + V.count))
    c = rule.of(c, V(load: row + 2 * V.count))
    d = rule.of(d, V(load: row + 3 * V.count))
    row += inner
  }
  return (a, b, c, d)
}

/// One register of columns, of which the first `lanes` count; four rows go side by side.
private func narrowColumns<V: Lanes, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ inner: Int, _ count: Int, _ lanes: Int, _: V.Type
) -> V {
  if count > block {
    let left = leftBranch((count + block - 1) / block) * block
    return rule.of(
      narrowColumns(rule, x, inner, left, lanes, V.self),
      narrowColumns(rule, x + left * inner, inner, count - left, lanes, V.self))
  }
  if lanes == V.count { return narrowBlock(rule, x, inner, count) { V(load: $0) } }
  return narrowBlock(rule, x, inner, count) { V(load: $0, first: lanes) }
}

@inline(__always)
private func narrowBlock<V: Lanes, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ inner: Int, _ count: Int,
  _ load: (UnsafePointer<V.Scalar>) -> V
) -> V {
  let identity = V(rule.identity(V.Scalar.self))
  var (a, b, c, d) = (identity, identity, identity, identity)
  var row = x
  for _ in 0..<count / 4 {
    a = rule.of(a, load(row))
    b = rule.of(b, load(row + inner))
    c = rule.of(c, load(row + 2 * inner))
    d = rule.of(d, load(row + 3 * inner))
    row += 4 * inner
  }
  a = rule.of(rule.of(a, b), rule.of(c, d))
  for _ in 0..<count % 4 {
    a = rule.of(a, load(row))
    row += inner
  }
  return a
}

func argument<T: VectorScalar>(
  _ ofMaximum: Bool, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<Int>, _ outer: Int, _ count: Int, _ inner: Int
) {
  if ofMaximum {
    argument(ReductionRules.Maximum.self, x, out, outer, count, inner)
  } else {
    argument(ReductionRules.Minimum.self, x, out, outer, count, inner)
  }
}

/// Finds the extreme numbers first, then where each first occurs.
private func argument<T: VectorScalar, Rule: ReductionRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<Int>, _ outer: Int, _ count: Int, _ inner: Int
) {
  inParts(outer, max(1, 32768 / max(1, count * inner))) { start, length in
    withUnsafeTemporaryAllocation(of: T.self, capacity: max(1, inner)) { best in
      let best = best.baseAddress.unsafelyUnwrapped
      for o in start..<start + length {
        let (x, out) = (x + o * count * inner, out + o * inner)
        reduce(rule, x, best, 1, count, inner)
        if inner == 1 {
          out[0] = firstIndex(of: best[0], x, count)
        } else {
          for i in 0..<inner { out[i] = -1 }
          var missing = inner
          var k = 0
          while missing > 0 && k < count {
            let row = x + k * inner
            for i in 0..<inner where out[i] < 0 && (row[i] == best[i] || (row[i] != row[i])) {
              out[i] = k
              missing -= 1
            }
            k += 1
          }
        }
      }
    }
  }
}

private func firstIndex<T: BinaryFloatingPoint>(of value: T, _ x: UnsafePointer<T>, _ count: Int) -> Int {
  var k = 0
  if value.isNaN {
    while k < count && !x[k].isNaN { k += 1 }
  } else {
    while k < count && x[k] != value { k += 1 }
  }
  return k
}
