/// A rectangle of lines that stands beside or above others: matrices in brackets, windows, quotients, formulas.
package struct Drawing: Sendable, Hashable {
  package private(set) var lines: [Line]
  /// The row that stands beside the axes of its neighbours: the rule of a quotient, the text of a sum with limits.
  package var axis: Int

  /// A drawing of lines as they will be seen, so that it can be measured; its axis is the middle row, or the upper one of two.
  package init(_ lines: [Line], axis: Int? = nil, _ style: Style = .plain) {
    self.lines = lines.map { $0.shown(style) }
    self.axis = axis ?? max(0, (lines.count - 1) / 2)
  }

  package init(_ text: String, _ role: Role = .plain, _ style: Style = .plain) {
    self.init([Line(text, role)], axis: 0, style)
  }

  package var width: Int { lines.map(\.width).max() ?? 0 }
  package var height: Int { lines.count }

  /// Drawings side by side, axis beside axis; `gap` spaces between them.
  package static func beside(_ drawings: [Drawing], gap: Int = 1) -> Drawing {
    beside(drawings, gaps: Array(repeating: gap, count: max(0, drawings.count - 1)))
  }

  /// Drawings side by side, axis beside axis, with so many spaces after each but the last.
  package static func beside(_ drawings: [Drawing], gaps: [Int]) -> Drawing {
    let above = drawings.map(\.axis).max() ?? 0
    let below = drawings.map { $0.height - $0.axis }.max() ?? 0
    var lines = Array(repeating: Line(), count: above + below)
    var widths = Array(repeating: 0, count: above + below)
    var end = 0
    for (position, drawing) in drawings.enumerated() {
      for (index, line) in drawing.lines.enumerated() where !line.spans.isEmpty {
        let row = above - drawing.axis + index
        lines[row].append(String(repeating: " ", count: end - widths[row]))
        lines[row].append(line)
        widths[row] = end + line.width
      }
      end += drawing.width + (position < gaps.count ? gaps[position] : 0)
    }
    return Drawing(lines, axis: above)
  }

  /// Drawings one below the other, aligned at the left or centred.
  package static func above(_ drawings: [Drawing], centered: Bool = false) -> Drawing {
    let width = drawings.map(\.width).max() ?? 0
    return Drawing(
      drawings.flatMap { drawing in
        drawing.lines.map { $0.indented(by: centered ? (width - drawing.width) / 2 : 0) }
      })
  }

  /// A quotient: numerator and denominator centred over and under a rule.
  package static func quotient(_ numerator: Drawing, _ denominator: Drawing, _ style: Style = .plain) -> Drawing {
    let rule = String(repeating: style.glyph("─", "-"), count: max(numerator.width, denominator.width))
    var drawing = above([numerator, Drawing(rule), denominator], centered: true)
    drawing.axis = numerator.height
    return drawing
  }

  /// A matrix in brackets, its numbers with common decimals in columns two spaces apart.
  ///
  /// `roles` gives each number its role; one row stands in plain brackets.
  package static func matrix(
    rows: Int, columns: Int, decimals: Int? = nil, _ style: Style = .plain,
    role: (Int, Int) -> Role = { _, _ in .plain },
    element: (Int, Int) -> Double
  ) -> Drawing {
    let numbers = (0..<rows).map { row in (0..<columns).map { element(row, $0) } }
    let format = NumberFormat(style)
    let family = NumberFamily(of: numbers.flatMap { $0 }, format: format)
    let texts = numbers.map {
      $0.map { number in decimals.map { format.text(number, decimals: $0) } ?? family.text(number) }
    }
    let width = texts.joined().map(\.count).max() ?? 0
    let lines = texts.enumerated().map { row, cells in
      var line = Line()
      for (column, cell) in cells.enumerated() {
        if column > 0 { line.append("  ") }
        line.append(cell.leftPadded(to: width), role(row, column))
      }
      return line
    }
    return Drawing(lines).bracketed(style)
  }

  /// The drawing between tall square brackets.
  package func bracketed(_ style: Style = .plain) -> Drawing {
    fenced("[", "]", gap: 1, style)
  }

  package func document(indent: Int = 2) -> Document { Document(lines).indented(by: indent) }
}
