import KernelInterface

/// The rows of some channels of an image that a run of output pixels sees, with the padding around them.
///
/// With a column stride s, a row's columns are sorted by their remainder modulo s, so that neighbouring pixels read neighbouring
/// numbers whatever the stride. Reading may run a vector past the end.
struct Band<T: TileScalar> {
  let start: UnsafePointer<T>
  let channelStride: Int
  let rowStride: Int
  /// The columns of one remainder.
  let phaseWidth: Int
  /// The first output row of the run.
  let firstRow: Int

  init(_ g: Conv2dGeometry, _ image: UnsafePointer<T>, _ channels: Range<Int>, pixels: Range<Int>, isLast: Bool) {
    let ow = g.outputWidth
    let plane = g.inputHeight * g.inputWidth
    firstRow = pixels.lowerBound / ow
    let top = firstRow * g.strideHeight - g.padding.top
    let rows = ((pixels.upperBound - 1) / ow - firstRow) * g.strideHeight + g.kernelHeight
    if g.strideWidth == 1 && g.padding == WindowPadding() && !isLast {
      // The image itself will do: what follows it, for the vectors that run past its end, is the next.
      channelStride = plane
      rowStride = g.inputWidth
      phaseWidth = g.inputWidth
      start = image + channels.lowerBound * plane + top * g.inputWidth
      return
    }
    let s = g.strideWidth
    let needed = (ow - 1) * s + g.kernelWidth
    phaseWidth = (needed + s - 1) / s
    rowStride = s * phaseWidth
    channelStride = rows * rowStride
    let slack = 4 * T.Wide.scalarCount
    let copy = Scratch.bytes(.image, (channels.count * channelStride + slack) * MemoryLayout<T>.stride)
      .assumingMemoryBound(to: T.self)
    start = UnsafePointer(copy)
    var target = copy
    for channel in channels {
      for row in top..<top + rows {
        if row < 0 || row >= g.inputHeight {
          target.update(repeating: 0, count: rowStride)
        } else {
          let source = image + channel * plane + row * g.inputWidth - g.padding.left
          for phase in 0..<s {
            let place = target + phase * phaseWidth
            let (first, end) = inside(phase - g.padding.left, s, g.inputWidth, phaseWidth)
            if first > 0 { place.update(repeating: 0, count: first) }
            if s == 1 {
              if end > first { copyRow(source + first, place + first, end - first) }
            } else if end > first {
              for x in first..<end { place[x] = source[phase + x * s] }
            }
            let filled = max(first, end)
            if filled < phaseWidth { (place + filled).update(repeating: 0, count: phaseWidth - filled) }
          }
        }
        target += rowStride
      }
    }
    target.update(repeating: 0, count: slack)
  }

  /// Where the tap (k, l) of the run's first row begins within a channel.
  @inline(__always)
  func offset(_ g: Conv2dGeometry, _ k: Int, _ l: Int) -> Int {
    k * rowStride + l % g.strideWidth * phaseWidth + l / g.strideWidth
  }

  /// Copies the taps of a run of pixels into strips two vectors wide: a row for each tap, a column for each pixel.
  ///
  /// Pixels of one output row are copied by whole vectors; what is too much is overwritten by the next row's.
  func packStrips(
    _ g: Conv2dGeometry, _ channels: Int, pixels: Range<Int>, _ target: UnsafeMutablePointer<T>
  ) {
    let (vector, ow) = (T.Wide.scalarCount, g.outputWidth)
    let width = 2 * vector
    withUnsafeTemporaryAllocation(of: Segment.self, capacity: width) { segments in
      let segments = segments.baseAddress.unsafelyUnwrapped
      var place = target
      for first in stride(from: pixels.lowerBound, to: pixels.upperBound, by: width) {
        var count = 0
        var pixel = first
        while pixel < min(first + width, pixels.upperBound) {
          let (y, x) = (pixel / ow, pixel % ow)
          let length = min(ow - x, min(first + width, pixels.upperBound) - pixel)
          segments[count] = Segment(
            source: (y - firstRow) * g.strideHeight * rowStride + x, target: pixel - first, length: length)
          count += 1
          pixel += length
        }
        for channel in 0..<channels {
          for k in 0..<g.kernelHeight {
            for l in 0..<g.kernelWidth {
              let tap = start + channel * channelStride + offset(g, k, l)
              for s in 0..<count {
                let segment = segments[s]
                let (from, to) = (tap + segment.source, place + segment.target)
                var i = 0
                while i < segment.length {
                  store(load(T.Wide.self, from + i), to + i)
                  i += vector
                }
              }
              place += width
            }
          }
        }
      }
    }
  }
}

/// Pixels of one strip that lie in one output row.
private struct Segment {
  var source: Int
  var target: Int
  var length: Int
}
