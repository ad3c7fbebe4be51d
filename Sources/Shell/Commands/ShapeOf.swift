import Display
import Language

/// `:shape EXPR`: the shapes of a line and of its parts.
package enum ShapeOf: Command {
  package static let name = "shape"
  package static let argument = "EXPR"
  package static let summary = "the shape of every part of a line, nothing bound or shown"

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let source = SourceText(argument)
    let program = Parser.parse(source)
    if let diagnostic = program.diagnostics.first { throw diagnostic }
    var rows: [(indent: Int, expression: Expression, text: Line)] = []
    var failure: Diagnostic?

    /// The parts of a part come below it; what has index variables or parameters in it has no shape of its own.
    func add(_ expression: Expression, _ indent: Int) {
      let found = console.interpreter.outline(of: expression, in: source)
      guard found.outline != "a function" || indent == 0 else { return }
      let place = rows.count
      rows.append((indent, expression, Line()))
      let before = failure
      switch expression.kind {
      case .big, .lambda: break
      default:
        for child in expression.children where !child.children.isEmpty || child.name != nil { add(child, indent + 1) }
      }
      if let outline = found.outline {
        rows[place].text = Line(outline)
      } else if let problem = found.failure {
        // The innermost part that fails is the one to tell of.
        rows[place].text = Line(failure.map { _ in "—" } ?? problem.message, failure == nil ? .error : .dim)
        failure = before ?? failure ?? problem
      }
    }
    for statement in program.statements {
      switch statement.kind {
      case .expression(let expression): add(expression, 0)
      case .bind(_, let values, _): for value in values { add(value, 0) }
      default:
        throw Diagnostic(
          "E0804", ":shape wants an expression", suggestions: [.init(.try, ":shape X @ W + b")])
      }
    }
    let printer = Printer(console.style.ascii ? .ascii : .unicode)
    let texts = rows.map { row in
      String(repeating: "  ", count: row.indent + 1) + printer.text(row.expression).cut(to: 44, style: console.style)
    }
    let column = texts.reduce(0) { max($0, Line($1).width) } + 3
    var document = Document()
    for (text, row) in zip(texts, rows) {
      var line: Line = "\(text, .name)"
      line.pad(to: column)
      line.append(row.text)
      document.append(line)
    }
    return .shown(document)
  }
}
