/// Writes text with colours by role, as a terminal shows them (R14).
package struct TerminalWriter: Writer {
  package let style: Style

  package init(_ style: Style) {
    self.style = style
  }

  package func write(_ line: Line) -> String {
    if !style.color { return PlainWriter(style).write(line) }
    var result = ""
    for span in line.laidOut(style) {
      if let code = span.role.rendition {
        result += "\u{1B}[\(code)m\(span.text)\u{1B}[0m"
      } else {
        result += span.text
      }
    }
    return result
  }
}

extension Role {
  /// The parameters of SGR (ECMA-48 §8.3.117) for a role: only the sixteen colours a user's theme defines, and bold and
  /// dim.
  package var rendition: String? {
    switch self {
    case .plain, .name, .number: nil
    case .dim, .comment: "2"
    case .result, .heading: "1"
    case .operandA, .builtin: "34"
    case .operandB, .string, .success, .prompt, .bar: "32"
    case .operandC: "33"
    case .index, .keyword: "35"
    case .error, .mark: "31"
    case .warning: "33"
    case .hint: "36"
    }
  }
}
