import Display
import Explanations
import Language

/// The stepper's prompt: words that go somewhere, and expressions over the values that are there.
package final class Stepper: Mode {
  private let walker: Walker

  init(_ walker: Walker) { self.walker = walker }

  package var prompt: String { walker.prompt }
  package var isRecorded: Bool { true }

  func frame(_ style: Style) -> Document { walker.frame(style) }

  package func answer(_ line: String, on console: Console) -> ModeAnswer {
    let line = line.trimmed
    // A command is the session's; one that opens another stepper takes this one's place.
    if line.hasPrefix(":") || line.hasPrefix("?") { return .passes }
    do throws(Diagnostic) {
      switch try walker.obey(line) {
      case .moved: console.show(walker.frame(console.style))
      case .ended: return .leaves
      case .why(let what): return why(what, on: console)
      case .other: try show(line, on: console)
      }
      return .stays
    } catch {
      console.show(error.document(in: SourceText(line, firstLine: console.interpreter.line + 1), console.style))
      return .failed(code: error.code)
    }
  }

  /// `why x[i,j]` is `:why x[i,j]`, and the stepper stays open.
  private func why(_ what: String, on console: Console) -> ModeAnswer {
    switch console.evaluate(":why " + what) {
    case .ended(.quit): return .quit
    case .ended: return .stays
    case .failed(let diagnostic, let source):
      if let element = walker.element(what, console.style) {
        console.show(element)
        return .stays
      }
      console.show(diagnostic.document(in: source, console.style))
      return .failed(code: diagnostic.code)
    }
  }

  /// The value of an expression over the values of this step; the session stays as it is.
  private func show(_ line: String, on console: Console) throws(Diagnostic) {
    let source = SourceText(line, firstLine: console.interpreter.line + 1)
    let program = Parser.parse(source)
    let words = ["next", "back", "goto", "into", "out", "why", "quit"]
    let first = line.prefix { $0.isLetter }.lowercased()
    let near = line.contains("=") ? nil : Spelling.nearest(to: first, in: words)
    let isUnknown = near != nil && console.interpreter.value(named: first) == nil
    if program.diagnostics.isEmpty, program.statements.count == 1,
      case .expression(let expression) = program.statements[0].kind,
      !isUnknown
    {
      let value = try console.interpreter.value(of: expression, in: source, with: walker.names)
      console.show(console.interpreter.echo(value, named: expression.name?.text ?? "ans"))
      return
    }
    if program.diagnostics.isEmpty, !program.statements.isEmpty, !isUnknown {
      throw Diagnostic(
        "E0823", "a stepper only looks; this line would change the session",
        suggestions: [.init(.try, "quit", remark: "leaves the stepper, then type it again")])
    }
    throw Diagnostic(
      "E0823", "the stepper knows no word \(line.prefix { $0 != " " })",
      suggestions: [
        near.map { .init(.try, $0) }
          ?? .init(.try, "next", remark: "or back, goto N, into, out, why x, an expression, quit")
      ])
  }
}
