/// Writes lines of a `pre` element: every role a class, everything else escaped.
package struct HTMLWriter: Writer {
  package let style: Style

  package init(_ style: Style = .plain) {
    self.style = style
  }

  package func write(_ line: Line) -> String {
    line.laidOut(style).map { span in
      let text = Self.escaped(span.text)
      return span.role == .plain ? text : "<span class=\"\(span.role)\">\(text)</span>"
    }.joined()
  }

  /// Text in which nothing is a tag or an entity.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }

  /// The rules of a style sheet that colour roles as the terminal does.
  package static let styleSheet = """
    pre .dim, pre .comment { opacity: 0.65 }
    pre .result, pre .heading { font-weight: bold }
    pre .operandA, pre .builtin { color: #1f5fbf }
    pre .operandB, pre .string, pre .success, pre .prompt, pre .bar { color: #1a7f37 }
    pre .operandC, pre .warning { color: #9a6700 }
    pre .index, pre .keyword { color: #8250df }
    pre .error, pre .mark { color: #c1121f }
    pre .hint { color: #0b7285 }
    """
}
