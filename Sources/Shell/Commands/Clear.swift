import Display
import Language

/// `:clear`, `:clear NAME`.
package enum Clear: Command {
  package static let name = "clear"
  package static let argument = "[NAME]"
  package static let summary = "forgets a name, or all; a built-in gets its meaning back"

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let name = argument.trimmed
    if name.isEmpty {
      let count = console.interpreter.names.count
      console.interpreter.clearAll()
      return .shown(Document([Line("  \(count) name\(count == 1 ? "" : "s") forgotten", .dim)]))
    }
    guard console.interpreter.clear(name) else {
      let near = Spelling.nearest(to: name, in: console.interpreter.names.map(\.name))
      throw Diagnostic("E0101", "no name \(name)", suggestions: near.map { [.init(.try, ":clear \($0)")] } ?? [])
    }
    let isBuiltin = BuiltinCatalogue.names.contains(name)
    return .shown(Document([Line("  \(name) \(isBuiltin ? "is built in again" : "is forgotten")", .dim)]))
  }
}
