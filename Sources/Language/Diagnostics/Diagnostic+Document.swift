import Display

extension Diagnostic {
  /// No error takes more lines than this.
  package static let lineLimit = 8

  /// The error as it is shown: what is wrong, the line with the failing part underlined, a remark under each underline, facts,
  /// and what can be typed instead.
  ///
  /// Lines of a connector never cross: the rightmost part is named first. A long line is cut around what is underlined; a
  /// character that would move the cursor is shown as text.
  package func document(in source: SourceText?, _ style: Style = .plain) -> Document {
    var document = Document(header(style))
    // A step of a training fails, not a part of a line; Ctrl-C stops all of one.
    if let source, let range, code != "E0602", code != "E0601" { document.append(excerpt(source, range, style)) }
    var offered = suggestions(style)
    let room = Diagnostic.lineLimit - document.lines.count
    if offered.count > room { offered = Array(offered.prefix(max(0, room))) }
    let end = Diagnostic.lineLimit - offered.count
    for note in notes {
      let indent = String(repeating: " ", count: note.title.displayWidth + 5)
      let lines = note.text.shown(style).wrapped(to: max(20, style.width - indent.count))
      for (place, part) in lines.enumerated() where document.lines.count < end {
        document.append(place == 0 ? "  \(note.title, .hint)   \(part)" : Line(indent + part))
      }
    }
    document.append(contentsOf: offered)
    return document
  }

  private func header(_ style: Style) -> [Line] {
    let text = "error \(code): \(message)".shown(style)
    let lines = text.wrapped(to: max(20, style.width))
    return lines.prefix(2).enumerated().map { place, part in
      guard place == 0 else { return Line("  " + part) }
      let head = "error \(code)"
      return Line([Span(head, .error), Span(String(part.dropFirst(head.count)), .plain)])
    }
  }

  private func suggestions(_ style: Style) -> [Line] {
    let shown = suggestions.prefix(2)
    let codes = shown.map { $0.code.shown(style) }
    let widest = codes.map(\.displayWidth).max() ?? 0
    // Remarks stand six columns away at least, and not left of the thirtieth.
    var column = max(22, widest + 6)
    let longest = shown.map(\.remark.displayWidth).max() ?? 0
    if 8 + column + longest > style.width { column = widest + 2 }
    return zip(codes, shown).map { code, suggestion in
      var line: Line = "  \(suggestion.kind.rawValue.padded(to: 6), .hint)\(code)"
      if !suggestion.remark.isEmpty, 8 + column + suggestion.remark.displayWidth <= style.width {
        line.pad(to: 8 + column)
        line.append(suggestion.remark.shown(style), .dim)
      }
      return line
    }
  }

  // MARK: The line

  private func excerpt(_ source: SourceText, _ range: SourceRange, _ style: Style) -> Document {
    let line = source.lineIndex(at: range.start)
    let here = source.lineRange(line)
    var marks = labels.filter { $0.range.start >= here.start && $0.range.start <= here.end }
      .sorted { $0.range.start < $1.range.start }.prefix(3)
    // What does not fit on the screen beside the failing part is left out.
    if let first = marks.first, let last = marks.last, last.range.start - first.range.start > style.width / 2 {
      marks = marks.filter { $0.range.start < range.end && $0.range.end > range.start }
    }
    let elsewhere = labels.first { source.lineIndex(at: $0.range.start) < line }
    var document = Document()
    if let other = elsewhere {
      document.append(part(source, source.lineIndex(at: other.range.start), [other.range], [other], range, style))
    }
    let ranges = marks.isEmpty ? [range] : marks.map(\.range)
    document.append(part(source, line, ranges, Array(marks), range, style))
    return document
  }

  /// One line of the text, its underlines, and the remarks under them.
  private func part(
    _ source: SourceText, _ index: Int, _ ranges: [SourceRange], _ marks: [Label], _ last: SourceRange, _ style: Style
  ) -> Document {
    let number = String(source.firstLine + index)
    // All numbers of an error take the room of the largest.
    let widest = String(source.lineNumber(at: last.start)).count
    let bar = style.glyph("│", "|")
    let gutter = "  " + number.leftPadded(to: widest) + " " + bar + " "
    let blank = String(repeating: " ", count: widest + 3) + bar + " "
    let cut = LineCells(source, source.lineRange(index), around: ranges, columns: style.width - gutter.count, style)

    var document = Document()
    var text: Line = "\(gutter, .dim)\(cut.text)"
    if let path = source.path { text.margin = [Span(path, .dim)] }
    document.append(text)

    let spots = ranges.map { cut.columns(of: $0) }
    var underline = Line()
    for spot in spots {
      underline.pad(to: spot.lowerBound)
      let count = max(0, spot.upperBound - max(spot.lowerBound, underline.width))
      underline.append(String(repeating: style.glyph("─", "-"), count: count), .error)
    }
    document.append(Line([Span(blank, .dim)] + underline.spans))

    for place in marks.indices.reversed() {
      var line = Line()
      for spot in spots[..<place] where spot.lowerBound < spots[place].lowerBound {
        line.pad(to: spot.lowerBound)
        line.append(bar, .error)
      }
      line.pad(to: spots[place].lowerBound)
      line.append(marks[place].text.shown(style))
      document.append(Line([Span(blank, .dim)] + line.spans))
    }
    return document
  }
}

/// What is seen of one line of a text, and the columns its bytes stand in.
private struct LineCells {
  private(set) var text = ""
  /// For each character seen: its first byte and its first column.
  private var starts: [(byte: Int, column: Int)] = []
  private var end: (byte: Int, column: Int) = (0, 0)

  init(_ source: SourceText, _ line: SourceRange, around ranges: [SourceRange], columns: Int, _ style: Style) {
    let focus = SourceRange(
      min(max(ranges.map(\.start).min() ?? line.start, line.start), line.end),
      min(ranges.map(\.end).max() ?? line.end, line.end))
    // A line of any length costs no more than a screen: nothing farther away than this can be seen.
    let reach = 4 * columns
    var cells = LineCells.cells(source, SourceRange(max(line.start, focus.start - reach), focus.start), style)
    let before = cells.count
    cells += LineCells.cells(source, SourceRange(focus.start, min(line.end, focus.start + 2 * reach)), style)
    let total = cells.reduce(0) { $0 + $1.text.displayWidth }
    let isWhole =
      cells.first.map { $0.byte == line.start } ?? true
      && cells.last.map { $0.end == line.end } ?? true
    let dots = style.glyph("…", "...")
    var first = 0
    var room = max(10, columns)
    if total > room || !isWhole {
      room -= 2 * dots.displayWidth
      let wanted = cells.reduce(0) { $1.byte >= focus.start && $1.byte < focus.end ? $0 + $1.text.displayWidth : $0 }
      // The underlined part stands in the middle; a longer one begins after a few columns.
      var lead = max(4, (room - wanted) / 2)
      first = before
      while first > 0, lead > 0 {
        first -= 1
        lead -= cells[first].text.displayWidth
      }
    }
    if first > 0 || !cells.isEmpty && cells[0].byte > line.start { text = dots }
    var column = text.displayWidth
    var place = first
    while place < cells.count {
      let width = cells[place].text.displayWidth
      if width > room { break }
      room -= width
      starts.append((cells[place].byte, column))
      text += cells[place].text
      column += width
      end = (cells[place].end, column)
      place += 1
    }
    if starts.isEmpty { end = (focus.start, column) }
    if place < cells.count || cells.last.map({ $0.end < line.end }) ?? false { text += dots }
  }

  /// The columns a range takes: at least one.
  func columns(of range: SourceRange) -> Range<Int> {
    let first = column(at: range.start)
    return first..<max(first + 1, column(at: range.end))
  }

  private func column(at byte: Int) -> Int {
    if byte >= end.byte { return end.column }
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle].byte < byte { low = middle + 1 } else { high = middle }
    }
    return low < starts.count ? starts[low].column : end.column
  }

  /// The characters of a stretch of text, each as it is shown: marks stay with their letter.
  private static func cells(
    _ source: SourceText, _ range: SourceRange, _ style: Style
  ) -> [(text: String, byte: Int, end: Int)] {
    var result: [(text: String, byte: Int, end: Int)] = []
    var place = range.start
    while place < range.end, source.bytes[place] & 0xC0 == 0x80, place > 0, source.scalar(at: place) == nil,
      result.isEmpty, place - range.start < 3
    {
      place += 1
    }
    while place < range.end {
      guard let scalar = source.scalar(at: place) else {
        result.append((hexadecimal(source.bytes[place]), place, place + 1))
        place += 1
        continue
      }
      let width = UTF8.width(scalar)
      if scalar.displayWidth == 0, let last = result.indices.last {
        result[last].text.unicodeScalars.append(scalar)
        result[last].end = place + width
      } else {
        result.append((String(Character(scalar)), place, place + width))
      }
      place += width
    }
    return result.map { ($0.text.shown(style), $0.byte, $0.end) }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
