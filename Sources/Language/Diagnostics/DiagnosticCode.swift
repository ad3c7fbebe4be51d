import Display

/// A kind of error, explained at length for `:explain`.
package struct DiagnosticCode: Sendable {
  /// `E0204`
  package let code: String
  /// `a free index`
  package let title: String
  package let explanation: String
  package let examples: [Example]
  /// What `:help` has more about.
  package let more: String?

  /// A line that works, and what it means.
  package struct Example: Sendable {
    package let text: String
    package let remark: String
    /// Whether it is a line of the language or of the shell, and not a word for the prompt of a stepper.
    package let isProgram: Bool

    init(_ text: String, _ remark: String = "") { (self.text, self.remark, isProgram) = (text, remark, true) }

    init(stepper text: String, _ remark: String = "") { (self.text, self.remark, isProgram) = (text, remark, false) }
  }

  init(_ code: String, _ title: String, _ explanation: String, _ examples: [Example], more: String? = nil) {
    self.code = code
    self.title = title
    self.explanation = explanation
    self.examples = examples
    self.more = more
  }

  /// Every code, in order.
  package static let all: [DiagnosticCode] = syntax + evaluation + commands

  /// The entry of a code, however it was typed: `E0204`, `e204`, `204`.
  package static func named(_ text: String) -> DiagnosticCode? {
    let digits = text.uppercased().drop { $0 == "E" }
    guard let number = Int(digits) else { return nil }
    return all.first { Int($0.code.dropFirst()) == number }
  }

  /// What `:explain` shows.
  package func document(_ style: Style = .plain) -> Document {
    var document = Document()
    document.append("  \(code, .error)  \(title.shown(style), .heading)")
    for line in explanation.shown(style).wrapped(to: max(20, min(style.width, 80) - 4)) { document.append("  \(line)") }
    let texts = examples.map { $0.text.shown(style) }
    let column = 4 + (texts.map(\.displayWidth).max() ?? 0) + 6
    for (text, example) in zip(texts, examples) {
      var line: Line = "    \(text, .name)"
      if !example.remark.isEmpty {
        line.pad(to: column)
        line.append(example.remark.shown(style), .dim)
      }
      document.append(line)
    }
    if let more { document.append("  \("more", .hint)  :help \(more)") }
    return document
  }
}
