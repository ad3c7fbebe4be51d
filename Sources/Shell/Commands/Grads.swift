import Explanations
import Language

/// `:grads`: the gradients of a network or a loss, a row for each parameter.
package enum Grads: Command {
  package static let name = "grads"
  package static let argument = "[NET or LOSS] [all | over] [on X, t]"
  package static let summary = "gradients parameter by parameter: norms, a histogram, what vanishes, explodes, is dead"
  package static let details = [
    ":grads net            on what it was trained with; all shows every row",
    ":grads net on X, t    on inputs and targets, on a dataset, with loss: mse if you like",
    ":grads net over       through the epochs of its training",
    ":grads L              of a loss that your own lines computed, by every name behind it",
    "Marks: ↓ vanishing, ↑ exploding, 0 exactly zero, ! nan or inf. Histograms have nine",
    "bins from -max to max, heights are roots of shares. Dropout is left out.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    .shown(try GradientQuestion(argument, console.interpreter).answer())
  }
}
