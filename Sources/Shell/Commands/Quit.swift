import Language

/// `:quit`.
package enum Quit: Command {
  package static let name = "quit"
  package static let summary = "leaves the session; Ctrl-D on an empty line does too"

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome { .quit }
}
