import Explanations
import Language

/// `:what`: change one number and see what follows, the session staying as it is.
package enum What: Command {
  package static let name = "what"
  package static let argument = "NAME[i,j] = v"
  package static let summary = "change one number and see what follows, the session staying as it is"
  package static let details = [
    ":what W[0,2] = 0.5     every name computed from W: how much of it changes, two examples",
    ":what net[0].W[0,2] = 0.5   :what w = 3",
    "The last line holds the slope against what really happens.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    .shown(try ChangeAnswer(argument, console.interpreter).document())
  }
}
