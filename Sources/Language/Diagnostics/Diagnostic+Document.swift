import Display

extension Diagnostic {
  /// The diagnostic as people see it: what is wrong, the line with the failing part underlined, each labelled part with its remark,
  /// and what would work. At most eight lines.
  ///
  ///     error E0201: the inner sizes of @ differ, 4 and 3
  ///       2 │ y = X @ W
  ///         │     ─   ─
  ///         │     │   W : [3, 4]
  ///         │     X : [150, 4]
  ///       try   y = X @ Wᵀ            gives [150, 3]
  package func document(in source: SourceText, _ style: Style = .plain) -> Document {
    var document = Document()
    let head = "error \(code):"
    for (index, part) in message.visible.wrapped(to: style.width - head.count - 1).enumerated() {
      document.append(index == 0 ? "\(head, .error) \(part)" : "  \(part)")
    }
    if let range, !source.bytes.isEmpty {
      document.append(Excerpt(source, range, labels, style).document)
    }
    for note in notes {
      let title = note.title.padded(to: max(11, note.title.displayWidth + 1))
      for (index, part) in note.text.visible.wrapped(to: max(20, style.width - 3 - title.displayWidth)).enumerated() {
        document.append(
          "  \(index == 0 ? title : String(repeating: " ", count: title.displayWidth), .dim) \(part)")
      }
    }
    let shown = suggestions.prefix(2)
    let width = min(shown.map { $0.code.displayWidth }.max() ?? 0, style.width - 30)
    for (index, suggestion) in shown.enumerated() {
      let word = index > 0 && suggestion.kind == .try ? "or" : suggestion.kind.rawValue
      var line: Line = "  \(word.padded(to: 5), .hint) \(suggestion.code.shown(style), .builtin)"
      if !suggestion.remark.isEmpty {
        line.pad(to: 8 + width)
        line.append("      " + suggestion.remark.shown(style), .dim)
      }
      document.append(line)
    }
    return Document(Array(document.lines.prefix(8)))
  }
}

/// The line of a text in which something is wrong, with underlines and the remarks that hang on them.
private struct Excerpt {
  let document: Document

  init(_ source: SourceText, _ range: SourceRange, _ labels: [Diagnostic.Label], _ style: Style) {
    let index = source.lineIndex(at: range.start)
    let line = source.lineRange(index)
    let number = String(source.firstLine + index)
    let bar = style.glyph("│", "|")
    let gutter = "  \(number) \(bar) "
    let empty = "  " + String(repeating: " ", count: number.count) + " \(bar) "
    let room = max(20, style.width - gutter.displayWidth)
    let hanging = labels.filter { $0.range.start >= line.start && $0.range.start <= line.end }
      .sorted { $0.range.start < $1.range.start }
    let marked = hanging.isEmpty ? [range] : hanging.map(\.range)

    // Where each byte of the line stands on the screen.
    func column(_ offset: Int) -> Int {
      source.text(SourceRange(line.start, min(max(offset, line.start), line.end))).shown(style).displayWidth
    }
    var text = source.text(line).shown(style)
    var places = marked.map { mark in
      (start: column(mark.start), end: max(column(mark.start) + 1, column(min(mark.end, line.end))))
    }
    if text.displayWidth > room {
      let dots = style.glyph("…", "...")
      let first = max(0, min((places.first?.start ?? 0) - room / 3, text.displayWidth - room))
      let cut = text.columns(first..<(first + room), dots: dots)
      text = cut
      places = places.map { (max(dots.count, $0.start - first), min(room, max($0.start - first + 1, $0.end - first))) }
    }

    var lines: [Line] = ["\(gutter, .dim)\(text)"]
    var underline: Line = "\(empty, .dim)"
    for place in places {
      underline.pad(to: empty.displayWidth + place.start)
      let width = min(place.end, room) - (underline.width - empty.displayWidth)
      underline.append(String(repeating: style.glyph("─", "-"), count: max(width, 0)), .error)
    }
    lines.append(underline)
    for position in hanging.indices.reversed() where !hanging[position].text.isEmpty {
      var row: Line = "\(empty, .dim)"
      for left in places[..<position] {
        row.pad(to: empty.displayWidth + left.start)
        row.append(bar, .error)
      }
      row.pad(to: empty.displayWidth + places[position].start)
      let space = style.width - row.width
      row.append(hanging[position].text.shown(style).cut(to: max(10, space), style: style))
      lines.append(row)
    }
    document = Document(lines)
  }
}

extension String {
  /// The part of the text that stands in these columns, with dots where something was cut off.
  fileprivate func columns(_ range: Range<Int>, dots: String) -> String {
    var result = ""
    var column = 0
    for character in self {
      let width = String(character).displayWidth
      if column >= range.lowerBound && column + width <= range.upperBound { result.append(character) }
      column += width
      if column >= range.upperBound { break }
    }
    if range.lowerBound > 0 { result = dots + result.dropFirst(dots.count) }
    if column < displayWidth { result = result.dropLast(dots.count) + dots }
    return result
  }
}
