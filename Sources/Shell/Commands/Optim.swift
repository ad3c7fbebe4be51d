import Explanations
import Language

/// `:optim`: one optimiser step with every quantity of its rule.
package enum Optim: Command {
  package static let name = "optim"
  package static let argument = "[NAME] [RULE]"
  package static let summary = "the last optimiser step: every quantity of the rule, formula and numbers"
  package static let details = [
    ":optim                 the last step of minimize, train or update",
    ":optim net[2].W        of one parameter",
    ":optim SGD(0.001)      another rule on the same gradient, as its first step",
    "Of more than four numbers the first three are shown, and the one that moves furthest.",
    ":why w[0] works one number out.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    .shown(try OptimizerQuestion.answer(argument, console.interpreter))
  }
}
