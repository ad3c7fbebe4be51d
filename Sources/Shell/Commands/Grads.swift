import Explanations
import Language

/// `:grads`: the gradients of a network or a loss, a row for each parameter.
package enum Grads: Command {
  package static let name = "grads"
  package static let argument = "[NET or LOSS] [all | over] [on X, t]"
  package static let summary = "gradients parameter by parameter: norms, a histogram, what vanishes, explodes, is dead"
  package static let details = [
    ":grads net            on what it was trained with, else on what a loss of yours gave it",
    ":grads net on X, t    on inputs and targets, on a dataset, with loss: mse if you like",
    ":grads net over       through the epochs of its training",
    ":grads L              of a loss that your own lines computed, by every name behind it",
    ":grads net all        every row",
    "Marks: ↓ a thousandth of the largest layer, or a hundredth by halving; ↑ above 1000;",
    "0 exactly zero; ! nan or inf. Histograms have nine bins from -max to max, heights are",
    "roots of shares. Dropout is left out.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    .shown(try GradientQuestion(argument, console.interpreter).answer())
  }
}
