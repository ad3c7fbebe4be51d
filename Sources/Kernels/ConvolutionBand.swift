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
    let taps = g.kernelHeight * g.kernelWidth
    withUnsafeTemporaryAllocation(of: Move.self, capacity: width + taps) { moves in
      let moves = moves.baseAddress.unsafelyUnwrapped
      let offsets = moves + width
      for tap in 0..<taps {
        offsets[tap] = Move(source: offset(g, tap / g.kernelWidth, tap % g.kernelWidth), target: tap * width)
      }
      var place = target
      for first in stride(from: pixels.lowerBound, to: pixels.upperBound, by: width) {
        let end = min(first + width, pixels.upperBound)
        var count = 0
        var pixel = first
        while pixel < end {
          let (y, x) = (pixel / ow, pixel % ow)
          let length = min(ow - x, end - pixel)
          let source = (y - firstRow) * g.strideHeight * rowStride + x
          for i in stride(from: 0, to: length, by: vector) {
            moves[count] = Move(source: source + i, target: pixel - first + i)
            count += 1
          }
          pixel += length
        }
        switch count {
        case 2: packStrip(channels, offsets, taps, moves, 2, place)
        case 3: packStrip(channels, offsets, taps, moves, 3, place)
        case 4: packStrip(channels, offsets, taps, moves, 4, place)
        default: packStrip(channels, offsets, taps, moves, count, place)
        }
        place += channels * taps * width
      }
    }
  }

  /// One strip: for every tap the same moves, which stay in registers where their number is known.
  @inline(__always)
  private func packStrip(
    _ channels: Int, _ offsets: UnsafePointer<Move>, _ taps: Int, _ moves: UnsafePointer<Move>, _ count: Int,
    _ target: UnsafeMutablePointer<T>
  ) {
    @inline(__always) func move(_ tap: UnsafePointer<T>, _ place: UnsafeMutablePointer<T>, _ move: Move) {
      store(load(T.Wide.self, tap + move.source), place + move.target)
    }
    let (m0, m1) = (moves[0], moves[min(1, count - 1)])
    let (m2, m3) = (moves[min(2, count - 1)], moves[min(3, count - 1)])
    let width = 2 * T.Wide.scalarCount
    var place = target
    for channel in 0..<channels {
      for tap in 0..<taps {
        let (tap, place) = (start + channel * channelStride + offsets[tap].source, place + offsets[tap].target)
        move(tap, place, m0)
        if count > 1 { move(tap, place, m1) }
        if count > 2 { move(tap, place, m2) }
        if count > 3 { move(tap, place, m3) }
        if count > 4 { for i in 4..<count { move(tap, place, moves[i]) } }
      }
      place += taps * width
    }
  }
}

/// A vector of pixels, or a tap: where it comes from within a channel, and where it goes within a strip.
private struct Move {
  var source: Int
  var target: Int
}
