import Display

/// What is wrong with a formula's text, and where.
package struct TeXError: Error, Sendable, Equatable {
  /// One line, without a full stop.
  package var message: String
  /// The failing characters, counted from 0; empty at the end of a text that stops too soon.
  package var range: Range<Int>

  init(_ message: String, _ range: Range<Int>) {
    self.message = message
    self.range = range
  }

  /// The message, the line of the text, and an underline.
  package func document(in text: String, _ style: Style = .plain) -> Document {
    let characters = Array(text)
    let start = characters[..<min(range.lowerBound, characters.count)].lastIndex { $0.isNewline }.map { $0 + 1 } ?? 0
    let end = characters[start...].firstIndex { $0.isNewline } ?? characters.count
    let before = String(characters[start..<max(start, min(range.lowerBound, end))]).shown(style)
    let failing = String(characters[min(range.lowerBound, end)..<min(range.upperBound, end)]).shown(style)
    let rule = String(repeating: style.glyph("─", "-"), count: max(1, failing.displayWidth))
    return Document([
      "\("error", .error) in a formula: \(message.shown(style))",
      "  \(String(characters[start..<end]).shown(style))",
      "  \(String(repeating: " ", count: before.displayWidth))\(rule, .error)",
    ])
  }
}
