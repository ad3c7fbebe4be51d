/// A matrix as shades, blank for its least number and full for its greatest: what `heatmap` and `image` show; at most
/// 20 rows.
///
/// Two characters a number while it fits, so that squares look square; a larger matrix is averaged down.
package struct ShadeMap {
  package var rows, columns: Int
  package var element: (Int, Int) -> Double
  package var title: String
  /// An image has no axis and keeps its shape; what is not finite is `?` in both.
  package var isImage: Bool

  package init(
    rows: Int, columns: Int, title: String = "", isImage: Bool = false, element: @escaping (Int, Int) -> Double
  ) {
    self.rows = rows
    self.columns = columns
    self.title = title
    self.isImage = isImage
    self.element = element
  }

  static let mostRows = 17

  package func document(_ style: Style = .plain) -> Document {
    guard rows > 0, columns > 0 else { return Document([Line("  nothing to draw: no numbers", .dim)]) }
    let indent = isImage ? 2 : 3 + String(rows - 1).count
    let room = max(8, min(style.width, 120) - indent - 1)
    // A character is about twice as high as wide: two a number keep its shape.
    var (down, across) = (rows, 2 * columns)
    if down > Self.mostRows {
      across = across * Self.mostRows / down
      down = Self.mostRows
    }
    if isImage && across > room { down = max(1, down * room / across) }
    across = min(max(across, isImage ? 1 : min(2 * columns, room)), room)
    if across > columns && across % columns != 0 { across = across / columns * columns }

    let cells = averages(down, across)
    let finite = cells.joined().filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 0)
    let ramp = Array(style.ascii ? " .:-=+*#%@" : " ░▒▓█")
    var result = Document()
    if !title.isEmpty { result.append(Line("  \(title)".shown(style).cut(to: style.width, style: style), .dim)) }
    for (index, row) in cells.enumerated() {
      var line = Line(String(repeating: " ", count: isImage ? 2 : 0))
      if !isImage { line.append("  \(String(index * rows / down).leftPadded(to: indent - 3)) ", .dim) }
      line.append(String(row.map { shade($0, low, high, ramp) }))
      result.append(line)
    }
    let format = NumberFormat(digits: min(style.digits, 4), precision: style.precision)
    let range =
      low < high ? "from \(format.text(low)) (blank) to \(format.text(high)) (full)" : "all \(format.text(low))"
    result.append(Line("  \(range)   \(rows) × \(columns)".shown(style).cut(to: style.width, style: style), .dim))
    return result
  }

  private func shade(_ number: Double, _ low: Double, _ high: Double, _ ramp: [Character]) -> Character {
    if !number.isFinite { return "?" }
    if high <= low { return ramp[ramp.count / 2] }
    let place = Axis.place(number, from: low, to: high)
    return ramp[min(Int(place * Double(ramp.count)), ramp.count - 1)]
  }

  /// The means of `down` × `across` rectangles that cover the matrix.
  private func averages(_ down: Int, _ across: Int) -> [[Double]] {
    (0..<down).map { row in
      let firstRow = row * rows / down
      let lastRow = max(firstRow + 1, (row + 1) * rows / down)
      return (0..<across).map { column in
        let firstColumn = column * columns / across
        let lastColumn = max(firstColumn + 1, (column + 1) * columns / across)
        var sum = 0.0
        for i in firstRow..<lastRow {
          for j in firstColumn..<lastColumn { sum += element(i, j) }
        }
        return sum / Double((lastRow - firstRow) * (lastColumn - firstColumn))
      }
    }
  }
}
