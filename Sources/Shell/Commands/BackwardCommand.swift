import Display
import Explanations
import Language

/// `:backward LOSS`: a stepper from a loss back to what it was computed from.
package enum Backward: Command {
  package static let name = "backward"
  package static let argument = "LOSS"
  package static let summary = "a stepper from a loss to its inputs: what comes in, the local derivative, what goes out"
  package static let details = [
    ":backward L     L a number that your lines computed; the last step lists all gradients",
    "The words are those of :step: Enter, back, goto N, goto t=1, into, why ∂L/∂z[0,2], an",
    "expression, quit. Each operation of a line is a step, each layer of a network, each",
    "statement of a function, each pass of a loop; into shows a pass equation by equation.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let loss = try required(argument, "the name of a loss", try: "L")
    let stepper = Stepper(Walker(try WalkMaker(console.interpreter).backward(from: loss)))
    console.mode = stepper
    return .shown(stepper.frame(console.style))
  }
}
