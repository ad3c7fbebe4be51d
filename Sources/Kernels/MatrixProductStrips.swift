import CLanes
import KernelInterface

/// Copies `count` numbers by vectors; the last vector may overlap the one before, so source and target must not.
@inline(__always)
func copyRow<T: TileScalar>(_ source: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ count: Int) {
  let wide = T.Wide.scalarCount
  let narrow = T.Narrow.scalarCount
  if count >= wide {
    var i = 0
    while i + wide <= count {
      store(load(T.Wide.self, source + i), target + i)
      i += wide
    }
    if i < count { store(load(T.Wide.self, source + count - wide), target + count - wide) }
  } else if count >= narrow {
    store(load(T.Narrow.self, source), target)
    store(load(T.Narrow.self, source + count - narrow), target + count - narrow)
  } else {
    for i in 0..<count { target[i] = source[i] }
  }
}

/// Four by four numbers with rows and columns exchanged: `target[j, i] = source[i, j]`.
@inline(__always)
func transposeSquare<T: TileScalar>(
  _ source: UnsafePointer<T>, _ sourceRow: Int, _ target: UnsafeMutablePointer<T>, _ targetRow: Int
) {
  let type = SIMD4<T>.self
  let (a, b) = (load(type, source), load(type, source + sourceRow))
  let (c, d) = (load(type, source + 2 * sourceRow), load(type, source + 3 * sourceRow))
  store(SIMD4(a[0], b[0], c[0], d[0]), target)
  store(SIMD4(a[1], b[1], c[1], d[1]), target + targetRow)
  store(SIMD4(a[2], b[2], c[2], d[2]), target + 2 * targetRow)
  store(SIMD4(a[3], b[3], c[3], d[3]), target + 3 * targetRow)
}

/// Writes the transpose of `source: [rows, columns]`: `target[j, i] = source[i, j]`, both with contiguous rows.
@inline(__always)
func transpose<T: TileScalar>(
  _ source: UnsafePointer<T>, _ sourceRow: Int, _ rows: Int, _ columns: Int, _ target: UnsafeMutablePointer<T>,
  _ targetRow: Int
) {
  if rows < 4 || columns < 4 {
    for i in 0..<rows { for j in 0..<columns { target[j * targetRow + i] = source[i * sourceRow + j] } }
    return
  }
  // Sixteen columns at a time: what one cache line of each row holds. The last squares overlap the ones before.
  for start in stride(from: 0, to: columns, by: 16) {
    for row in stride(from: 0, to: rows, by: 4) {
      let i = min(row, rows - 4)
      for column in stride(from: start, to: min(start + 16, columns), by: 4) {
        let j = min(column, columns - 4)
        transposeSquare(source + i * sourceRow + j, sourceRow, target + j * targetRow + i, targetRow)
      }
    }
  }
}

/// Copies `depth` rows of columns of B into strips two vectors wide, one strip after the other. What the last has too much stays as it
/// was: nobody keeps its sums.
func packStrips<T: TileScalar>(
  _ b: UnsafePointer<T>, _ rowStride: Int, _ columnStride: Int, depth: Int, columns: Int,
  _ target: UnsafeMutablePointer<T>
) {
  let width = 2 * T.Wide.scalarCount
  let full = columns / width
  let rest = columns - full * width
  if columnStride == 1 {
    // A few rows at a time across all strips, so that B is read in its own order, and asked for a few rows before.
    let ahead = 4 * rowStride
    for first in stride(from: 0, to: depth, by: 4) {
      for strip in 0..<full {
        for p in first..<min(first + 4, depth) {
          let source = b + p * rowStride + strip * width
          let place = target + (strip * depth + p) * width
          nabla_prefetch(source + ahead)
          nabla_prefetch(source + ahead + width / 2)
          store(load(T.Wide.self, source), place)
          store(load(T.Wide.self, source + width / 2), place + width / 2)
        }
      }
      if rest > 0 {
        for p in first..<min(first + 4, depth) {
          copyRow(b + p * rowStride + full * width, target + (full * depth + p) * width, rest)
        }
      }
    }
    return
  }
  for strip in 0..<(rest > 0 ? full + 1 : full) {
    let source = b + strip * width * columnStride
    let place = target + strip * width * depth
    let count = strip < full ? width : rest
    if rowStride == 1 {
      transpose(source, columnStride, count, depth, place, width)
    } else {
      for p in 0..<depth {
        for j in 0..<count { place[p * width + j] = source[p * rowStride + j * columnStride] }
      }
    }
  }
}
