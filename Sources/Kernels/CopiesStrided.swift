import KernelInterface

/// One axis of a copy between contiguous numbers and a strided view of others.
private struct Axis {
  var extent: Int
  /// The step in the strided numbers.
  var stride: Int
  /// The step in the contiguous numbers.
  var step: Int
}

/// The axes of a copy, at most eight, without those of extent 1 and with neighbours merged that act as one.
private struct Axes {
  private var storage = (
    Axis(extent: 1, stride: 0, step: 0), Axis(extent: 1, stride: 0, step: 0), Axis(extent: 1, stride: 0, step: 0),
    Axis(extent: 1, stride: 0, step: 0), Axis(extent: 1, stride: 0, step: 0), Axis(extent: 1, stride: 0, step: 0),
    Axis(extent: 1, stride: 0, step: 0), Axis(extent: 1, stride: 0, step: 0)
  )
  private(set) var rank = 0
  private(set) var count = 1

  /// Fills in from the last axis to the first; axis 0 here is the innermost.
  init(_ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>, _ rank: Int) {
    for axis in (0..<rank).reversed() {
      let extent = extents[axis]
      if extent != 1 {
        if self.rank > 0, strides[axis] == self[self.rank - 1].stride * self[self.rank - 1].extent, extent > 0,
          count > 0
        {
          self[self.rank - 1].extent *= extent
        } else {
          self[self.rank] = Axis(extent: extent, stride: strides[axis], step: count)
          self.rank += 1
        }
      }
      count *= extent
    }
  }

  subscript(_ index: Int) -> Axis {
    get {
      withUnsafeBytes(of: storage) { $0.load(fromByteOffset: index * MemoryLayout<Axis>.stride, as: Axis.self) }
    }
    set {
      withUnsafeMutableBytes(of: &storage) {
        $0.storeBytes(of: newValue, toByteOffset: index * MemoryLayout<Axis>.stride, as: Axis.self)
      }
    }
  }

  mutating func remove(_ index: Int) -> Axis {
    let axis = self[index]
    for next in index + 1..<max(rank, index + 1) { self[next - 1] = self[next] }
    rank -= 1
    return axis
  }

  /// Where the `number`th combination of all these axes lies.
  func offsets(_ number: Int) -> (strided: Int, contiguous: Int) {
    var (rest, strided, contiguous) = (number, 0, 0)
    for axis in 0..<rank {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: self[axis].extent)
      strided += remainder * self[axis].stride
      contiguous += remainder * self[axis].step
      rest = quotient
    }
    return (strided, contiguous)
  }
}

/// Calls `body(strided, contiguous, across, along)` for every two-dimensional piece of a copy: `along` is the innermost axis of
/// the contiguous side, `across` the one with stride 1 on the other side, or else the next.
@inline(__always)
private func forEachPiece(
  _ axes: Axes, shared: Bool, _ body: (_ strided: Int, _ contiguous: Int, _ across: Axis, _ along: Axis) -> Void
) {
  guard axes.count > 0 else { return }
  var outer = axes
  let along = outer.rank > 0 ? outer.remove(0) : Axis(extent: 1, stride: 1, step: 1)
  var across = Axis(extent: 1, stride: 0, step: 0)
  if outer.rank > 0 {
    var chosen = 0
    if along.stride != 1 && along.stride != 0 {
      for axis in 0..<outer.rank where outer[axis].stride == 1 { chosen = axis }
    }
    across = outer.remove(chosen)
  }
  let outerCount = axes.count / (along.extent * across.extent)
  let rows = max(64, 32768 / along.extent)
  let pieces = (across.extent + rows - 1) / rows
  let whole = axes.count
  func run(_ start: Int, _ length: Int) {
    for item in start..<start + length {
      let (number, piece) = item.quotientAndRemainder(dividingBy: pieces)
      let (strided, contiguous) = outer.offsets(number)
      var part = across
      part.extent = min(rows, across.extent - piece * rows)
      body(strided + piece * rows * across.stride, contiguous + piece * rows * across.step, part, along)
    }
  }
  if shared && whole > 32768 {
    let each = along.extent * min(rows, across.extent)
    inParts(outerCount * pieces, max(1, 32768 / each), run)
  } else {
    run(0, outerCount * pieces)
  }
}

func copy<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>,
  _ rank: Int
) {
  // The smallest copies are over before their axes would be sorted out.
  if rank <= 2 {
    let rows = rank == 2 ? extents[0] : 1
    let columns = rank == 0 ? 1 : extents[rank - 1]
    if rows * columns <= 64 {
      let (down, right) = (rank == 2 ? strides[0] : 0, rank == 0 ? 0 : strides[rank - 1])
      for r in 0..<rows {
        for c in 0..<columns { out[r * columns + c] = x[r * down + c * right] }
      }
      return
    }
  }
  forEachPiece(Axes(extents, strides, rank), shared: true) { strided, contiguous, across, along in
    copyPiece(x + strided, out + contiguous, across, along)
  }
}

private func copyPiece<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ across: Axis, _ along: Axis
) {
  if along.stride == 1 {
    for p in 0..<across.extent {
      copyRow(x + p * across.stride, out + p * across.step, along.extent, T.Vector.self)
    }
  } else if along.stride == 0 {
    for p in 0..<across.extent { fill(x[p * across.stride], out + p * across.step, along.extent) }
  } else if across.stride == 1 {
    transpose(x, along.stride, out, across.step, rows: along.extent, columns: across.extent)
  } else {
    for p in 0..<across.extent {
      let (x, out) = (x + p * across.stride, out + p * across.step)
      for q in 0..<along.extent { out[q] = x[q * along.stride] }
    }
  }
}

/// `out[c, r] = x[r, c]` for rows `xStep` and `outStep` apart, four by four in registers.
private func transpose<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ xStep: Int, _ out: UnsafeMutablePointer<T>, _ outStep: Int, rows: Int, columns: Int
) {
  let (wholeRows, wholeColumns) = (rows & ~3, columns & ~3)
  let tile = 32
  var c0 = 0
  while c0 < wholeColumns {
    let c1 = min(c0 + tile, wholeColumns)
    var r = 0
    while r < wholeRows {
      var c = c0
      while c < c1 {
        transposeFour(x + r * xStep + c, xStep, out + c * outStep + r, outStep)
        c += 4
      }
      r += 4
    }
    c0 = c1
  }
  for r in wholeRows..<rows {
    for c in 0..<columns { out[c * outStep + r] = x[r * xStep + c] }
  }
  for c in wholeColumns..<columns {
    for r in 0..<wholeRows { out[c * outStep + r] = x[r * xStep + c] }
  }
}

@inline(__always)
private func transposeFour<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ xStep: Int, _ out: UnsafeMutablePointer<T>, _ outStep: Int
) {
  let (a, b, c, d) = (x, x + xStep, x + 2 * xStep, x + 3 * xStep)
  let (a0, a1, a2, a3) = (a[0], a[1], a[2], a[3])
  let (b0, b1, b2, b3) = (b[0], b[1], b[2], b[3])
  let (c0, c1, c2, c3) = (c[0], c[1], c[2], c[3])
  let (d0, d1, d2, d3) = (d[0], d[1], d[2], d[3])
  let (w, x, y, z) = (out, out + outStep, out + 2 * outStep, out + 3 * outStep)
  (w[0], w[1], w[2], w[3]) = (a0, b0, c0, d0)
  (x[0], x[1], x[2], x[3]) = (a1, b1, c1, d1)
  (y[0], y[1], y[2], y[3]) = (a2, b2, c2, d2)
  (z[0], z[1], z[2], z[3]) = (a3, b3, c3, d3)
}

func place<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>,
  _ rank: Int, _ accumulate: Bool
) {
  forEachPiece(Axes(extents, strides, rank), shared: false) { strided, contiguous, across, along in
    for p in 0..<across.extent {
      let (x, out) = (x + contiguous + p * across.step, out + strided + p * across.stride)
      if accumulate {
        if along.stride == 1 {
          addRow(x, out, along.extent, T.Vector.self)
        } else if along.stride == 0 {
          out.pointee += total(ReductionRules.Sum.self, x, along.extent, T.Vector.self)
        } else {
          for q in 0..<along.extent { out[q * along.stride] += x[q] }
        }
      } else if along.stride == 1 {
        copyRow(x, out, along.extent, T.Vector.self)
      } else {
        for q in 0..<along.extent { out[q * along.stride] = x[q] }
      }
    }
  }
}
