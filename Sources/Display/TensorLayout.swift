/// The numbers of a tensor of rank 1 or more, laid out in rows and brackets.
///
/// The last two axes are the rows and columns of a *leaf*; the axes before them count the leaves. A leaf shows all its
/// rows and columns or the first three and the last; a tensor shows all its leaves or the first and the last. A folded
/// one is there to give an idea of the numbers and shows them with one digit less.
struct TensorLayout {
  /// The lines as an echo shows them, the outermost bracket in the second column.
  private(set) var lines: [Line] = []
  /// The same on one line.
  private(set) var typed = ""
  private(set) var isFolded = false

  private let style: Style
  private let leaves: [Int?]
  private let rows: [Int?]
  private let columns: [Int?]
  private let family: NumberFamily
  private let columnWidths: [Int]
  private let ellipsis: String

  /// The rows an echo may have.
  static let mostRows = 12

  /// - Precondition: `tensor` has rank 1 or more and no extent of 0.
  init(_ tensor: TensorText, _ style: Style) {
    self.style = style
    ellipsis = style.glyph("…", "...")
    let shape = tensor.shape
    let columnCount = shape.last!
    let rowCount = shape.count > 1 ? shape[shape.count - 2] : 1
    let leafCount = shape.dropLast(2).reduce(1, *)

    let isTall = rowCount > Self.mostRows || leafCount > Self.mostRows || rowCount * leafCount > Self.mostRows
    let foldsLeaves = isTall && leafCount > 2
    let foldsRows = rowCount > Self.mostRows || isTall && leafCount > 1 && rowCount > 5
    leaves = foldsLeaves ? [0, nil, leafCount - 1] : (0..<leafCount).map { $0 }
    rows = Self.corners(rowCount, folded: foldsRows)

    // Numbers take one column at least, and two more for what stands between them.
    var shownColumns = Self.corners(columnCount, folded: columnCount > 4 && 3 * columnCount > style.width)
    let lead =
      shape.count == 1 ? tensor.heading(style).width + (tensor.name == nil ? 0 : 3) + 1 : shape.count + 1
    var (family, cells) = Self.cells(tensor, style, leaves, rows, shownColumns)
    var widths = Self.widths(cells, family)
    // On a narrow screen fewer than three columns stand before the dots.
    for first in [3, 2, 1] where columnCount > first + 1 {
      let taken =
        shape.count == 1 ? cells[0].reduce(0) { $0 + $1.displayWidth } : widths.reduce(0, +)
      let between = 2 * (shownColumns.count - 1) + (shownColumns.contains(nil) ? ellipsis.count : 0)
      if lead + taken + between + shape.count + 1 <= style.width { break }
      shownColumns = Self.corners(columnCount, folded: true, first: first)
      (family, cells) = Self.cells(tensor, style, leaves, rows, shownColumns)
      widths = Self.widths(cells, family)
    }
    columns = shownColumns
    self.family = family
    columnWidths = widths
    isFolded = leaves.contains(nil) || rows.contains(nil) || columns.contains(nil)
    draw(shape, cells, rowCount)
  }

  private static func corners(_ count: Int, folded: Bool, first: Int = 3) -> [Int?] {
    folded ? (0..<first).map { $0 } + [nil, count - 1] : (0..<count).map { $0 }
  }

  /// The texts of all numbers shown, a row of them after the other, not padded.
  private static func cells(
    _ tensor: TensorText, _ style: Style, _ leaves: [Int?], _ rows: [Int?], _ columns: [Int?]
  ) -> (NumberFamily, [[String]]) {
    let columnCount = tensor.shape.last!
    let rowCount = tensor.shape.count > 1 ? tensor.shape[tensor.shape.count - 2] : 1
    var format = tensor.format(style)
    if leaves.contains(nil) || rows.contains(nil) || columns.contains(nil) { format.digits = max(1, format.digits - 1) }
    var numbers: [[Double]] = []
    for leaf in leaves.compactMap({ $0 }) {
      for row in rows.compactMap({ $0 }) {
        let start = (leaf * rowCount + row) * columnCount
        numbers.append(columns.compactMap { $0 }.map { tensor.element(start + $0) })
      }
    }
    let family = NumberFamily(of: numbers.flatMap { $0 }, format: format)
    return (family, numbers.map { $0.map(family.text) })
  }

  /// One width for all columns, so that points align; in e-notation, where they do not, each column its own.
  private static func widths(_ cells: [[String]], _ family: NumberFamily) -> [Int] {
    let each = (0..<cells[0].count).map { column in cells.map { $0[column].displayWidth }.max() ?? 0 }
    if family.isScientific { return each }
    return Array(repeating: each.max() ?? 0, count: each.count)
  }

  private mutating func draw(_ shape: [Int], _ cells: [[String]], _ rowCount: Int) {
    let isVector = shape.count == 1
    // A leaf of one row is a vector in brackets of its own.
    let leafBrackets = shape.count > 1 && rowCount == 1 ? 2 : 1
    let depth = max(0, shape.count - 2) + leafBrackets
    var (opening, next) = (depth, 0)
    for (position, leaf) in leaves.enumerated() {
      guard leaf != nil else {
        lines.append(Line("  " + ellipsis, .dim))
        continue
      }
      let closing = position == leaves.count - 1 ? depth : leafBrackets + axesFinished(position, shape)
      for (place, row) in rows.enumerated() {
        guard row != nil else {
          lines.append(Line(String(repeating: " ", count: depth + 1) + ellipsis, .dim))
          continue
        }
        let isLast = place == rows.count - 1
        var line = Line(String(repeating: " ", count: depth - (place == 0 ? opening : 0) + 1))
        if place == 0 { line.append(String(repeating: "[", count: opening)) }
        line.append(rowText(cells[next], padded: !isVector))
        let ending = isLast ? String(repeating: "]", count: closing) : ";"
        line.append(ending + (isLast && position < leaves.count - 1 ? "," : ""))
        lines.append(line)
        typed += typed.isEmpty ? "" : " "
        typed += (place == 0 ? String(repeating: "[", count: opening) : "")
        typed += cells[next].joined(separator: ", ") + ending + (isLast && position < leaves.count - 1 ? "," : "")
        next += 1
      }
      opening = closing
    }
  }

  /// How many axes before the leaf end with the leaf at `position`, the outermost left aside.
  private func axesFinished(_ position: Int, _ shape: [Int]) -> Int {
    guard let leaf = leaves[position] else { return 0 }
    if leaves[position + 1] == nil { return max(0, shape.count - 3) }
    var (rest, finished) = (leaf + 1, 0)
    for extent in shape.dropLast(2).dropFirst().reversed() {
      if rest % extent != 0 { break }
      rest /= extent
      finished += 1
    }
    return finished
  }

  private func rowText(_ cells: [String], padded: Bool) -> String {
    var result = ""
    var next = 0
    for (position, column) in columns.enumerated() {
      let isLast = position == columns.count - 1
      if column == nil {
        result += ellipsis + (isLast ? "" : ", ")
        continue
      }
      let cell = cells[next]
      let width = columnWidths[next]
      next += 1
      if !padded {
        result += cell + (isLast ? "" : ", ")
      } else if family.isScientific {
        result += isLast ? cell : (cell + ",").padded(to: width + 2)
      } else {
        result += cell.leftPadded(to: width) + (isLast ? "" : ", ")
      }
    }
    return result
  }
}
