import Display
import Explanations
import Language

/// `:why EXPR`: where a value comes from.
package enum WhyCommand: Command {
  package static let name = "why"
  package static let argument = "EXPR [N] [all]"
  package static let summary = "where a value comes from: its law, the numbers put in, the result"
  package static let details = [
    "Each line is true as printed: typed into a calculator it gives the next one.",
    ":why h[0,2] is one element, :why h a whole tensor, :why ∂L/∂W[0,2] a derivative.",
    ":why y 2 goes one sum deeper, :why y all shows every term of a long sum.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    .shown(try Why(console.interpreter, console.style, console.letters).answer(argument))
  }
}
