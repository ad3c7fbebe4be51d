/// Rows of cells in aligned columns, folded in the middle when there are too many (R11).
package struct Table: Sendable {
  package enum Alignment: Sendable {
    case left, right, center
  }

  /// One column: how its cells stand, and how many spaces follow it.
  package struct Column: Sendable {
    package var title: String
    package var alignment: Alignment
    package var gap: Int
    /// The columns it takes at least.
    package var least: Int

    package init(_ title: String = "", _ alignment: Alignment = .left, gap: Int = 3, least: Int = 0) {
      self.title = title
      self.alignment = alignment
      self.gap = gap
      self.least = least
    }
  }

  package var columns: [Column]
  package var rows: [[Line]]
  /// Spaces before every row.
  package var indent: Int
  /// The rows kept at the beginning and at the end of a table of more than `most` rows; `nil` shows all.
  package var fold: (first: Int, last: Int, most: Int)?
  /// The line that stands for the rows left out, given their range; `… 14 more` if there is none.
  package var folded: (@Sendable (Range<Int>) -> Line)?

  package init(
    _ columns: [Column], indent: Int = 2, fold: (first: Int, last: Int, most: Int)? = nil,
    folded: (@Sendable (Range<Int>) -> Line)? = nil
  ) {
    self.columns = columns
    rows = []
    self.indent = indent
    self.fold = fold
    self.folded = folded
  }

  /// Adds a row; missing cells are empty.
  package mutating func append(_ cells: [Line]) {
    precondition(cells.count <= columns.count)
    rows.append(cells + Array(repeating: Line(), count: columns.count - cells.count))
  }

  /// Adds a row of plain cells.
  package mutating func append(_ cells: [String]) {
    append(cells.map { Line($0) })
  }

  /// The rows under their titles, if any column has one.
  package func document(_ style: Style = .plain) -> Document {
    var hidden = 0..<0
    if let fold, rows.count > fold.most { hidden = fold.first..<rows.count - fold.last }
    let shown = rows.indices.filter { !hidden.contains($0) }.map { index in rows[index].map { $0.shown(style) } }
    let titles = columns.map { Line($0.title.shown(style), .dim) }
    let hasTitles = columns.contains { !$0.title.isEmpty }
    let widths = columns.indices.map { column in
      max(columns[column].least, ((hasTitles ? [titles] : []) + shown).map { $0[column].width }.max() ?? 0)
    }
    var result = Document()
    if hasTitles { result.append(row(titles, widths)) }
    for (position, cells) in shown.enumerated() {
      if !hidden.isEmpty && position == hidden.lowerBound { result.append(foldedLine(hidden, style)) }
      result.append(row(cells, widths))
    }
    if !hidden.isEmpty && hidden.lowerBound == shown.count { result.append(foldedLine(hidden, style)) }
    return result
  }

  private func foldedLine(_ hidden: Range<Int>, _ style: Style) -> Line {
    let line = folded?(hidden) ?? Line("… \(NumberFormat.count(hidden.count)) more", .dim)
    return line.shown(style).indented(by: indent)
  }

  private func row(_ cells: [Line], _ widths: [Int]) -> Line {
    var line = Line(String(repeating: " ", count: indent))
    var end = indent
    for (column, cell) in cells.enumerated() {
      let free = widths[column] - cell.width
      let before =
        switch columns[column].alignment {
        case .left: 0
        case .right: free
        case .center: free / 2
        }
      if !cell.spans.isEmpty {
        line.pad(to: end + before)
        line.append(cell)
      }
      end += widths[column] + columns[column].gap
    }
    return line
  }
}

extension Line {
  /// The line as a screen of this style can show it, so that it can be measured.
  package func shown(_ style: Style) -> Line {
    Line(
      spans.map { Span($0.text.shown(style), $0.role) }, margin: margin.map { Span($0.text.shown(style), $0.role) })
  }
}
