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
  // A multiple of the widest block, so that the shares do not change how a number is summed.
  let together = max(1, vectorGrain / max(1, inner) / 64) * 64
  let source = x
  Parallel.forEach((outer + together - 1) / together) { share in
    let first = share * together
    let count = min(together, outer - first)
    if innerStride == 1 {
      dots(m + first * outerStride, outerStride, count, inner, source, sums + first, accumulate)
    } else {
      combinations(m + first, innerStride, count, inner, source, sums + first, accumulate)
    }
  }
  if yStride != 1 { for i in 0..<outer { y[i * yStride] = sums[i] } }
}

/// `y[i] = ∑[p] m[i,p]·x[p]` with contiguous rows: four rows at a time, each summed in one vector.
private func dots<T: TileScalar>(
  _ m: UnsafePointer<T>, _ rowStride: Int, _ rows: Int, _ inner: Int, _ x: UnsafePointer<T>,
  _ y: UnsafeMutablePointer<T>, _ accumulate: Bool
) {
  typealias V = T.Wide
  let width = V.scalarCount
  let whole = inner / width * width
  var i = 0
  while i < rows {
    // Past the last row the last is read again: the sums of a row do not depend on its neighbours.
    let (r0, r1) = (m + i * rowStride, m + min(i + 1, rows - 1) * rowStride)
    let (r2, r3) = (m + min(i + 2, rows - 1) * rowStride, m + min(i + 3, rows - 1) * rowStride)
    var (s0, s1, s2, s3) = (V.zero, V.zero, V.zero, V.zero)
    var p = 0
    while p < whole {
      let v = load(V.self, x + p)
      s0 = multiplyAdd(s0, load(V.self, r0 + p), v)
      s1 = multiplyAdd(s1, load(V.self, r1 + p), v)
      s2 = multiplyAdd(s2, load(V.self, r2 + p), v)
      s3 = multiplyAdd(s3, load(V.self, r3 + p), v)
      p += width
    }
    var (t0, t1, t2, t3) = (s0.sum(), s1.sum(), s2.sum(), s3.sum())
    while p < inner {
      t0 += r0[p] * x[p]
      t1 += r1[p] * x[p]
      t2 += r2[p] * x[p]
      t3 += r3[p] * x[p]
      p += 1
    }
    y[i] = accumulate ? y[i] + t0 : t0
    if i + 1 < rows { y[i + 1] = accumulate ? y[i + 1] + t1 : t1 }
    if i + 2 < rows { y[i + 2] = accumulate ? y[i + 2] + t2 : t2 }
    if i + 3 < rows { y[i + 3] = accumulate ? y[i + 3] + t3 : t3 }
    i += 4
  }
}

/// `y[j] = ∑[p] m[p,j]·x[p]` with contiguous rows: four rows at a time are added to y, which stays in the first cache.
private func combinations<T: TileScalar>(
  _ m: UnsafePointer<T>, _ rowStride: Int, _ columns: Int, _ inner: Int, _ x: UnsafePointer<T>,
  _ y: UnsafeMutablePointer<T>, _ accumulate: Bool
) {
  typealias V = T.Wide
  let width = V.scalarCount
  if !accumulate { y.update(repeating: 0, count: columns) }
  var p = 0
  while p < inner {
    let rows = min(4, inner - p)
    let (r0, r1) = (m + p * rowStride, m + (p + min(1, rows - 1)) * rowStride)
    let (r2, r3) = (m + (p + min(2, rows - 1)) * rowStride, m + (p + rows - 1) * rowStride)
    // A missing row counts zero times; the present one is read in its place so that nothing out of bounds is.
    let (x0, x1) = (x[p], rows > 1 ? x[p + 1] : 0)
    let (x2, x3) = (rows > 2 ? x[p + 2] : 0, rows > 3 ? x[p + 3] : 0)
    var j = 0
    while j + width <= columns {
      var s = load(V.self, UnsafePointer(y + j))
      s = multiplyAdd(s, load(V.self, r0 + j), V(repeating: x0))
      if rows > 1 { s = multiplyAdd(s, load(V.self, r1 + j), V(repeating: x1)) }
      if rows > 2 { s = multiplyAdd(s, load(V.self, r2 + j), V(repeating: x2)) }
      if rows > 3 { s = multiplyAdd(s, load(V.self, r3 + j), V(repeating: x3)) }
      store(s, y + j)
      j += width
    }
    while j < columns {
      var s = y[j] + r0[j] * x0
      if rows > 1 { s += r1[j] * x1 }
      if rows > 2 { s += r2[j] * x2 }
      if rows > 3 { s += r3[j] * x3 }
      y[j] = s
      j += 1
    }
    p += 4
  }
}
