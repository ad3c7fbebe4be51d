import CEditLine

/// Drawing: called just before the reader waits, and when a reading ends.
extension LineEditor {
  /// Shows the text as it is now.
  func paint() {
    if terminal.isDumb { return paintDumb() }
    let (_, columns) = terminal.size
    updateHint()
    Terminal.write(screen.paint(picture(), columns: columns))
  }

  /// The accepted text, once more from its first row: without hint and list, and with rows that the terminal breaks itself, so that
  /// they can be copied as one line. The cursor goes to the row below.
  func finishPainting(_ scalars: [Unicode.Scalar]) { leave(scalars, mark: "") }

  /// The text as it was when the reading was given up, with `mark` behind it.
  func leavePainting(mark: String) { leave(scalars, mark: mark) }

  private func leave(_ scalars: [Unicode.Scalar], mark: String) {
    hint = ""
    listing = nil
    search = nil
    if terminal.isDumb {
      cursor = scalars.count
      paintDumb()
      Terminal.write(mark)
      leaveDumbLine()
      return
    }
    let colored = highlighter(scalars, cursor: nil)
    var output = screen.erase()
    var start = 0
    while true {
      let line = Self.line(around: start, in: scalars)
      output += paintedPrompt(isFirst: start == 0).text + colored.text(line, isColored: terminal.hasColor)
      if line.upperBound == scalars.count { break }
      output += "\r\n"
      start = line.upperBound + 1
    }
    Terminal.write(output + mark + "\r\n")
  }

  // MARK: The picture

  private func highlighter(_ scalars: [Unicode.Scalar], cursor: Int?) -> Highlighter {
    guard terminal.hasColor else { return Highlighter(scalars: scalars, highlights: [], cursor: nil) }
    let offset = cursor.map { Self.string(scalars[..<$0]).utf8.count }
    let highlights = assistant.highlight(Self.string(scalars), offset ?? -1)
    return Highlighter(scalars: scalars, highlights: highlights, cursor: cursor)
  }

  private func paintedPrompt(isFirst: Bool) -> Picture.Row {
    var text = isFirst ? prompt.first : prompt.rest
    if isFirst, let search { text = (search.isFailing ? "(no match '" : "(search '") + search.pattern + "') " }
    let width = Layout.width(of: text)
    return Picture.Row(text: terminal.hasColor ? "\u{1B}[32m" + text + "\u{1B}[0m" : text, width: width)
  }

  private func updateHint() {
    hint = ""
    // Without colour nobody could tell it from what was typed.
    guard terminal.hasColor, listing == nil, search == nil else { return }
    let scalars = scalars
    if cursor == scalars.count { hint = history.suggestion(for: Self.string(scalars)) ?? "" }
  }

  private func picture() -> Picture {
    let (height, columns) = terminal.size
    let scalars = scalars
    let position = cursor
    let layout = Layout(
      text: scalars, cursor: position, columns: columns, firstPrompt: paintedPrompt(isFirst: true).width,
      restPrompt: paintedPrompt(isFirst: false).width)
    var colored = highlighter(scalars, cursor: position)
    if let search { colored.found = Self.range(of: Array(search.pattern.unicodeScalars), in: scalars) }

    // A text taller than the screen is seen through a window that follows the cursor.
    firstVisibleRow = min(max(firstVisibleRow, layout.cursorRow - height + 1), layout.cursorRow)
    firstVisibleRow = max(0, min(firstVisibleRow, layout.rows.count - height))
    var rows: [Picture.Row] = []
    for (index, row) in layout.rows.enumerated().dropFirst(firstVisibleRow).prefix(height) {
      let before = row.beginsLine ? paintedPrompt(isFirst: index == 0).text : ""
      rows.append(Picture.Row(text: before + colored.text(row.scalars, isColored: terminal.hasColor), width: row.width))
    }
    if !hint.isEmpty, let last = rows.last {
      let (text, width) = shownHint(columns - last.width)
      rows[rows.count - 1] = Picture.Row(text: last.text + "\u{1B}[2m" + text + "\u{1B}[0m", width: last.width + width)
    }
    let room = min(visibleListHeight, height - rows.count)
    if let listing, room > 0 {
      for row in listing.rows(columns: columns, height: room).rows {
        rows.append(Picture.Row(text: row, width: Layout.width(of: row)))
      }
    }
    return Picture(rows: rows, cursorRow: layout.cursorRow - firstVisibleRow, cursorColumn: layout.cursorColumn)
  }

  /// As much of the hint's first line as fits before the last of `room` cells.
  private func shownHint(_ room: Int) -> (text: String, width: Int) {
    var text = String.UnicodeScalarView()
    var width = 0
    for scalar in hint.unicodeScalars {
      let cells = Layout.width(of: scalar)
      if scalar.value < 0x20 || width + cells >= room {
        if width + 1 < room { text.append("…") }
        return (String(text), width + (width + 1 < room ? 1 : 0))
      }
      text.append(scalar)
      width += cells
    }
    return (String(text), width)
  }

  private static func range(of pattern: [Unicode.Scalar], in scalars: [Unicode.Scalar]) -> Range<Int> {
    guard !pattern.isEmpty, pattern.count <= scalars.count else { return 0..<0 }
    for start in 0...(scalars.count - pattern.count) where scalars[start...].starts(with: pattern) {
      return start..<start + pattern.count
    }
    return 0..<0
  }

  // MARK: Dumb terminals

  private func paintDumb() {
    let scalars = scalars
    let line = Self.line(around: cursor, in: scalars)
    let before = Array(paintedPrompt(isFirst: line.lowerBound == 0 || search != nil).text.unicodeScalars)
    let output = dumbScreen.paint(
      before + scalars[line], cursor: before.count + cursor - line.lowerBound, columns: terminal.size.columns)
    Terminal.write(output)
  }

  func leaveDumbLine() {
    Terminal.write("\r\n")
    dumbScreen = DumbScreen()
  }
}
