import Language

/// `:explain CODE`: an error at length.
package enum Explain: Command {
  package static let name = "explain"
  package static let argument = "CODE"
  package static let summary = "an error at length, with lines that work"

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let word = argument.trimmed
    guard let code = DiagnosticCode.named(word) else {
      throw Diagnostic(
        "E0804", word.isEmpty ? ":explain wants the code of an error" : "no error has the code \(word)",
        suggestions: [.init(.try, ":explain E0205")])
    }
    return .shown(code.document(console.style))
  }
}
