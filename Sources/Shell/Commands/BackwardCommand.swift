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
    "The words are those of :step: Enter, back, goto N, goto t=1, why ∂L/∂z[0,2], an",
    "expression, quit. Layers of a network and time steps of a loop are steps of their own.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    guard !argument.trimmed.isEmpty else {
      throw Diagnostic("E0804", ":backward wants the name of a loss", suggestions: [.init(.try, ":backward L")])
    }
    let stepper = Stepper(Walker(try WalkMaker(console.interpreter).backward(from: argument.trimmed)))
    console.mode = stepper
    return .shown(stepper.frame(console.style))
  }
}
