import KernelInterface

/// The pullback of `conv2d` to its kernel: `out[o, tap] = ∑[n, pixel] gradient[n, o, pixel] · x[n, tap at pixel]`.
///
/// A tile's rows are taps, read where they lie in the image; its columns are output channels, of which each pixel's stand side by side
/// after a transposition. The batch is cut into parts by its size; each part has its own sums, added in order at the end.
func conv2dKernelGradient<T: TileScalar>(
  _ g: Conv2dGeometry, _ x: UnsafePointer<T>, _ gradient: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
) {
  let pixels = g.outputHeight * g.outputWidth
  guard g.batch > 0 && pixels > 0 && g.kernelCount > 0 else {
    return out.update(repeating: 0, count: g.kernelCount)
  }
  let taps = g.kernelHeight * g.kernelWidth
  let lane = T.Wide.scalarCount
  let columns = (g.outputChannels + lane - 1) / lane * lane
  let size = g.inputChannels * taps * columns
  let images = balanced(
    g.batch, most: (g.batch + max(1, min(16, (1 << 21) / size)) - 1) / max(1, min(16, (1 << 21) / size)))
  let parts = (g.batch + images - 1) / images
  // Few parts are cut again by channels; each then transposes the gradient for itself.
  let channels = balanced(g.inputChannels, most: max(32, g.inputChannels * parts / 16))
  let groups = (g.inputChannels + channels - 1) / channels
  let sums = Scratch.bytes(.sums, parts * size * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
  Parallel.forEach(parts * groups) { index in
    let (part, first) = (index / groups, index % groups * channels)
    let some = first..<min(first + channels, g.inputChannels)
    var accumulate = false
    for n in part * images..<min(g.batch, (part + 1) * images) {
      addKernelGradient(
        g, x + n * g.inputChannels * g.inputHeight * g.inputWidth, gradient + n * g.outputChannels * pixels, some,
        sums + part * size + first * taps * columns, columns, accumulate: accumulate, isLast: n == g.batch - 1)
      accumulate = true
    }
  }
  let all = g.inputChannels * taps
  let together = balanced(all, most: max(4, (1 << 14) / columns))
  Parallel.forEach((all + together - 1) / together) { index in
    let first = index * together
    let count = min(together, all - first)
    let total = sums + first * columns
    for part in 1..<max(1, parts) where parts > 1 {
      let other = total + part * size
      for i in stride(from: 0, to: count * columns, by: lane) {
        store(load(T.Wide.self, UnsafePointer(total + i)) + load(T.Wide.self, UnsafePointer(other + i)), total + i)
      }
    }
    transpose(UnsafePointer(total), columns, count, g.outputChannels, out + first, all)
  }
}

/// Adds one image's part for some channels to `sums: [taps of the channels, columns]`.
private func addKernelGradient<T: TileScalar>(
  _ g: Conv2dGeometry, _ image: UnsafePointer<T>, _ gradient: UnsafePointer<T>, _ channels: Range<Int>,
  _ sums: UnsafeMutablePointer<T>, _ columns: Int, accumulate: Bool, isLast: Bool
) {
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  let (taps, lane) = (g.kernelHeight * g.kernelWidth, T.Wide.scalarCount)
  let width = 2 * lane
  let strips = (columns + width - 1) / width
  // Some output rows at a time: their gradients, transposed, stay in the second cache.
  let rowsTogether = balanced(oh, most: 320 * 1024 / MemoryLayout<T>.stride / (ow * strips * width))
  for firstRow in stride(from: 0, to: oh, by: rowsTogether) {
    let rows = min(rowsTogether, oh - firstRow)
    let steps = rows * ow
    let band = Band(
      g, image, channels, pixels: firstRow * ow..<firstRow * ow + steps, isLast: isLast)
    let turned = Scratch.bytes(.gradient, strips * width * steps * MemoryLayout<T>.stride)
      .assumingMemoryBound(to: T.self)
    for strip in 0..<strips {
      let channel = strip * width
      transpose(
        gradient + channel * oh * ow + firstRow * ow, oh * ow, min(width, g.outputChannels - channel), steps,
        turned + strip * width * steps, width)
    }
    var operands = GatherOperands<T>(
      start: band.start, step: 1, run: ow, runs: rows, runStride: g.strideHeight * band.rowStride,
      b: UnsafePointer(turned), bStep: width, c: sums, cRow: columns, accumulate: accumulate || firstRow > 0)
    let count = channels.count * taps
    for first in stride(from: 0, to: count, by: tileRows) {
      let some = min(tileRows, count - first)
      for r in 0..<some {
        let tap = first + r
        let (i, k, l) = (tap / taps, tap % taps / g.kernelWidth, tap % g.kernelWidth)
        operands.rows[r] = i * band.channelStride + band.offset(g, k, l)
      }
      for strip in 0..<strips {
        operands.b = UnsafePointer(turned + strip * width * steps)
        operands.c = sums + first * columns + strip * width
        if columns - strip * width >= width {
          gatherTile(T.Wide.self, rows: some, twice: true, operands)
        } else {
          gatherTile(T.Wide.self, rows: some, twice: false, operands)
        }
      }
    }
  }
}

/// A tile whose rows begin anywhere and go by in runs: `A[r, (u, p)]` is `start[rows[r] + u * runStride + p]`.
private struct GatherOperands<T> {
  var start: UnsafePointer<T>
  var rows = SIMD8<Int>()
  var step: Int
  var run: Int
  var runs: Int
  var runStride: Int
  var b: UnsafePointer<T>
  var bStep: Int
  var c: UnsafeMutablePointer<T>
  var cRow: Int
  var accumulate: Bool
}

@inline(__always)
private func gatherTile<V: SIMD>(_ type: V.Type, rows: Int, twice: Bool, _ o: GatherOperands<V.Scalar>)
where V.Scalar: BinaryFloatingPoint {
  switch (rows, twice) {
  case (1, true): gatherTile(type, Twofold<Rows1>.self, o)
  case (2, true): gatherTile(type, Twofold<Rows2>.self, o)
  case (3, true): gatherTile(type, Twofold<Rows3>.self, o)
  case (4, true): gatherTile(type, Twofold<Rows4>.self, o)
  case (5, true) where tileRows > 4: gatherTile(type, Twofold<Rows5>.self, o)
  case (6, true) where tileRows > 4: gatherTile(type, Twofold<Rows6>.self, o)
  case (7, true) where tileRows > 6: gatherTile(type, Twofold<Rows7>.self, o)
  case (_, true): if tileRows > 6 { gatherTile(type, Twofold<Rows8>.self, o) }
  case (1, false): gatherTile(type, Single<Rows1>.self, o)
  case (2, false): gatherTile(type, Single<Rows2>.self, o)
  case (3, false): gatherTile(type, Single<Rows3>.self, o)
  case (4, false): gatherTile(type, Single<Rows4>.self, o)
  case (5, false) where tileRows > 4: gatherTile(type, Single<Rows5>.self, o)
  case (6, false) where tileRows > 4: gatherTile(type, Single<Rows6>.self, o)
  case (7, false) where tileRows > 6: gatherTile(type, Single<Rows7>.self, o)
  default: if tileRows > 6 { gatherTile(type, Single<Rows8>.self, o) }
  }
}

/// The product's tile, for rows that begin anywhere.
@inline(never)
private func gatherTile<V: SIMD, S: TileShape>(_ type: V.Type, _: S.Type, _ o: GatherOperands<V.Scalar>)
where V.Scalar: BinaryFloatingPoint {
  let (rows, twice) = (S.rows, S.twice)
  let width = V.scalarCount
  var (s0, t0, s1, t1) = (V.zero, V.zero, V.zero, V.zero)
  var (s2, t2, s3, t3) = (V.zero, V.zero, V.zero, V.zero)
  var (s4, t4, s5, t5) = (V.zero, V.zero, V.zero, V.zero)
  var (s6, t6, s7, t7) = (V.zero, V.zero, V.zero, V.zero)
  var start = o.start
  var b = o.b
  let bStep = o.bStep
  for _ in 0..<o.runs {
    let (a0, a1, a2, a3) = (start + o.rows[0], start + o.rows[1], start + o.rows[2], start + o.rows[3])
    let (a4, a5, a6, a7) = (start + o.rows[4], start + o.rows[5], start + o.rows[6], start + o.rows[7])
    for p in 0..<o.run {
      let x = load(type, b)
      let y = twice ? load(type, b + width) : V.zero
      @inline(__always) func row(_ a: UnsafePointer<V.Scalar>, _ s: inout V, _ t: inout V) {
        let factor = V(repeating: a[p])
        s = multiplyAdd(s, factor, x)
        if twice { t = multiplyAdd(t, factor, y) }
      }
      row(a0, &s0, &t0)
      if rows > 1 { row(a1, &s1, &t1) }
      if rows > 2 { row(a2, &s2, &t2) }
      if rows > 3 { row(a3, &s3, &t3) }
      if rows > 4 { row(a4, &s4, &t4) }
      if rows > 5 { row(a5, &s5, &t5) }
      if rows > 6 { row(a6, &s6, &t6) }
      if rows > 7 { row(a7, &s7, &t7) }
      b += bStep
    }
    start += o.runStride
  }
  @inline(__always) func finish(_ r: Int, _ s: V, _ t: V) {
    let c = o.c + r * o.cRow
    store(o.accumulate ? s + load(type, UnsafePointer(c)) : s, c)
    if twice { store(o.accumulate ? t + load(type, UnsafePointer(c + width)) : t, c + width) }
  }
  finish(0, s0, t0)
  if rows > 1 { finish(1, s1, t1) }
  if rows > 2 { finish(2, s2, t2) }
  if rows > 3 { finish(3, s3, t3) }
  if rows > 4 { finish(4, s4, t4) }
  if rows > 5 { finish(5, s5, t5) }
  if rows > 6 { finish(6, s6, t6) }
  if rows > 7 { finish(7, s7, t7) }
}
