import Display
import Tensors

extension BuiltinCatalogue {
  static let output: [Builtin] = [
    Builtin(
      "print(x...)", .output, "Shows values side by side: text as it is, numbers at the session's digits.",
      example: ("print(\"loss\", 0.25)", "")
    ) { call in
      if !call.machine.isQuiet { call.machine.output(Document.printing(call.rest, call.machine)) }
      return .nothing
    }
  ]
}

extension Document {
  /// Values as `print` shows them: on one line, or the tensors below each other where that is too long.
  static func printing(_ values: [Value], _ machine: Machine) -> Document {
    let style = machine.style
    var document = Document()
    var line = Line()
    for value in values {
      if case .string(let text) = value {
        // Text is shown whole, its own line breaks included.
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
          if index > 0 {
            document.append(line)
            line = Line()
          } else if !line.spans.isEmpty {
            line.append(" ")
          }
          line.append(String(part))
        }
        continue
      }
      let text = ValueText(value, machine)
      if let typed = text.typed(style), line.width + typed.displayWidth < style.width || text.isNumber {
        if !line.spans.isEmpty { line.append(" ") }
        line.append(typed)
      } else {
        if !line.spans.isEmpty { document.append(line) }
        line = Line()
        document.append(text.document(name: nil, style))
      }
    }
    if !line.spans.isEmpty || document.isEmpty { document.append(line) }
    return document
  }
}

extension ValueText {
  fileprivate var isNumber: Bool { if case .tensor(let tensor) = self { tensor.shape.isEmpty } else { false } }
}
