import Explanations
import Language

/// `:check`: every step behind a number computed a second way, its gradients against central differences.
package enum Check: Command {
  package static let name = "check"
  package static let argument = "NAME"
  package static let summary = "a loss computed a second way, its gradients against central differences"
  package static let details = [
    ":check L   L is a number that your lines computed; each step is done again with plain loops,",
    "each gradient held against (L(w + step) - L(w - step)) / (2 step), 200 of many numbers;",
    "where relu or max bends at the number itself, right beside it.",
    "gradcheck(f, x) checks one function.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    .shown(try CheckAnswer(argument, console.interpreter).document())
  }
}
