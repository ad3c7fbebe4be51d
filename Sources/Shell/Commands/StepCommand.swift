import Display
import Explanations
import Language

/// `:step EXPR`: a stepper through what led to a value.
package enum StepThrough: Command {
  package static let name = "step"
  package static let argument = "EXPR"
  package static let summary = "a stepper through lines, a network, a function, an equation: formula, numbers, result"
  package static let details = [
    ":step y         the lines that led to y, one at a time",
    ":step net(X)    the layers of a network; :step f(x) the statements of a function",
    "In the stepper: Enter or next, back, goto N, goto t=1, goto [2,0], into, out,",
    "why x[i,j], any expression over the values here, quit. into goes inside: the gates of",
    "an LSTM, the windows of a convolution, the terms of a sum, scores and weights.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let text = try required(argument, "a name or an expression", try: "y")
    let stepper = Stepper(Walker(try WalkMaker(console.interpreter).walk(to: text)))
    console.mode = stepper
    return .shown(stepper.frame(console.style))
  }
}
