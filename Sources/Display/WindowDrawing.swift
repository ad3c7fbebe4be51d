/// A window on an image: the image with a box, and beside it what is done with the numbers in the box.
///
/// ```
///    1   2    0   3
///          ┌────────┐     patch         w        products      z so far
///    4   1 │  2   1 │    ⎡ 2  1 ⎤ ⊙ ⎡  1  -1 ⎤ = ⎡  2  -1 ⎤     8   6   2
///    0   3 │  1   2 │    ⎣ 1  2 ⎦   ⎣  2   1 ⎦   ⎣  2   2 ⎦     6   6  ▸5
///          └────────┘                                           ·   ·   ·
///    2   1    4   0
/// ```
package struct WindowDrawing: Sendable {
  /// The image; numbers outside it are 0 where a window reaches over the edge.
  package var image: NumberGrid
  /// The rows and columns of the box, which may reach over the edges.
  package var rows: Range<Int>
  package var columns: Range<Int>
  /// The kernel and its name; without one the box stands alone, as for pooling.
  package var kernel: (grid: NumberGrid, name: String)?
  /// The result, as far as the windows have come, and the place of this one.
  package var output: Output?
  /// The columns between the box and the patch, and around `⊙` and `=`.
  package var gap = 6
  package var space = 2
  /// A place of the image, shown as the result: the winner of a pooling.
  package var winner: (row: Int, column: Int)?

  package struct Output: Sendable {
    package var grid: NumberGrid
    package var name: String
    /// The window that stands at this place is the last one done.
    package var row: Int
    package var column: Int

    package init(_ grid: NumberGrid, _ name: String, row: Int, column: Int) {
      self.grid = grid
      self.name = name
      self.row = row
      self.column = column
    }
  }

  package init(
    image: NumberGrid, rows: Range<Int>, columns: Range<Int>, kernel: (grid: NumberGrid, name: String)? = nil,
    output: Output? = nil, winner: (row: Int, column: Int)? = nil
  ) {
    self.image = image
    self.rows = rows
    self.columns = columns
    self.kernel = kernel
    self.output = output
    self.winner = winner
  }

  /// The window in so many columns: side by side, or where that is too wide the image, the patch, the kernel and the products one
  /// below the other.
  package func drawing(width: Int = 78, height: Int = 17, _ style: Style = .plain) -> Drawing {
    var limit = 8
    repeat {
      let picture = picture(limit: limit, style)
      var parts = [picture]
      var gaps: [Int] = []
      for (index, part) in factors(style).enumerated() {
        parts.append(part)
        gaps.append(index == 0 ? gap : space)
      }
      if let output = outputDrawing(limit: limit, style) {
        parts.append(output)
        gaps.append(2)
      }
      let whole = Drawing.beside(parts, gaps: gaps)
      if whole.width <= width && whole.height <= height { return whole }
      limit -= 1
    } while limit >= max(rows.count, columns.count)
    return stacked(width: width, height: height, style)
  }

  /// The numbers in the box.
  private var patch: NumberGrid {
    let (image, top, left) = (image, rows.lowerBound, columns.lowerBound)
    return NumberGrid(rows: rows.count, columns: columns.count) { row, column in
      let (i, j) = (top + row, left + column)
      return (0..<image.rows).contains(i) && (0..<image.columns).contains(j) ? image.element(i, j) : 0
    }
  }

  private func products(_ kernel: NumberGrid) -> NumberGrid {
    let patch = patch
    return NumberGrid(rows: rows.count, columns: columns.count) { patch.element($0, $1) * kernel.element($0, $1) }
  }

  /// Patch, `⊙`, kernel, `=`, products: each with its name above, on the line of the upper edge of the box.
  private func factors(_ style: Style) -> [Drawing] {
    guard let kernel else { return [] }
    func titled(_ title: String, _ grid: NumberGrid, _ role: Role) -> Drawing {
      let matrix = Drawing.matrix(rows: grid.rows, columns: grid.columns, style, role: { _, _ in role }) {
        grid.element($0, $1)
      }
      let label = title.shown(style)
      let width = max(matrix.width, label.displayWidth)
      let top = Line(label, .dim).indented(by: (width - label.displayWidth) / 2)
      return Drawing([top] + matrix.lines, axis: 0, style)
    }
    func sign(_ text: String) -> Drawing { Drawing([Line(), Line(text)], axis: 0, style) }
    return [
      titled("patch", patch, .operandA), sign(style.glyph("⊙", "*")), titled(kernel.name, kernel.grid, .operandB),
      sign("="), titled("products", products(kernel.grid), .plain),
    ]
  }

  /// The image, or the part of it around the box, with the box drawn; its axis is the line of the box's upper edge.
  private func picture(limit: Int, _ style: Style) -> Drawing {
    let shownRows = Self.around(rows, of: image.rows, limit: limit)
    let shownColumns = Self.around(columns, of: image.columns, limit: limit)
    let numbers = shownRows.map { row in shownColumns.map { number(row, $0) } }
    let family = NumberFamily(of: numbers.joined().compactMap { $0 }, format: NumberFormat(style))
    let width = max(1, numbers.joined().compactMap { $0.map { family.text($0).count } }.max() ?? 1)
    let bar = style.glyph("│", "|")
    let edge = (shownColumns.firstIndex(of: columns.lowerBound)!, shownColumns.firstIndex(of: columns.upperBound - 1)!)
    let cutLeft = shownColumns[0] > 0 && columns.lowerBound > shownColumns[0]
    let cutRight = shownColumns.last! < image.columns - 1
    var lines: [Line] = []
    var ends = (0, 0)
    var axis = 0
    func border(_ left: String, _ right: String) -> Line {
      Line(
        String(repeating: " ", count: ends.0) + left
          + String(repeating: style.glyph("─", "-"), count: ends.1 - ends.0 - 1) + right, .operandA)
    }
    for (place, row) in shownRows.enumerated() {
      let isInside = rows.contains(row)
      var line = Line()
      for (position, column) in shownColumns.enumerated() {
        let isFirst = position == edge.0
        let dots = position == 0 && cutLeft ? style.glyph("…", "..") : ""
        line.append(dots.padded(to: 1), .dim)
        line.append(isFirst ? (isInside ? bar : " ") : "", .operandA)
        if isFirst { ends.0 = line.width - 1 }
        line.append("  ")
        let text = numbers[place][position].map { family.text($0) } ?? "·".shown(style)
        let isWinner = winner.map { $0.row == row && $0.column == column } ?? false
        line.append(
          text.leftPadded(to: width), isWinner ? .result : isInside && columns.contains(column) ? .operandA : .plain)
        if position == edge.1 {
          line.append(" ")
          line.append(isInside ? bar : " ", .operandA)
          ends.1 = line.width - 1
        }
      }
      if cutRight { line.append(style.glyph("  …", " .."), .dim) }
      if row == rows.lowerBound {
        axis = lines.count
        lines.append(border(style.glyph("┌", "+"), style.glyph("┐", "+")))
      }
      lines.append(line)
      if row == rows.upperBound - 1 { lines.append(border(style.glyph("└", "+"), style.glyph("┘", "+"))) }
    }
    return Drawing(lines.map { $0.isBlank ? Line() : $0 }, axis: axis, style)
  }

  /// The number at a place; `nil` outside the image.
  private func number(_ row: Int, _ column: Int) -> Double? {
    (0..<image.rows).contains(row) && (0..<image.columns).contains(column) ? image.element(row, column) : nil
  }

  /// The places that are shown of an axis: all of it and what the box reaches over, or some around the box.
  private static func around(_ box: Range<Int>, of extent: Int, limit: Int) -> [Int] {
    let whole = min(0, box.lowerBound)..<max(extent, box.upperBound)
    if whole.count <= limit { return Array(whole) }
    let room = max(0, limit - box.count)
    var start = max(whole.lowerBound, box.lowerBound - room / 2)
    start = min(start, whole.upperBound - max(limit, box.count))
    return Array(start..<(start + max(limit, box.count)))
  }

  /// The result so far, a dot for what is still to come.
  private func outputDrawing(limit: Int, _ style: Style) -> Drawing? {
    guard let output else { return nil }
    let rows = Self.around(output.row..<(output.row + 1), of: output.grid.rows, limit: limit)
    let columns = Self.around(output.column..<(output.column + 1), of: output.grid.columns, limit: limit)
    func isDone(_ row: Int, _ column: Int) -> Bool {
      row < output.row || row == output.row && column <= output.column
    }
    let numbers = rows.map { row in columns.map { isDone(row, $0) ? output.grid.element(row, $0) : nil } }
    let family = NumberFamily(of: numbers.joined().compactMap { $0 }, format: NumberFormat(style))
    let texts = numbers.map { $0.map { $0.map { family.text($0) } ?? style.glyph("·", ".") } }
    let width = texts.joined().map(\.displayWidth).max() ?? 1
    var lines: [Line] = []
    for (place, row) in rows.enumerated() {
      var line = Line()
      for (position, column) in columns.enumerated() {
        let text = texts[place][position]
        let isHere = row == output.row && column == output.column
        line.append(String(repeating: " ", count: 3 - (isHere ? 1 : 0) + width - text.displayWidth))
        line.append((isHere ? style.glyph("▸", ">") : "") + text, isHere ? .result : .plain)
      }
      lines.append(line)
    }
    let body = Drawing(lines, axis: 0, style)
    let title = (output.name + " so far").shown(style)
    let top = Line(title, .dim).indented(by: max(0, (body.width - title.displayWidth) / 2))
    return Drawing([top] + body.lines, axis: 0, style)
  }

  private func stacked(width: Int, height: Int, _ style: Style) -> Drawing {
    guard let kernel else { return picture(limit: max(rows.count, columns.count), style) }
    let box =
      "rows \(rows.lowerBound)...\(rows.upperBound - 1), columns \(columns.lowerBound)...\(columns.upperBound - 1)"
    return MatrixStack([
      .init("", patch, "patch: \(box)", role: .operandA), .init("⊙", kernel.grid, kernel.name, role: .operandB),
      .init("=", products(kernel.grid), "products"),
    ]).drawing(width: width, height: height, style)
  }
}

extension Line {
  /// Whether nothing but spaces stands in it.
  fileprivate var isBlank: Bool { spans.allSatisfy { $0.text.allSatisfy { $0 == " " } } }
}
