import Display
import Language

/// `:tree EXPR`: how a line was read.
package enum Tree: Command {
  package static let name = "tree"
  package static let argument = "EXPR"
  package static let summary = "how a line is read: every part with its parts"

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let program = Parser.parse(SourceText(argument))
    if let diagnostic = program.diagnostics.first { throw diagnostic }
    var document = Document()
    for statement in program.statements {
      switch statement.kind {
      case .expression(let expression): draw(expression, "  ", "  ", console.style, &document)
      case .bind(let targets, let values, _):
        document.append("  \(targets.map { SourceText(argument).text($0.range) }.joined(separator: ", "), .name) =")
        for value in values { draw(value, "  └─ ", "     ", console.style, &document) }
      default:
        document.append("  \(Printer(console.style.ascii ? .ascii : .unicode).text(statement))")
      }
    }
    return .shown(document)
  }

  private static func draw(
    _ expression: Expression, _ head: String, _ rest: String, _ style: Style, _ document: inout Document
  ) {
    let children = expression.children
    let printer = Printer(style.ascii ? .ascii : .unicode)
    var line: Line = "\(head.shown(style), .dim)\(printer.text(expression).cut(to: 50, style: style), .name)"
    if !children.isEmpty {
      line.pad(to: 44)
      line.append("  " + kind(expression), .dim)
    }
    document.append(line)
    for (position, child) in children.enumerated() {
      let isLast = position == children.count - 1
      draw(child, rest + (isLast ? "└─ " : "├─ "), rest + (isLast ? "   " : "│  "), style, &document)
    }
  }

  private static func kind(_ expression: Expression) -> String {
    switch expression.kind {
    case .binary(let op, _, _): op.symbol.isEmpty ? "\(op.kind)" : op.symbol
    case .negate: "minus"
    case .not: "not"
    case .choice: "if"
    case .lambda: "function"
    case .call: "call"
    case .index: "subscripts"
    case .field: "field"
    case .derivative: "derivative"
    case .transpose: "transpose"
    case .big(let op, _, _): "\(op.rawValue) over an index"
    case .gradient: "gradient"
    case .partial: "∂"
    case .list: "list"
    case .record: "record"
    case .tensor: "tensor"
    default: ""
    }
  }
}
