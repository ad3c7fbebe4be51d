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

func maxPool2d<T: PoolScalar>(
  _ g: Pool2dGeometry, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ winners: UnsafeMutablePointer<Int32>
) {
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  eachPlane(g) { plane in
    let x = x + plane * g.inputHeight * g.inputWidth
    var position = plane * oh * ow
    if g.halves {
      for r in 0..<oh {
        let start = 2 * r * g.inputWidth
        maxOfPairs(x + start, g.inputWidth, ow, out + position, winners + position, start)
        position += ow
      }
      return
    }
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

extension Pool2dGeometry {
  /// Whether it is the pooling that nearly everyone uses: two by two, side by side, without padding; and wide enough for vectors.
  fileprivate var halves: Bool {
    windowHeight == 2 && windowWidth == 2 && strideHeight == 2 && strideWidth == 2 && padding == WindowPadding()
      && outputWidth >= 8
  }
}

/// The largest of each two by two numbers of a pair of rows; the last vector may overlap the one before.
@inline(__always)
private func maxOfPairs<T: PoolScalar>(
  _ x: UnsafePointer<T>, _ row: Int, _ count: Int, _ out: UnsafeMutablePointer<T>,
  _ winners: UnsafeMutablePointer<Int32>,
  _ start: Int
) {
  for next in stride(from: 0, to: count, by: 8) {
    let c = min(next, count - 8)
    let (top, bottom) = (load(SIMD16<T>.self, x + 2 * c), load(SIMD16<T>.self, x + row + 2 * c))
    let (best, place) = T.maxOfFour(top.evenHalf, top.oddHalf, bottom.evenHalf, bottom.oddHalf, row)
    store(best, out + c)
    let first = SIMD8(repeating: Int32(truncatingIfNeeded: start + 2 * c)) &+ SIMD8(0, 2, 4, 6, 8, 10, 12, 14)
    store(place &+ first, winners + c)
  }
}

/// Comparisons of vectors, which become instructions only where their type is known.
protocol PoolScalar: TileScalar {
  /// The largest of four numbers in each lane, and where it lies: 0, 1, `row` or `row + 1`. Nan is larger than all; the first wins.
  static func maxOfFour(
    _ a: SIMD8<Self>, _ b: SIMD8<Self>, _ c: SIMD8<Self>, _ d: SIMD8<Self>, _ row: Int
  ) -> (best: SIMD8<Self>, place: SIMD8<Int32>)
}

extension Float: PoolScalar {
  @inline(__always)
  static func maxOfFour(
    _ a: SIMD8<Float>, _ b: SIMD8<Float>, _ c: SIMD8<Float>, _ d: SIMD8<Float>, _ row: Int
  ) -> (best: SIMD8<Float>, place: SIMD8<Int32>) {
    var (best, place) = (a, SIMD8<Int32>.zero)
    @inline(__always) func challenge(_ value: SIMD8<Float>, _ offset: Int) {
      let wins = (value .> best) .| ((value .!= value) .& (best .== best))
      best.replace(with: value, where: wins)
      place.replace(with: SIMD8(repeating: Int32(truncatingIfNeeded: offset)), where: wins)
    }
    challenge(b, 1)
    challenge(c, row)
    challenge(d, row + 1)
    return (best, place)
  }
}

extension Double: PoolScalar {
  @inline(__always)
  static func maxOfFour(
    _ a: SIMD8<Double>, _ b: SIMD8<Double>, _ c: SIMD8<Double>, _ d: SIMD8<Double>, _ row: Int
  ) -> (best: SIMD8<Double>, place: SIMD8<Int32>) {
    var (best, place) = (a, SIMD8<Int64>.zero)
    @inline(__always) func challenge(_ value: SIMD8<Double>, _ offset: Int) {
      let wins = (value .> best) .| ((value .!= value) .& (best .== best))
      best.replace(with: value, where: wins)
      place.replace(with: SIMD8(repeating: Int64(truncatingIfNeeded: offset)), where: wins)
    }
    challenge(b, 1)
    challenge(c, row)
    challenge(d, row + 1)
    return (best, SIMD8<Int32>(truncatingIfNeeded: place))
  }
}

func maxPool2dScatter<T: TileScalar>(
  _ g: Pool2dGeometry, _ gradient: UnsafePointer<T>, _ winners: UnsafePointer<Int32>, _ out: UnsafeMutablePointer<T>
) {
  let (size, count) = (g.inputHeight * g.inputWidth, g.outputHeight * g.outputWidth)
  eachPlane(g) { plane in
    let target = out + plane * size
    target.update(repeating: 0, count: size)
    for i in plane * count..<(plane + 1) * count { target[Int(winners[i])] += gradient[i] }
  }
}

func maxPool2dGather<T: TileScalar>(
  _ g: Pool2dGeometry, _ x: UnsafePointer<T>, _ winners: UnsafePointer<Int32>, _ out: UnsafeMutablePointer<T>
) {
  let (size, count) = (g.inputHeight * g.inputWidth, g.outputHeight * g.outputWidth)
  eachPlane(g) { plane in
    let source = x + plane * size
    for i in plane * count..<(plane + 1) * count { out[i] = source[Int(winners[i])] }
  }
}

func averagePool2d<T: TileScalar>(
  _ g: Pool2dGeometry, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
) {
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  eachPlane(g) { plane in
    let x = x + plane * g.inputHeight * g.inputWidth
    var position = plane * oh * ow
    if g.halves {
      let part: T = share(g, 4)
      for r in 0..<oh {
        let row = x + 2 * r * g.inputWidth
        for next in stride(from: 0, to: ow, by: 4) {
          let c = min(next, ow - 4)
          let both = load(SIMD8<T>.self, row + 2 * c) + load(SIMD8<T>.self, row + g.inputWidth + 2 * c)
          store((both.evenHalf + both.oddHalf) * SIMD4(repeating: part), out + position + c)
        }
        position += ow
      }
      return
    }
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

func averagePool2dGradient<T: TileScalar>(
  _ g: Pool2dGeometry, _ gradient: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
) {
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  eachPlane(g) { plane in
    let size = g.inputHeight * g.inputWidth
    let target = out + plane * size
    target.update(repeating: 0, count: size)
    var position = plane * oh * ow
    if g.halves {
      for r in 0..<oh {
        let row = target + 2 * r * g.inputWidth
        for next in stride(from: 0, to: ow, by: 4) {
          let c = min(next, ow - 4)
          let some = load(SIMD4<T>.self, gradient + position + c) * SIMD4(repeating: share(g, 4))
          var pairs = SIMD8<T>()
          pairs.evenHalf = some
          pairs.oddHalf = some
          store(pairs, row + 2 * c)
          store(pairs, row + g.inputWidth + 2 * c)
        }
        position += ow
      }
      return
    }
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
private func share<T: TileScalar>(_ g: Pool2dGeometry, _ seen: Int) -> T {
  1 / T(g.countsPadding ? g.windowHeight * g.windowWidth : seen)
}
