import KernelInterface

/// Two-dimensional convolution, as a product: `out[n] = kernel: [channels, taps] · taps of x[n]: [taps, pixels] + bias`.
///
/// The matrix of taps, each pixel's neighbourhood as a column, is never whole: a strip of pixels by a group of channels is copied straight
/// into the form that the product's tiles read, used, and overwritten by the next. Images and groups of pixels are shared among threads.
func conv2d<T: TileScalar>(
  _ g: Conv2dGeometry, _ x: UnsafePointer<T>, _ kernel: UnsafePointer<T>, _ bias: UnsafePointer<T>?,
  _ out: UnsafeMutablePointer<T>
) {
  let (width, pixels) = (2 * T.Wide.scalarCount, g.outputHeight * g.outputWidth)
  guard g.outputCount > 0 else { return }
  guard g.kernelCount > 0 else {
    for i in 0..<g.outputCount { out[i] = bias.map { $0[i / pixels % g.outputChannels] } ?? 0 }
    return
  }
  let taps = g.kernelHeight * g.kernelWidth
  let depth = g.inputChannels * taps
  let channels = balanced(g.inputChannels, most: 1536 / MemoryLayout<T>.stride / taps)
  let strips = (pixels + width - 1) / width
  // A group's strips stay in the second cache; a batch of few images is cut finer, so that every thread has work.
  let fitting = 384 * 1024 / MemoryLayout<T>.stride / (width * channels * taps)
  let together = balanced(strips, most: min(fitting, max(1, strips * g.batch / 8)))
  let groups = (strips + together - 1) / together
  Parallel.forEach(g.batch * groups) { index in
    let (n, group) = (index / groups, index % groups)
    let first = group * together * width
    let count = min(together * width, pixels - first)
    let image = x + n * g.inputChannels * g.inputHeight * g.inputWidth
    let panel = Scratch.bytes(.panel, ((together * width) * channels * taps + width) * MemoryLayout<T>.stride)
      .assumingMemoryBound(to: T.self)
    var call = MatrixProductCall<T>(
      rows: g.outputChannels, columns: count, inner: depth, a: kernel, aRowStride: depth, aColumnStride: 1,
      b: UnsafePointer(panel), bRowStride: width, bColumnStride: 1,
      c: out + n * g.outputChannels * pixels + first, cRowStride: pixels)
    for channel in stride(from: 0, to: g.inputChannels, by: channels) {
      let some = channel..<min(channel + channels, g.inputChannels)
      let band = Band(g, image, some, pixels: first..<first + count, isLast: n == g.batch - 1)
      band.packStrips(g, some.count, pixels: first..<first + count, panel)
      let steps = some.count * taps
      call.accumulate = channel > 0
      productBlock(
        call, 0..<g.outputChannels, 0..<(count + width - 1) / width,
        StripSource(start: UnsafePointer(panel), strip: width * steps, step: width), first: channel * taps,
        steps: steps, bias: bias)
    }
  }
}

/// The pullback of `conv2d` to its input: each neighbourhood's gradient, a product, is added where the neighbourhood came from.
///
/// Some channels of one image at a time, whose neighbourhoods stay in the second cache.
func conv2dInputGradient<T: TileScalar>(
  _ g: Conv2dGeometry, _ gradient: UnsafePointer<T>, _ kernel: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
) {
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  let (taps, pixels, plane) = (g.kernelHeight * g.kernelWidth, oh * ow, g.inputHeight * g.inputWidth)
  let channels = balanced(g.inputChannels, most: (1 << 17) / max(1, taps * pixels))
  let groups = (g.inputChannels + channels - 1) / channels
  Parallel.forEach(g.batch * groups) { index in
    let (n, first) = (index / groups, index % groups * channels)
    let count = min(channels, g.inputChannels - first)
    let target = out + (n * g.inputChannels + first) * plane
    target.update(repeating: 0, count: count * plane)
    guard pixels > 0 && taps > 0 && g.outputChannels > 0 else { return }
    let columns = Scratch.bytes(.image, count * taps * pixels * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
    matrixProduct(
      MatrixProductCall<T>(
        rows: count * taps, columns: pixels, inner: g.outputChannels,
        a: kernel + first * taps, aRowStride: 1, aColumnStride: g.inputChannels * taps,
        b: gradient + n * g.outputChannels * pixels, bRowStride: pixels, bColumnStride: 1,
        c: columns, cRowStride: pixels))
    for tap in 0..<count * taps {
      let (i, k, l) = (tap / taps, tap % taps / g.kernelWidth, tap % g.kernelWidth)
      let source = columns + tap * pixels
      let (firstColumn, endColumn) = inside(l - g.padding.left, g.strideWidth, g.inputWidth, ow)
      for y in 0..<oh {
        let row = y * g.strideHeight + k - g.padding.top
        if row < 0 || row >= g.inputHeight { continue }
        let place = target + i * plane + row * g.inputWidth + l - g.padding.left
        if g.strideWidth == 1 {
          addRow(UnsafePointer(source + y * ow + firstColumn), place + firstColumn, endColumn - firstColumn)
        } else {
          for x in firstColumn..<max(firstColumn, endColumn) { place[x * g.strideWidth] += source[y * ow + x] }
        }
      }
    }
  }
}

/// The indices x in `0..<count` for which `offset + x * stride` lies in `0..<extent`.
@inline(__always)
func inside(_ offset: Int, _ stride: Int, _ extent: Int, _ count: Int) -> (first: Int, end: Int) {
  let first = offset >= 0 ? 0 : (-offset + stride - 1) / stride
  let end = offset >= extent ? 0 : (extent - 1 - offset) / stride + 1
  return (min(first, count), min(end, count))
}

/// The size of equal parts of `count`, at most `most` each but at least one.
@inline(__always)
func balanced(_ count: Int, most: Int) -> Int {
  let parts = (count + max(1, most) - 1) / max(1, most)
  return max(1, (count + parts - 1) / max(1, parts))
}

/// `target[i] += source[i]` for `count` numbers, none when `count` is negative.
@inline(__always)
private func addRow<T: TileScalar>(_ source: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ count: Int) {
  var i = 0
  while i + T.Wide.scalarCount <= count {
    store(load(T.Wide.self, UnsafePointer(target + i)) + load(T.Wide.self, source + i), target + i)
    i += T.Wide.scalarCount
  }
  while i + T.Narrow.scalarCount <= count {
    store(load(T.Narrow.self, UnsafePointer(target + i)) + load(T.Narrow.self, source + i), target + i)
    i += T.Narrow.scalarCount
  }
  if i + 4 <= count {
    store(load(SIMD4<T>.self, UnsafePointer(target + i)) + load(SIMD4<T>.self, source + i), target + i)
    i += 4
  }
  while i < count {
    target[i] += source[i]
    i += 1
  }
}
