import KernelInterface

/// A product with one row or one column: a matrix times a vector, `y[j] = ∑[p] M[j,p]·x[p]`.
func vectorProduct<T: TileScalar>(_ call: MatrixProductCall<T>) {
  if call.rows == 1 {
    let dots = call.bRowStride == 1
    if dots || call.bColumnStride == 1 {
      matrixVector(
        call.b, outer: call.columns, outerStride: call.bColumnStride, inner: call.inner, innerStride: call.bRowStride,
        x: call.a, xStride: call.aColumnStride, y: call.c, yStride: 1, accumulate: call.accumulate)
      return
    }
  } else if call.aColumnStride == 1 || call.aRowStride == 1 {
    matrixVector(
      call.a, outer: call.rows, outerStride: call.aRowStride, inner: call.inner, innerStride: call.aColumnStride,
      x: call.b, xStride: call.bRowStride, y: call.c, yStride: call.cRowStride, accumulate: call.accumulate)
    return
  }
  for i in 0..<call.rows {
    for j in 0..<call.columns {
      var sum: T = 0
      for p in 0..<call.inner {
        sum +=
          call.a[i * call.aRowStride + p * call.aColumnStride] * call.b[p * call.bRowStride + j * call.bColumnStride]
      }
      let place = i * call.cRowStride + j
      call.c[place] = call.accumulate ? call.c[place] + sum : sum
    }
  }
}

/// Numbers of the matrix that one index of a parallel loop reads.
private let vectorGrain = 1 << 16

@inline(__always)
private func matrixVector<T: TileScalar>(
  _ m: UnsafePointer<T>, outer: Int, outerStride: Int, inner: Int, innerStride: Int, x: UnsafePointer<T>, xStride: Int,
  y: UnsafeMutablePointer<T>, yStride: Int, accumulate: Bool
) {
  let needsCopy = xStride != 1 || yStride != 1
  let own = Scratch.bytes(.vector, needsCopy ? (inner + outer) * MemoryLayout<T>.stride : 1).assumingMemoryBound(
    to: T.self)
  var x = x
  if xStride != 1 {
    for p in 0..<inner { own[p] = x[p * xStride] }
    x = UnsafePointer(own)
  }
  let sums = yStride == 1 ? y : own + inner
  if yStride != 1 && accumulate { for i in 0..<outer { sums[i] = y[i * yStride] } }
  // A multiple of the widest block, so that the shares do not change how a number is summed; and where rows are added up, long
  // enough runs of each.
  let least = innerStride == 1 ? 64 : 512
  let together = max(1, vectorGrain / max(1, inner) / least) * least
  let source = x
  Parallel.forEach((outer + together - 1) / together) { share in
    let first = share * together
    let count = min(together, outer - first)
    // A single column is a row as well.
    if innerStride == 1 && !(inner == 1 && outerStride == 1) {
      dots(m + first * outerStride, outerStride, count, inner, source, sums + first, accumulate)
    } else {
      combinations(m + first, innerStride, count, inner, source, sums + first, accumulate)
    }
  }
  if yStride != 1 { for i in 0..<outer { y[i * yStride] = sums[i] } }
}

/// `y[i] = ∑[p] m[i,p]·x[p]` with contiguous rows: eight rows at a time, each summed in one vector.
private func dots<T: TileScalar>(
  _ m: UnsafePointer<T>, _ rowStride: Int, _ rows: Int, _ inner: Int, _ x: UnsafePointer<T>,
  _ y: UnsafeMutablePointer<T>, _ accumulate: Bool
) {
  typealias V = T.Wide
  let width = V.scalarCount
  let whole = inner / width * width
  for i in stride(from: 0, to: rows, by: 8) {
    // Past the last row the last is read again: the sums of a row do not depend on its neighbours.
    @inline(__always) func row(_ r: Int) -> UnsafePointer<T> { m + min(i + r, rows - 1) * rowStride }
    let (r0, r1, r2, r3) = (row(0), row(1), row(2), row(3))
    let (r4, r5, r6, r7) = (row(4), row(5), row(6), row(7))
    var (s0, s1, s2, s3) = (V.zero, V.zero, V.zero, V.zero)
    var (s4, s5, s6, s7) = (V.zero, V.zero, V.zero, V.zero)
    var p = 0
    while p < whole {
      let v = load(V.self, x + p)
      s0 = multiplyAdd(s0, load(V.self, r0 + p), v)
      s1 = multiplyAdd(s1, load(V.self, r1 + p), v)
      s2 = multiplyAdd(s2, load(V.self, r2 + p), v)
      s3 = multiplyAdd(s3, load(V.self, r3 + p), v)
      s4 = multiplyAdd(s4, load(V.self, r4 + p), v)
      s5 = multiplyAdd(s5, load(V.self, r5 + p), v)
      s6 = multiplyAdd(s6, load(V.self, r6 + p), v)
      s7 = multiplyAdd(s7, load(V.self, r7 + p), v)
      p += width
    }
    @inline(__always) func finish(_ r: Int, _ row: UnsafePointer<T>, _ s: V) {
      if i + r >= rows { return }
      var total = s.sum()
      for p in whole..<inner { total += row[p] * x[p] }
      y[i + r] = accumulate ? y[i + r] + total : total
    }
    finish(0, r0, s0)
    finish(1, r1, s1)
    finish(2, r2, s2)
    finish(3, r3, s3)
    finish(4, r4, s4)
    finish(5, r5, s5)
    finish(6, r6, s6)
    finish(7, r7, s7)
  }
}

/// `y[j] = ∑[p] m[p,j]·x[p]` with contiguous rows: eight rows at a time are added to y, which stays in the first cache.
private func combinations<T: TileScalar>(
  _ m: UnsafePointer<T>, _ rowStride: Int, _ columns: Int, _ inner: Int, _ x: UnsafePointer<T>,
  _ y: UnsafeMutablePointer<T>, _ accumulate: Bool
) {
  typealias V = T.Wide
  let width = V.scalarCount
  if !accumulate { y.update(repeating: 0, count: columns) }
  var p = 0
  while p + 8 <= inner {
    let row = m + p * rowStride
    let (x0, x1, x2, x3) = (x[p], x[p + 1], x[p + 2], x[p + 3])
    let (x4, x5, x6, x7) = (x[p + 4], x[p + 5], x[p + 6], x[p + 7])
    var j = 0
    while j + width <= columns {
      let place = row + j
      var s = multiplyAdd(load(V.self, UnsafePointer(y + j)), load(V.self, place), V(repeating: x0))
      var t = load(V.self, place + rowStride) * V(repeating: x1)
      s = multiplyAdd(s, load(V.self, place + 2 * rowStride), V(repeating: x2))
      t = multiplyAdd(t, load(V.self, place + 3 * rowStride), V(repeating: x3))
      s = multiplyAdd(s, load(V.self, place + 4 * rowStride), V(repeating: x4))
      t = multiplyAdd(t, load(V.self, place + 5 * rowStride), V(repeating: x5))
      s = multiplyAdd(s, load(V.self, place + 6 * rowStride), V(repeating: x6))
      t = multiplyAdd(t, load(V.self, place + 7 * rowStride), V(repeating: x7))
      store(s + t, y + j)
      j += width
    }
    while j < columns {
      let place = row + j
      let s = y[j] + place[0] * x0 + place[2 * rowStride] * x2 + place[4 * rowStride] * x4 + place[6 * rowStride] * x6
      let t = place[rowStride] * x1 + place[3 * rowStride] * x3 + place[5 * rowStride] * x5 + place[7 * rowStride] * x7
      y[j] = s + t
      j += 1
    }
    p += 8
  }
  while p < inner {
    let (row, factor) = (m + p * rowStride, x[p])
    var j = 0
    while j + width <= columns {
      store(multiplyAdd(load(V.self, UnsafePointer(y + j)), load(V.self, row + j), V(repeating: factor)), y + j)
      j += width
    }
    while j < columns {
      y[j] += row[j] * factor
      j += 1
    }
    p += 1
  }
}
