import KernelInterface

/// Planes of at least this many numbers together make one index of a parallel loop.
private let poolGrain = 1 << 14

@inline(__always)
private func eachPlane(_ g: Pool2dGeometry, _ body: (_ plane: Int) -> Void) {
  let size = g.inputHeight * g.inputWidth
  let together = max(1, poolGrain / max(1, size))
  Parallel.forEach((g.planes + together - 1) / together) { group in
    for plane in group * together..<min(g.planes, (group + 1) * together) { body(plane) }
  }
}

/// The part of a window that lies inside the input, along one axis.
@inline(__always)
private func reach(_ index: Int, _ stride: Int, _ before: Int, _ window: Int, _ extent: Int) -> (first: Int, end: Int) {
  let start = index * stride - before
  return (max(start, 0), min(start + window, extent))
}

func maxPool2d<T: BinaryFloatingPoint>(
  _ g: Pool2dGeometry, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ winners: UnsafeMutablePointer<Int32>
) {
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  eachPlane(g) { plane in
    let x = x + plane * g.inputHeight * g.inputWidth
    var position = plane * oh * ow
    for r in 0..<oh {
      let (top, bottom) = reach(r, g.strideHeight, g.padding.top, g.windowHeight, g.inputHeight)
      for c in 0..<ow {
        let (left, right) = reach(c, g.strideWidth, g.padding.left, g.windowWidth, g.inputWidth)
        var winner = top * g.inputWidth + left
        var best = x[winner]
        for i in top..<bottom {
          for j in left..<right {
            let value = x[i * g.inputWidth + j]
            if value > best || (value.isNaN && !best.isNaN) {
              best = value
              winner = i * g.inputWidth + j
            }
          }
        }
        out[position] = best
        winners[position] = Int32(truncatingIfNeeded: winner)
        position += 1
      }
    }
  }
}

func maxPool2dScatter<T: BinaryFloatingPoint>(
  _ g: Pool2dGeometry, _ gradient: UnsafePointer<T>, _ winners: UnsafePointer<Int32>, _ out: UnsafeMutablePointer<T>
) {
  let (size, count) = (g.inputHeight * g.inputWidth, g.outputHeight * g.outputWidth)
  eachPlane(g) { plane in
    let target = out + plane * size
    target.update(repeating: 0, count: size)
    for i in plane * count..<(plane + 1) * count { target[Int(winners[i])] += gradient[i] }
  }
}

func maxPool2dGather<T: BinaryFloatingPoint>(
  _ g: Pool2dGeometry, _ x: UnsafePointer<T>, _ winners: UnsafePointer<Int32>, _ out: UnsafeMutablePointer<T>
) {
  let (size, count) = (g.inputHeight * g.inputWidth, g.outputHeight * g.outputWidth)
  eachPlane(g) { plane in
    let source = x + plane * size
    for i in plane * count..<(plane + 1) * count { out[i] = source[Int(winners[i])] }
  }
}

func averagePool2d<T: BinaryFloatingPoint>(
  _ g: Pool2dGeometry, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
) {
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  eachPlane(g) { plane in
    let x = x + plane * g.inputHeight * g.inputWidth
    var position = plane * oh * ow
    for r in 0..<oh {
      let (top, bottom) = reach(r, g.strideHeight, g.padding.top, g.windowHeight, g.inputHeight)
      for c in 0..<ow {
        let (left, right) = reach(c, g.strideWidth, g.padding.left, g.windowWidth, g.inputWidth)
        var total: T = 0
        for i in top..<bottom { for j in left..<right { total += x[i * g.inputWidth + j] } }
        out[position] = total * share(g, (bottom - top) * (right - left))
        position += 1
      }
    }
  }
}

func averagePool2dGradient<T: BinaryFloatingPoint>(
  _ g: Pool2dGeometry, _ gradient: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
) {
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  eachPlane(g) { plane in
    let size = g.inputHeight * g.inputWidth
    let target = out + plane * size
    target.update(repeating: 0, count: size)
    var position = plane * oh * ow
    for r in 0..<oh {
      let (top, bottom) = reach(r, g.strideHeight, g.padding.top, g.windowHeight, g.inputHeight)
      for c in 0..<ow {
        let (left, right) = reach(c, g.strideWidth, g.padding.left, g.windowWidth, g.inputWidth)
        let part = gradient[position] * share(g, (bottom - top) * (right - left))
        for i in top..<bottom { for j in left..<right { target[i * g.inputWidth + j] += part } }
        position += 1
      }
    }
  }
}

/// One over the numbers an average divides by.
@inline(__always)
private func share<T: BinaryFloatingPoint>(_ g: Pool2dGeometry, _ seen: Int) -> T {
  1 / T(g.countsPadding ? g.windowHeight * g.windowWidth : seen)
}
