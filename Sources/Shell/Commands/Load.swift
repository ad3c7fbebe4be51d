import Display
import Language
import Sessions

/// `:load FILE`: runs a script or the inputs of a transcript in this session.
package enum Load: Command {
  package static let name = "load"
  package static let argument = "FILE"
  package static let summary = "runs the lines of a script, or the inputs of a transcript (.md), in this session"
  package static let details = [
    "The lines are answered as if you had typed them: they may do whatever you may. The first error stops it;",
    "what was bound before stays bound. A file somebody sent is better played by :replay, which writes nothing.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let path = argument.trimmed.filter { $0 != "\"" }
    guard !path.isEmpty else { throw Diagnostic("E0804", ":load wants a file") }
    guard console.settings.mayRead(path) else {
      throw Diagnostic(
        "E0402", "\(path) is outside the folder of the session that is played",
        notes: [.init("hint", "--allow-files lets a session that is played read and write anywhere")])
    }
    let text: String
    do {
      text = try FileText.read(console.settings.path(path))
    } catch {
      throw Diagnostic("E0401", error.message)
    }
    let inputs = try inputs(of: text, path)
    var count = 0
    for input in inputs {
      switch console.type(input.text) {
      case .quit: return .quit
      case .done: count += 1
      case .failed(let code) where input.errors.contains(code): count += 1
      case .failed:
        return .shown(
          Document([
            Line("  stopped at \(path):\(input.line); \(count) input\(count == 1 ? "" : "s") before it were run", .dim)
          ]))
      }
    }
    return .shown(Document([Line("  \(count) input\(count == 1 ? "" : "s") of \(path)", .dim)]))
  }

  /// What a file types: each input with the line it stands on and the errors it may end in.
  private static func inputs(
    of text: String, _ path: String
  ) throws(Diagnostic) -> [(text: String, line: Int, errors: [String])] {
    guard path.hasSuffix(".md") else { return Interpreter.inputs(of: text).map { ($0.text, $0.line, []) } }
    do {
      return try Transcript(text).blocks.flatMap { block -> [(text: String, line: Int, errors: [String])] in
        guard case .cell(let cell) = block, !cell.words.isSkipped else { return [] }
        return cell.entries.map { ($0.text, $0.line, cell.words.errors) }
      }
    } catch {
      throw Diagnostic("E0402", "\(path):\(error.line): \(error.message)")
    }
  }
}
