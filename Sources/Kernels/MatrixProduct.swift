import KernelInterface

/// `C = A B` or `C += A B`.
///
/// In the manner of BLIS: the sums of a tile of C, a few rows by two vectors, stay in registers while its rows of A and its strip of B
/// go by. Steps are taken in blocks, so that a tile's rows of A stay in the first cache and a block of B in the second. A is read
/// where it is; B is copied into strips when its own layout would not be read well. Every number of C is summed in the order of
/// p, block by block, by one thread, whatever the number of threads.
func matrixProduct<T: TileScalar>(_ call: MatrixProductCall<T>) {
  guard call.rows > 0 && call.columns > 0 else { return }
  if call.inner == 0 {
    if !call.accumulate {
      for i in 0..<call.rows { (call.c + i * call.cRowStride).update(repeating: 0, count: call.columns) }
    }
    return
  }
  if call.rows == 1 || call.columns == 1 {
    vectorProduct(call)
  } else if isBetterTurned(call) {
    turnedProduct(call)
  } else if readsInPlace(call) {
    directProduct(call)
  } else {
    packedProduct(call)
  }
}

/// Whether the transposed product is faster: one with few columns whose A has contiguous columns, or with few rows whose B has.
private func isBetterTurned<T>(_ call: MatrixProductCall<T>) -> Bool {
  guard call.inner >= 16 else { return false }
  return call.aRowStride == 1 && call.columns <= 24 && call.rows >= 4 * call.columns
    || call.bRowStride == 1 && call.bColumnStride != 1 && call.aColumnStride == 1 && call.rows <= 24
      && call.columns >= 16 * call.rows
}

/// The numbers of B that one block of a product reads: they fit in the second cache beside C.
private func blockBudget<T>(_: T.Type) -> Int { 512 * 1024 / MemoryLayout<T>.stride }

/// The steps of one block: eight rows of A this long fit in the first cache. With one strip nothing is read again, and long runs
/// through memory are better.
private func blockDepth<T: TileScalar>(_ inner: Int, columns: Int, _: T.Type) -> Int {
  let most = columns <= 2 * T.Wide.scalarCount ? 4096 : 1536 / MemoryLayout<T>.stride
  let blocks = (inner + most - 1) / most
  return ((inner + blocks - 1) / blocks + 3) & ~3
}

/// Whether tiles read B where it is: its rows are contiguous, and read only a few times or near enough to each other.
private func readsInPlace<T>(_ call: MatrixProductCall<T>) -> Bool {
  guard call.bColumnStride == 1 else { return false }
  let rowBytes = abs(call.bRowStride) * MemoryLayout<T>.stride
  // Rows that are not whole cache lines apart cost more at every reading.
  return call.rows <= 3 * tileRows || (rowBytes <= 2048 && (call.rows <= 64 || rowBytes % 64 == 0))
}

/// B as tiles read it: strip s begins at `start + s * strip`, its rows are `step` apart.
struct StripSource<T> {
  var start: UnsafePointer<T>
  var strip: Int
  var step: Int
}

/// How the tiles of a product are shared out: by its size alone.
private struct Shares {
  /// Rows of C in one share, a multiple of the tile's.
  var rows: Int
  var rowShares: Int
  /// Strips of B in one share.
  var strips: Int
  var stripShares: Int

  init<T: TileScalar>(_: T.Type, rows: Int, strips: Int, inner: Int, depth: Int) {
    let width = 2 * T.Wide.scalarCount
    let work = rows * strips * width * inner
    let wanted = max(1, min(16, work >> 17))
    let tiles = (rows + tileRows - 1) / tileRows
    let fitting = max(1, blockBudget(T.self) / (depth * width))
    var (tilesEach, stripsEach) = (tiles, balanced(strips, most: fitting))
    // The longer side is halved, so that a share reads as little of A and B as can be for what it computes.
    while ((tiles + tilesEach - 1) / tilesEach) * ((strips + stripsEach - 1) / stripsEach) < wanted {
      if stripsEach > 1 && (stripsEach * width > tilesEach * tileRows || tilesEach == 1) {
        stripsEach = (stripsEach + 1) / 2
      } else if tilesEach > 1 {
        tilesEach = (tilesEach + 1) / 2
      } else {
        break
      }
    }
    self.rows = tilesEach * tileRows
    self.strips = stripsEach
    rowShares = (tiles + tilesEach - 1) / tilesEach
    stripShares = (strips + stripsEach - 1) / stripsEach
  }

  func each(rows: Int, strips: Int, _ body: (_ rows: Range<Int>, _ strips: Range<Int>) -> Void) {
    Parallel.forEach(rowShares * stripShares) { share in
      let (s, r) = (share / rowShares, share % rowShares)
      body(
        r * self.rows..<min(rows, (r + 1) * self.rows), s * self.strips..<min(strips, (s + 1) * self.strips))
    }
  }
}

private func directProduct<T: TileScalar>(_ call: MatrixProductCall<T>) {
  if call.aRowStride == 1 && call.aColumnStride != 1 && call.rows <= 3 * tileRows && call.columns >= 16 * call.rows {
    // Every share reads all of A: its rows are laid out once.
    let rows = Scratch.bytes(.panel, call.rows * call.inner * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
    transpose(call.a, call.aColumnStride, call.inner, call.rows, rows, call.inner)
    var laidOut = call
    laidOut.a = UnsafePointer(rows)
    (laidOut.aRowStride, laidOut.aColumnStride) = (call.inner, 1)
    return directProduct(laidOut)
  }
  let width = 2 * T.Wide.scalarCount
  let strips = (call.columns + width - 1) / width
  let depth = blockDepth(call.inner, columns: call.columns, T.self)
  let shares = Shares(T.self, rows: call.rows, strips: strips, inner: call.inner, depth: depth)
  // Rows that lie pages apart are asked for ahead, and left side by side by the first tile that reads them, for the tiles below.
  let isFar = call.bRowStride * MemoryLayout<T>.stride > 2048
  shares.each(rows: call.rows, strips: strips) { rows, range in
    let isWhole = range.upperBound * width <= call.columns
    let whole = isWhole ? range : range.lowerBound..<strips - 1
    let first = rows.lowerBound..<rows.lowerBound + tileRows
    let keeps = isFar && rows.upperBound > first.upperBound
    for start in stride(from: 0, to: call.inner, by: depth) {
      let steps = min(depth, call.inner - start)
      let strip = steps * width
      let own = Scratch.bytes(.edge, (keeps ? range.count : 1) * strip * MemoryLayout<T>.stride).assumingMemoryBound(
        to: T.self)
      let place = StripSource(start: call.b + start * call.bRowStride, strip: width, step: call.bRowStride)
      if keeps {
        let kept = own - range.lowerBound * strip
        productBlock(call, first, whole, place, first: start, steps: steps, keep: kept)
        let source = StripSource(start: UnsafePointer(kept), strip: strip, step: width)
        productBlock(call, first.upperBound..<rows.upperBound, whole, source, first: start, steps: steps)
      } else {
        productBlock(call, rows, whole, place, first: start, steps: steps)
      }
      if !isWhole {
        // Reading the last strip in place would read past the end of B.
        let column = (strips - 1) * width
        packStrips(place.start + column, call.bRowStride, 1, depth: steps, columns: call.columns - column, own)
        let source = StripSource(start: UnsafePointer(own) - (strips - 1) * strip, strip: strip, step: width)
        productBlock(call, rows, strips - 1..<strips, source, first: start, steps: steps)
      }
    }
  }
}

private func packedProduct<T: TileScalar>(_ call: MatrixProductCall<T>) {
  let width = 2 * T.Wide.scalarCount
  let depth = blockDepth(call.inner, columns: call.columns, T.self)
  // A panel holds about a million numbers: as many columns as fit at one block's depth, then as many blocks.
  let panelStrips = max(1, min((call.columns + width - 1) / width, (1 << 20) / (depth * width)))
  let panelBlocks = max(1, (1 << 20) / (panelStrips * width * depth))
  for column in stride(from: 0, to: call.columns, by: panelStrips * width) {
    var part = call
    part.columns = min(panelStrips * width, call.columns - column)
    part.b = call.b + column * call.bColumnStride
    part.c = call.c + column
    let strips = (part.columns + width - 1) / width
    for start in stride(from: 0, to: call.inner, by: panelBlocks * depth) {
      let inner = min(panelBlocks * depth, call.inner - start)
      let panel = Scratch.bytes(.panel, strips * width * inner * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
      packPanel(part, panel, start: start, inner: inner, depth: depth)
      let shares = Shares(T.self, rows: call.rows, strips: strips, inner: inner, depth: depth)
      shares.each(rows: call.rows, strips: strips) { rows, range in
        for first in stride(from: 0, to: inner, by: depth) {
          let steps = min(depth, inner - first)
          let source = StripSource(
            start: UnsafePointer(panel + strips * width * first), strip: width * steps, step: width)
          productBlock(part, rows, range, source, first: start + first, steps: steps)
        }
      }
    }
  }
}

/// Fills a panel: block after block of steps, in each strip after strip.
private func packPanel<T: TileScalar>(
  _ call: MatrixProductCall<T>, _ panel: UnsafeMutablePointer<T>, start: Int, inner: Int, depth: Int
) {
  let width = 2 * T.Wide.scalarCount
  let strips = (call.columns + width - 1) / width
  let blocks = (inner + depth - 1) / depth
  let together = max(1, min(strips, (1 << 12) / (depth * width)))
  let groups = (strips + together - 1) / together
  Parallel.forEach(blocks * groups) { index in
    let (block, group) = (index / groups, index % groups)
    let first = block * depth
    let steps = min(depth, inner - first)
    let column = group * together * width
    packStrips(
      call.b + (start + first) * call.bRowStride + column * call.bColumnStride, call.bRowStride, call.bColumnStride,
      depth: steps, columns: min(together * width, call.columns - column),
      panel + strips * width * first + column * steps)
  }
}

/// A product by its transpose, `Cᵀ = Bᵀ Aᵀ`, which fills whole vectors and reads the large operand in its own order.
private func turnedProduct<T: TileScalar>(_ call: MatrixProductCall<T>) {
  let turned = Scratch.bytes(.vector, call.rows * call.columns * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
  if call.accumulate { transpose(UnsafePointer(call.c), call.cRowStride, call.rows, call.columns, turned, call.rows) }
  matrixProduct(
    MatrixProductCall<T>(
      rows: call.columns, columns: call.rows, inner: call.inner,
      a: call.b, aRowStride: call.bColumnStride, aColumnStride: call.bRowStride,
      b: call.a, bRowStride: call.aColumnStride, bColumnStride: call.aRowStride,
      c: turned, cRowStride: call.rows, accumulate: call.accumulate))
  transpose(UnsafePointer(turned), call.rows, call.columns, call.rows, call.c, call.cRowStride)
}

/// One block of steps of some rows by some strips of C; the first block adds the rows' bias, if there is one. The rows of one tile can
/// leave what they read of B as whole strips one after the other, beginning at `keep`.
func productBlock<T: TileScalar>(
  _ call: MatrixProductCall<T>, _ rows: Range<Int>, _ strips: Range<Int>, _ source: StripSource<T>, first: Int,
  steps: Int, bias: UnsafePointer<T>? = nil, keep: UnsafeMutablePointer<T>? = nil
) {
  if strips.isEmpty { return }
  let width = 2 * T.Wide.scalarCount
  let accumulate = call.accumulate || first > 0
  // Rows of A whose numbers are not neighbours would miss the cache at every step of every strip.
  let packs = call.aColumnStride != 1 && strips.count > 2
  let own = Scratch.bytes(.rows, (packs ? tileRows * steps : 0) * MemoryLayout<T>.stride + 1).assumingMemoryBound(
    to: T.self)
  var operands = TileOperands<T>(
    a: call.a, aRow: call.aRowStride, aStep: call.aColumnStride, b: source.start, bStep: source.step, steps: steps,
    c: call.c, cRow: call.cRowStride, accumulate: accumulate, bias: nil, keep: nil)
  // When a row of C is narrower than the tile's vectors and the next row follows at once, what a store has too much is overwritten by
  // the next row's: no need to go through a copy, but for the last rows.
  let (wide, narrow) = (T.Wide.scalarCount, T.Narrow.scalarCount)
  let isThin = call.columns < width && call.columns != wide
  let spills = isThin && !accumulate && call.cRowStride == call.columns
  let spilledRows = (width - 1) / max(1, call.columns)
  for i in stride(from: rows.lowerBound, to: rows.upperBound, by: tileRows) {
    let count = min(tileRows, rows.upperBound - i)
    operands.a = call.a + i * call.aRowStride + first * call.aColumnStride
    if packs {
      packRows(operands, count, own)
      operands.a = UnsafePointer(own)
      operands.aRow = 1
      operands.aStep = tileRows
    }
    operands.bias = first == 0 ? bias.map { $0 + i } : nil
    let row = call.c + i * call.cRowStride
    if spills && i + count + spilledRows <= rows.upperBound {
      operands.b = source.start + strips.lowerBound * source.strip
      operands.c = row
      // What a row's vectors store too much, the next row's overwrite.
      if call.columns <= narrow {
        singleTile(T.Narrow.self, rows: count, operands)
      } else if call.columns <= wide {
        singleTile(T.Wide.self, rows: count, operands)
      } else if call.columns <= wide + narrow {
        doubleTile(T.Wide.self, T.Narrow.self, rows: count, operands)
      } else {
        doubleTile(T.Wide.self, T.Wide.self, rows: count, operands)
      }
      if packs {
        operands.aRow = call.aRowStride
        operands.aStep = call.aColumnStride
      }
      continue
    }
    for s in strips {
      operands.b = source.start + s * source.strip
      operands.c = row + s * width
      operands.keep = keep.map { $0 + s * width * steps }
      tileStrip(operands, rows: count, columns: min(width, call.columns - s * width))
    }
    if packs {
      operands.aRow = call.aRowStride
      operands.aStep = call.aColumnStride
    }
  }
}

/// Copies a tile's rows of A side by side: all rows at one step, then all at the next.
@inline(__always)
private func packRows<T: TileScalar>(_ o: TileOperands<T>, _ count: Int, _ target: UnsafeMutablePointer<T>) {
  if o.aRow == 1 && count == tileRows && count == T.Narrow.scalarCount {
    for p in 0..<o.steps { store(load(T.Narrow.self, o.a + p * o.aStep), target + p * tileRows) }
  } else if o.aRow == 1 && count == tileRows && count == T.Wide.scalarCount {
    for p in 0..<o.steps { store(load(T.Wide.self, o.a + p * o.aStep), target + p * tileRows) }
  } else if o.aRow == 1 {
    for p in 0..<o.steps { for r in 0..<count { target[p * tileRows + r] = o.a[r + p * o.aStep] } }
  } else {
    for r in 0..<count { for p in 0..<o.steps { target[p * tileRows + r] = o.a[r * o.aRow + p * o.aStep] } }
  }
}

/// One tile of C, up to two vectors wide, by the kernels that fit its columns.
@inline(__always)
func tileStrip<T: TileScalar>(_ o: TileOperands<T>, rows: Int, columns: Int) {
  let wide = T.Wide.scalarCount
  let narrow = T.Narrow.scalarCount
  if columns == 2 * wide { return doubleTile(T.Wide.self, T.Wide.self, rows: rows, o) }
  if columns == wide { return singleTile(T.Wide.self, rows: rows, o) }
  edgeStrip(o, rows: rows, columns: columns, wide: wide, narrow: narrow)
}

/// A tile whose columns do not fill its vectors: computed beside C, then copied.
@inline(never)
private func edgeStrip<T: TileScalar>(_ o: TileOperands<T>, rows: Int, columns: Int, wide: Int, narrow: Int) {
  withUnsafeTemporaryAllocation(byteCount: tileRows * 2 * wide * MemoryLayout<T>.stride, alignment: 64) { bytes in
    let tileStart = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: T.self)
    var inner = o
    inner.c = tileStart
    inner.cRow = 2 * wide
    if o.accumulate {
      for r in 0..<rows { copyRow(UnsafePointer(o.c + r * o.cRow), tileStart + r * 2 * wide, columns) }
    }
    if columns > wide + narrow {
      doubleTile(T.Wide.self, T.Wide.self, rows: rows, inner)
    } else if columns > wide {
      doubleTile(T.Wide.self, T.Narrow.self, rows: rows, inner)
    } else if columns > narrow {
      singleTile(T.Wide.self, rows: rows, inner)
    } else {
      singleTile(T.Narrow.self, rows: rows, inner)
    }
    for r in 0..<rows { copyRow(UnsafePointer(tileStart + r * 2 * wide), o.c + r * o.cRow, columns) }
  }
}
