/// Writes text alone: for files, pipes, tests and `NO_COLOR`.
package struct PlainWriter: Writer {
  package let style: Style

  package init(_ style: Style = .plain) {
    self.style = style
  }

  package func write(_ line: Line) -> String {
    let text = line.laidOut(style).reduce(into: "") { $0 += $1.text }
    guard text.utf8.last == 0x20, let end = text.utf8.lastIndex(where: { $0 != 0x20 }) else {
      return text.utf8.last == 0x20 ? "" : text
    }
    return String(text[...end])
  }
}

extension Line {
  /// The spans of the whole line as they will be seen: control characters shown, glyphs in ASCII where the style asks
  /// for it, and the margin pushed to the right edge, two columns away from the text at least. A margin that does not
  /// fit is left out (R13).
  func laidOut(_ style: Style) -> [Span] {
    var line = Line(spans.map { Span($0.text.shown(style), $0.role) })
    if margin.isEmpty { return line.spans }
    let remark = Line(margin.map { Span($0.text.shown(style), $0.role) })
    let free = style.width - line.width - remark.width
    if free < 2 && !line.spans.isEmpty { return line.spans }
    line.append(String(repeating: " ", count: max(0, free)))
    return line.spans + remark.spans
  }
}
