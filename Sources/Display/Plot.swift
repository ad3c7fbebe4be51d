/// Curves or points over an axis, in characters; at most 20 rows.
///
/// One curve is drawn in dots, several per character. Several curves, and points, are drawn by a mark each, which the
/// last line explains, so that nothing depends on colour. Numbers that are not finite leave a gap.
package struct Plot: Sendable {
  package enum Kind: Sendable {
    case curves, points
  }

  package struct Series: Sendable {
    package var label: String
    package var x, y: [Double]

    /// Values over their places `0, 1, 2, …`, or over given numbers, of which the shorter list counts.
    package init(_ label: String = "", x: [Double]? = nil, y: [Double]) {
      self.label = label
      self.x = x ?? y.indices.map(Double.init)
      self.y = y
    }

    /// The places that can be drawn; `nil` where a curve breaks.
    var points: [(x: Double, y: Double)?] {
      zip(x, y).map { $0.isFinite && $1.isFinite ? ($0, $1) : nil }
    }
  }

  package var kind: Kind
  package var series: [Series]
  package var title, xLabel, yLabel: String
  /// The rows between the axes.
  package var rows: Int

  package init(
    _ kind: Kind, _ series: [Series], title: String = "", xLabel: String = "", yLabel: String = "", rows: Int = 15
  ) {
    self.kind = kind
    self.series = series
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.rows = min(max(rows, 3), 15)
  }

  package func document(_ style: Style = .plain) -> Document {
    let points = series.map(\.points)
    let drawn = points.joined().compactMap { $0 }
    guard !drawn.isEmpty else { return Document([Line("  nothing to draw: no finite numbers", .dim)]) }
    let vertical = Axis(drawn.lazy.map(\.y), ticks: max(2, rows / 4), widened: true)
    let labels = vertical.labels(style)
    let labelWidth = labels.map(\.count).max() ?? 0
    let columns = min(max(style.width - labelWidth - 6, 10), 120)
    let horizontal = Axis(drawn.lazy.map(\.x), ticks: max(2, columns / 14), widened: false)

    let picture =
      kind == .curves && series.count == 1
      ? dots(points[0], columns, horizontal, vertical, style) : marks(points, columns, horizontal, vertical, style)
    var result = Document()
    let heading = [title, yLabel].filter { !$0.isEmpty }.joined(separator: "   ")
    if !heading.isEmpty { result.append(Line("  \(heading)".shown(style).cut(to: style.width, style: style), .dim)) }
    for (row, line) in picture.enumerated() {
      let tick = vertical.ticks.firstIndex { tickRow(vertical.place($0)) == row }
      let label = (tick.map { labels[$0] } ?? "").leftPadded(to: labelWidth)
      let edge = tick == nil ? style.glyph("│", "|") : style.glyph("┤", "+")
      result.append("  \(label, .dim) \(edge, .dim)\(line)")
    }
    result.append(horizontalAxis(horizontal, columns, indent: labelWidth + 3, style))
    if let legend = legend(style) { result.append(legend) }
    return result
  }

  private func tickRow(_ place: Double) -> Int { Int(((1 - place) * Double(rows - 1)).rounded()) }

  /// One curve in dots.
  private func dots(
    _ points: [(x: Double, y: Double)?], _ columns: Int, _ horizontal: Axis, _ vertical: Axis, _ style: Style
  ) -> [Line] {
    var canvas = Canvas(columns: columns, rows: rows, style)
    var last: (x: Int, y: Int)?
    for point in points {
      guard let point else {
        last = nil
        continue
      }
      let x = Int((horizontal.place(point.x) * Double(canvas.dotsAcross - 1)).rounded())
      let y = Int(((1 - vertical.place(point.y)) * Double(canvas.dotsDown - 1)).rounded())
      canvas.line(from: last ?? (x, y), to: (x, y))
      last = (x, y)
    }
    return (0..<rows).map { Line(canvas.text(row: $0).trimmedEnd, .operandA) }
  }

  /// Points, or several curves, a mark for each series; where two meet, the later one is seen.
  private func marks(
    _ points: [[(x: Double, y: Double)?]], _ columns: Int, _ horizontal: Axis, _ vertical: Axis, _ style: Style
  ) -> [Line] {
    var cells = Array(repeating: Array(repeating: -1, count: columns), count: rows)
    for (index, series) in points.enumerated() {
      var last: (x: Int, y: Int)?
      for point in series {
        guard let point else {
          last = nil
          continue
        }
        let x = Int((horizontal.place(point.x) * Double(columns - 1)).rounded())
        let y = tickRow(vertical.place(point.y))
        if kind == .curves, let last, x > last.x + 1 {
          for between in last.x + 1..<x {
            let share = Double(between - last.x) / Double(x - last.x)
            cells[Int((Double(last.y) + share * Double(y - last.y)).rounded())][between] = index
          }
        }
        cells[y][x] = index
        last = (x, y)
      }
    }
    let marks = Self.marks(style)
    return cells.map { row in
      var line = Line()
      for cell in row.prefix(through: row.lastIndex { $0 >= 0 } ?? 0) {
        if cell < 0 {
          line.append(" ")
        } else {
          line.append(marks[cell % marks.count], Self.roles[cell % Self.roles.count])
        }
      }
      return line
    }
  }

  static func marks(_ style: Style) -> [String] {
    style.ascii ? ["*", "x", "+", "o", "#", "%"] : ["•", "×", "+", "○", "▪", "◇"]
  }

  static let roles: [Role] = [.operandA, .operandB, .operandC, .index]

  private func horizontalAxis(_ axis: Axis, _ columns: Int, indent: Int, _ style: Style) -> Document {
    var rule = Array(repeating: Character(style.glyph("─", "-")), count: columns)
    var numbers = Line(String(repeating: " ", count: indent + 1))
    for (tick, label) in zip(axis.ticks, axis.labels(style)) {
      let place = Int((axis.place(tick) * Double(columns - 1)).rounded())
      rule[place] = Character(style.glyph("┬", "+"))
      let start = min(max(indent + 1 + place - label.count / 2, 0), indent + 1 + columns - label.count)
      if numbers.spans.isEmpty || start > numbers.text.trimmedEnd.displayWidth || numbers.text.trimmedEnd.isEmpty {
        numbers = Line(numbers.text.trimmedEnd, .dim)
        numbers.pad(to: start)
        numbers.append(label, .dim)
      }
    }
    let corner = style.glyph("└", "+")
    var result = Document([Line(String(repeating: " ", count: indent) + corner + String(rule), .dim), numbers])
    if !xLabel.isEmpty {
      let label = xLabel.shown(style).cut(to: columns, style: style)
      result.append(Line(String(repeating: " ", count: indent + 1) + label.centered(in: columns).trimmedEnd, .dim))
    }
    return result
  }

  private func legend(_ style: Style) -> Line? {
    if series.count < 2 || series.allSatisfy({ $0.label.isEmpty }) { return nil }
    let marks = Self.marks(style)
    var line: Line = " "
    for (index, series) in series.enumerated() {
      let label = series.label.shown(style).cut(to: 24, style: style)
      if line.width + label.displayWidth + 4 > style.width { break }
      line.append(" ")
      line.append(marks[index % marks.count], Self.roles[index % Self.roles.count])
      line.append(" \(label) ")
    }
    return line
  }
}
