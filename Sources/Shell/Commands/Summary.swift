import Explanations
import Language

/// `:summary NET`: layers, output shapes, parameters.
package enum Summary: Command {
  package static let name = "summary"
  package static let argument = "NET"
  package static let summary = "a network layer by layer: output shape, parameters and their share"

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let word = try required(argument, "the name of a network", try: "net")
    // What is more than a name may make a network: Dense(2, 3) >> relu.
    if word.contains(where: { "(>".contains($0) }) {
      let value = try console.interpreter.value(of: word)
      guard case .network(let network) = value else {
        throw Diagnostic("E0804", "this is \(value.article), and :summary shows networks")
      }
      return .shown(NetworkSummary.document(network, named: "net", console.style))
    }
    guard let value = console.interpreter.value(named: word) else {
      let near = Spelling.nearest(to: word, in: console.interpreter.names.map(\.name))
      throw Diagnostic(
        "E0101", "no name \(word)", suggestions: near.map { [.init(.try, ":summary \($0)")] } ?? [])
    }
    guard case .network(let network) = value else {
      throw Diagnostic("E0804", "\(word) is \(value.article), and :summary shows networks")
    }
    return .shown(NetworkSummary.document(network, named: word, console.style))
  }
}
