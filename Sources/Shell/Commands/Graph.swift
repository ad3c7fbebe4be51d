import Explanations
import Language

/// `:graph`: what a name was computed from, as a tree with lines and shapes.
package enum Graph: Command {
  package static let name = "graph"
  package static let argument = "NAME"
  package static let summary = "what a name was computed from, as a tree with lines and shapes"
  package static let details = [
    "Each name stands below what used it; a name that stands there already says as above.",
    "Deep trees are cut to the height of the screen.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    .shown(try DependencyTree(argument, console.interpreter).document())
  }
}
