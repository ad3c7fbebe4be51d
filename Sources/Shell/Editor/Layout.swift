import Display

/// Where each character of an edited text stands on a screen of some width.
///
/// Rows begin at the left edge, with a prompt where a line of the text begins. A wide character that does not fit moves to the
/// next row; a control character shows as two cells (`^A`); a mark takes none.
struct Layout: Equatable {
  /// One row: the scalars it shows, and whether a line of the text (and so a prompt) begins here.
  struct Row: Equatable {
    var scalars: Range<Int>
    var beginsLine: Bool
    /// Cells used, the prompt among them.
    var width: Int
  }

  private(set) var rows: [Row] = []
  private(set) var cursorRow = 0
  private(set) var cursorColumn = 0

  init(text: [Unicode.Scalar], cursor: Int, columns: Int, firstPrompt: Int, restPrompt: Int) {
    var row = Row(scalars: 0..<0, beginsLine: true, width: min(firstPrompt, columns - 2))
    func place() {
      cursorRow = rows.count
      // Before a mark that belongs to the last cell there is no cell of its own.
      cursorColumn = min(row.width, columns - 1)
    }
    for (index, scalar) in text.enumerated() {
      let isNewline = scalar == "\n"
      let cells = isNewline ? 0 : Self.width(of: scalar)
      // The cursor needs a cell, at the end of a full row too.
      if row.width + cells > columns || isNewline && index == cursor && row.width == columns {
        rows.append(row)
        row = Row(scalars: index..<index, beginsLine: false, width: 0)
      }
      if index == cursor { place() }
      if isNewline {
        rows.append(row)
        row = Row(scalars: index + 1..<index + 1, beginsLine: true, width: min(restPrompt, columns - 2))
      } else {
        row.scalars = row.scalars.lowerBound..<index + 1
        row.width += cells
      }
    }
    if cursor >= text.count {
      if row.width == columns {
        rows.append(row)
        row = Row(scalars: text.count..<text.count, beginsLine: false, width: 0)
      }
      place()
    }
    rows.append(row)
  }

  /// The cells one scalar takes in the editor: two for a control character, shown as `^A`, else what ``Display`` says.
  static func width(of scalar: Unicode.Scalar) -> Int {
    scalar.value < 0x20 || scalar.value == 0x7F ? 2 : scalar.displayWidth
  }

  /// The cells of a text without line breaks.
  static func width(of text: some StringProtocol) -> Int { text.unicodeScalars.reduce(0) { $0 + width(of: $1) } }
}
