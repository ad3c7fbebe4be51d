/// A grid of dots, several to a character: 2 × 4 in braille, 1 × 2 in ASCII (`.`, `'` and `:`).
struct Canvas {
  let columns, rows: Int
  private let ascii: Bool
  /// The dots of each cell, one bit each, row by row.
  private var cells: [UInt8]

  init(columns: Int, rows: Int, _ style: Style) {
    self.columns = columns
    self.rows = rows
    ascii = style.ascii
    cells = Array(repeating: 0, count: columns * rows)
  }

  var dotsAcross: Int { columns * (ascii ? 1 : 2) }
  var dotsDown: Int { rows * (ascii ? 2 : 4) }

  /// Sets a dot, counted from the upper left.
  mutating func set(_ x: Int, _ y: Int) {
    guard x >= 0, y >= 0, x < dotsAcross, y < dotsDown else { return }
    let (across, down) = ascii ? (1, 2) : (2, 4)
    cells[y / down * columns + x / across] |= 1 << UInt8(y % down * across + x % across)
  }

  /// Sets the dots of a straight line (Bresenham 1965).
  mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
    var (x, y) = start
    let (width, height) = (abs(end.x - x), -abs(end.y - y))
    let (right, down) = (x < end.x ? 1 : -1, y < end.y ? 1 : -1)
    var error = width + height
    while true {
      set(x, y)
      if x == end.x && y == end.y { return }
      let twice = 2 * error
      if twice >= height {
        error += height
        x += right
      }
      if twice <= width {
        error += width
        y += down
      }
    }
  }

  /// One row of characters.
  func text(row: Int) -> String {
    String(String.UnicodeScalarView(cells[row * columns..<(row + 1) * columns].map(scalar)))
  }

  private func scalar(_ dots: UInt8) -> Unicode.Scalar {
    if dots == 0 { return " " }
    if ascii { return dots == 1 ? "'" : dots == 2 ? "." : ":" }
    // Braille numbers its dots down the left column, then the right one, the lowest row last.
    let order: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
    let pattern = order.indices.reduce(UInt8(0)) { dots & (1 << UInt8($1)) == 0 ? $0 : $0 | order[$1] }
    return Unicode.Scalar(0x2800 + UInt32(pattern))!
  }
}
