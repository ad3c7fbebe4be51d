import Display

/// A diagnostic as people see it: what is wrong, the line with its failing part underlined, each operand under its own underline,
/// facts, and what can be typed instead.
///
/// ```
/// error E0201: the inner sizes of @ differ, 4 and 3
///   2 │ y = X @ W
///     │     ─   ─
///     │     │   W : [3, 4]      line 1      axis 0 (rows)    is 3
///     │     X : [150, 4]        line 1      axis 1 (columns) is 4
///   try   y = X @ Wᵀ            gives [150, 3]
/// ```
package struct DiagnosticText {
  package let diagnostic: Diagnostic
  package let source: SourceText

  package init(_ diagnostic: Diagnostic, in source: SourceText) {
    self.diagnostic = diagnostic
    self.source = source
  }

  /// The lines an error may have.
  private static let mostLines = 8

  package func document(_ style: Style = .plain) -> Document {
    var document = Document()
    var place = ""
    if let path = source.path {
      place = "\(path):\(source.lineNumber(at: diagnostic.range?.start ?? 0)): "
    }
    document.append("\(place)\("error \(diagnostic.code):", .error) \(diagnostic.message)")
    // A step of a training fails, not a part of a line.
    if diagnostic.code != "E0602" { document.append(marked(style)) }
    let suggestions = diagnostic.suggestions.prefix(2)
    let room = max(1, Self.mostLines - document.lines.count - suggestions.count)
    let titles = diagnostic.notes.prefix(room)
    let width = titles.map { $0.title.displayWidth }.max() ?? 0
    for note in titles {
      document.append(
        "  \(note.title, .dim)\(String(repeating: " ", count: width - note.title.displayWidth))   \(note.text)")
    }
    let codes = suggestions.map(\.code.firstShown)
    let column = codes.map(\.displayWidth).max() ?? 0
    for (suggestion, code) in zip(suggestions, codes) {
      var line: Line = "  \(suggestion.kind.rawValue, .hint)"
      line.pad(to: 8)
      line.append(code)
      if !suggestion.remark.isEmpty {
        line.pad(to: 8 + column + 6)
        line.append(suggestion.remark, .dim)
      }
      document.append(line)
    }
    return document
  }

  /// The line with its underlines, and what is said under them.
  private func marked(_ style: Style) -> Document {
    guard let range = diagnostic.range ?? diagnostic.labels.first?.range else { return Document() }
    let index = source.lineIndex(at: min(range.start, max(0, source.bytes.count - 1)))
    let line = source.lineRange(index)
    let number = String(source.firstLine + index)
    let bar = style.glyph("│", "|")
    let gutter = String(repeating: " ", count: number.count + 3) + bar + " "
    let labels = diagnostic.labels.filter { $0.range.start >= line.start && $0.range.end <= line.end }
      .sorted { $0.range.start < $1.range.start }
    let marks = labels.isEmpty ? [range] : labels.map(\.range)

    // A line too long for the screen is shown around its first mark.
    let room = max(20, style.width - gutter.count - 1)
    func column(_ offset: Int) -> Int {
      source.text(SourceRange(line.start, max(line.start, min(offset, line.end)))).shown(style).displayWidth
    }
    let text = source.text(line).shown(style)
    let first = marks.map { column($0.start) }.min() ?? 0
    let start = text.displayWidth <= room || first < room * 2 / 3 ? 0 : first - room / 3
    let shownText = String(text.dropFirst(start).prefix(room))
    var document = Document()
    document.append("  \(number) \(bar) \(shownText)")

    func positioned(_ offset: Int) -> Int { min(max(0, column(offset) - start), room) }
    var underline = Line(gutter)
    for mark in marks.sorted(by: { $0.start < $1.start }) {
      let from = positioned(mark.start)
      let to = min(room, max(from + 1, positioned(mark.end)))
      guard gutter.count + from >= underline.width else { continue }
      underline.pad(to: gutter.count + from)
      underline.append(String(repeating: style.glyph("─", "-"), count: to - from), .error)
    }
    document.append(underline)
    // From the right, so that connectors never cross.
    for (position, label) in labels.enumerated().reversed() {
      var line = Line(gutter)
      for earlier in labels[..<position] {
        line.pad(to: gutter.count + positioned(earlier.range.start))
        line.append(bar, .error)
      }
      line.pad(to: gutter.count + positioned(label.range.start))
      line.append(label.text)
      document.append(line)
    }
    return document
  }
}

extension String {
  /// What is shown of something to type: its first line.
  fileprivate var firstShown: String {
    let lines = split(separator: "\n", omittingEmptySubsequences: false)
    return lines.count > 1 ? lines[0] + " …" : self
  }
}
