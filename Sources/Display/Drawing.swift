/// A rectangle of lines that stands beside or above others: matrices in brackets, windows, quotients.
package struct Drawing: Sendable, Hashable {
  package private(set) var lines: [Line]

  /// A drawing of lines as they will be seen, so that it can be measured.
  package init(_ lines: [Line], _ style: Style = .plain) {
    self.lines = lines.map { $0.shown(style) }
  }

  package init(_ text: String, _ role: Role = .plain, _ style: Style = .plain) {
    self.init([Line(text, role)], style)
  }

  package var width: Int { lines.map(\.width).max() ?? 0 }
  package var height: Int { lines.count }

  /// Drawings side by side, each centred between top and bottom; `gap` spaces between them.
  package static func beside(_ drawings: [Drawing], gap: Int = 1) -> Drawing {
    let height = drawings.map(\.height).max() ?? 0
    var lines = Array(repeating: Line(), count: height)
    var end = 0
    for (position, drawing) in drawings.enumerated() {
      let top = (height - drawing.height) / 2
      for (row, line) in drawing.lines.enumerated() {
        lines[top + row].pad(to: end)
        lines[top + row].append(line)
      }
      end += drawing.width + (position == drawings.count - 1 ? 0 : gap)
    }
    return Drawing(lines)
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
    return above([numerator, Drawing(rule), denominator], centered: true)
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
    let width = width
    return Drawing(
      lines.enumerated().map { row, line in
        let (left, right) =
          switch row {
          case _ where height == 1 || style.ascii: ("[ ", " ]")
          case 0: ("⎡ ", " ⎤")
          case height - 1: ("⎣ ", " ⎦")
          default: ("⎢ ", " ⎥")
          }
        var padded = line
        padded.pad(to: width)
        return "\(left)\(padded)\(right)"
      })
  }

  package func document(indent: Int = 2) -> Document { Document(lines).indented(by: indent) }
}
