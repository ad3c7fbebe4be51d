/// Matrices one below the other in the same columns, each with what is done to it on its left and what it is on its right (R9).
///
/// ```
///   relu ⎡  0.580  -1.560   2.349 ⎤   z [2, 3]
///        ⎣  3.450   0.260   5.887 ⎦
///      = ⎡  0.580   0.000   2.349 ⎤   h [2, 3]
///        ⎣  3.450   0.260   5.887 ⎦
/// ```
///
/// All share one number of decimals (R3), unless a row says that it has its own; then its points stand below the others'.
package struct MatrixStack: Sendable {
  /// One matrix of the stack.
  package struct Row: Sendable {
    /// `+`, `=`, `relu`, `⊙ local`: what stands before the bracket of its first row.
    package var lead: String
    package var grid: NumberGrid
    /// `z [2, 3]`: what it is, behind its middle.
    package var label: String
    package var role: Role
    /// Whether it has a number of decimals of its own, as a factor of zeros and ones.
    package var hasOwnDecimals: Bool

    package init(
      _ lead: String = "", _ grid: NumberGrid, _ label: String, role: Role = .plain, hasOwnDecimals: Bool = false
    ) {
      self.lead = lead
      self.grid = grid
      self.label = label
      self.role = role
      self.hasOwnDecimals = hasOwnDecimals
    }
  }

  /// Where the leads end.
  package enum Leads: Sendable {
    /// One space before the bracket: signs.
    case right
    /// At the left edge, the longest five spaces before the bracket: words.
    case left
  }

  package var rows: [Row]
  package var leads: Leads

  package init(_ rows: [Row], leads: Leads = .right) {
    self.rows = rows
    self.leads = leads
  }

  /// The stack in so many columns and lines: as many rows and columns of each matrix as fit, else its corners.
  package func drawing(width: Int = 78, height: Int = 17, _ style: Style = .plain) -> Drawing {
    var limits = Limits()
    // Fewer digits before fewer numbers.
    for digits in [style.digits, style.digits - 1, style.digits - 2] where digits > 1 {
      let whole = drawing(limits, style.with(digits: digits))
      if whole.width <= width && whole.height <= height { return whole }
    }
    while true {
      let drawing = drawing(limits, style)
      if drawing.width > width, limits.narrow() { continue }
      if drawing.height > height, limits.lower() { continue }
      return drawing
    }
  }

  /// How many rows and columns are shown whole.
  struct Limits {
    var rows = 8
    var columns = 8

    mutating func narrow() -> Bool { Self.next(&columns) }
    mutating func lower() -> Bool { Self.next(&rows) }

    /// Eight, then corners with fewer and fewer of the first ones; false when there is nothing less.
    static func next(_ limit: inout Int) -> Bool {
      guard limit > 3 else { return false }
      limit = limit > 5 ? 5 : limit - 1
      return true
    }
  }

  private func drawing(_ limits: Limits, _ style: Style) -> Drawing {
    let leadWidth = rows.map { $0.lead.shown(style).displayWidth }.max() ?? 0
    let indent = leads == .left ? leadWidth + 5 : leadWidth == 0 ? 0 : leadWidth + 1
    return Drawing(lines(limits, indent: indent, style).joined().map { $0 }, axis: 0)
  }

  /// The lines of each matrix, its bracket after `indent` columns.
  func lines(_ limits: Limits, indent: Int, rowLimits: [Int]? = nil, _ style: Style) -> [[Line]] {
    let shown = rows.enumerated().map { index, row in
      Shown(row.grid, rows: rowLimits?[index] ?? limits.rows, columns: limits.columns)
    }
    var format = NumberFormat(style)
    if shown.contains(where: \.isFolded) { format.digits = max(1, format.digits - 1) }
    let together = NumberFamily(
      of: zip(rows, shown).filter { !$0.0.hasOwnDecimals }.flatMap { $0.1.numbers }, format: format)
    let texts = zip(rows, shown).map { row, shown -> [[String]] in
      let own = row.hasOwnDecimals || together.isScientific
      let family = own ? NumberFamily(of: shown.numbers, format: format) : together
      let gap = own ? together.decimalsMissing(in: family) : 0
      return shown.cells.map { cells in
        cells.map { $0.map { family.text($0) + String(repeating: " ", count: gap) } ?? style.glyph("…", "...") }
      }
    }
    let width = texts.joined().joined().map(\.displayWidth).max() ?? 0
    return zip(zip(rows, shown), texts).map { pair, cells in
      let (row, shown) = pair
      let matrix = Drawing(
        cells.map { texts in
          var line = Line()
          for (column, text) in texts.enumerated() {
            if column > 0 { line.append("  ") }
            let isDots = text == "…" || text == "..."
            // A column that is left out takes no more than its dots.
            let isNarrow = shown.columns[column] == nil
            line.append(isNarrow ? text : text.leftPadded(to: width), isDots ? .dim : row.role)
          }
          return line
        }
      ).bracketed(style)
      return matrix.lines.enumerated().map { index, text in
        var line = Line()
        if index == 0 {
          let lead = row.lead.shown(style)
          line.append(leads == .left ? lead : lead.leftPadded(to: max(0, indent - 1)))
        }
        line.pad(to: indent)
        line.append(text)
        if index == matrix.axis && !row.label.isEmpty { line.append("   " + row.label.shown(style), .dim) }
        return line
      }
    }
  }

  /// What is seen of one matrix.
  struct Shown {
    let cells: [[Double?]]
    let columns: [Int?]
    let isFolded: Bool

    init(_ grid: NumberGrid, rows: Int, columns: Int) {
      let rows = NumberGrid.places(grid.rows, limit: rows)
      let columns = NumberGrid.places(grid.columns, limit: columns)
      self.columns = columns
      isFolded = rows.contains(nil) || columns.contains(nil)
      cells = rows.map { row in
        guard let row else { return columns.map { _ in nil } }
        return columns.map { column in column.map { grid.element(row, $0) } }
      }
    }

    var numbers: [Double] { cells.joined().compactMap { $0 } }
  }
}

extension NumberFamily {
  /// The columns by which a number of another family ends earlier when both have their points in one column.
  func decimalsMissing(in other: NumberFamily) -> Int {
    guard case .plain(let mine) = notation, case .plain(let its) = other.notation, its < mine else { return 0 }
    return mine - its + (its == 0 ? 1 : 0)
  }
}
