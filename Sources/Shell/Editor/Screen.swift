/// What is to be seen: rows with their escapes, the cells they take, and where the cursor stands.
struct Picture: Equatable {
  struct Row: Equatable {
    var text: String
    var width: Int
  }
  var rows: [Row]
  var cursorRow: Int
  var cursorColumn: Int
}

/// The part of the terminal that the editor paints: remembers what stands there and writes only the rows that differ.
///
/// The row the cursor is in when painting begins becomes the first row; nothing above it is touched. Movement is relative, so
/// the terminal may scroll.
struct Screen {
  private(set) var painted: [Picture.Row] = []
  private(set) var cursorRow = 0
  private(set) var cursorColumn = 0

  /// What to write so that `picture` is seen.
  mutating func paint(_ picture: Picture, columns: Int) -> String {
    var output = ""
    var row = cursorRow
    func go(to target: Int, existing: Int) {
      if target < row { output += "\u{1B}[\(row - target)A" }
      let below = min(target, max(existing - 1, row))
      if below > row { output += "\u{1B}[\(below - row)B" }
      // Rows that are not there yet come by line feeds, which scroll.
      if target > below && target > row { output += String(repeating: "\r\n", count: target - max(below, row)) }
      row = target
    }
    var existing = max(painted.count, 1)
    for (index, line) in picture.rows.enumerated() where index >= painted.count || painted[index] != line {
      go(to: index, existing: existing)
      existing = max(existing, index + 1)
      output += "\r" + line.text
      // In a full row the cursor waits on its last cell, and erasing would take that.
      if line.width < columns { output += "\u{1B}[K" }
    }
    if painted.count > picture.rows.count {
      go(to: picture.rows.count, existing: existing)
      output += "\r\u{1B}[J"
    }
    let isMoved = !output.isEmpty || picture.cursorRow != cursorRow || picture.cursorColumn != cursorColumn
    if isMoved {
      go(to: picture.cursorRow, existing: max(existing, picture.rows.count))
      output += picture.cursorColumn > 0 ? "\r\u{1B}[\(picture.cursorColumn)C" : "\r"
    }
    painted = picture.rows
    cursorRow = picture.cursorRow
    cursorColumn = picture.cursorColumn
    return output
  }

  /// Goes to the first row and clears it and all below: from here on, nothing is painted.
  mutating func erase() -> String {
    let output = (cursorRow > 0 ? "\u{1B}[\(cursorRow)A" : "") + "\r\u{1B}[J"
    forget()
    return output
  }

  /// Erases after the terminal became `columns` wide: one that reflows has broken the rows above anew.
  mutating func eraseAfterResize(columns: Int) -> String {
    var above = cursorColumn / columns
    for line in painted.prefix(cursorRow) { above += max(1, (line.width + columns - 1) / columns) }
    forget()
    return (above > 0 ? "\u{1B}[\(above)A" : "") + "\r\u{1B}[J"
  }

  /// The cursor is in a fresh row: what was painted stays and is no longer ours.
  mutating func forget() { self = Screen() }
}
