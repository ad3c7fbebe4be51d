import Display
import Language

/// `:vars`: the names bound, what they are, and what they take.
package enum Vars: Command {
  package static let name = "vars"
  package static let argument = "[WORD]"
  package static let summary = "the names you have bound, with kind, shape, memory and line"

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let word = argument.trimmed
    let names = console.interpreter.names.filter { word.isEmpty || $0.name.hasPrefix(word) }
    guard !names.isEmpty else {
      return .shown(
        Document([Line(word.isEmpty ? "  no names yet: try  x = [1, 2, 3]" : "  no name begins with \(word)", .dim)]))
    }
    var table = Table(
      [
        Table.Column("name"), Table.Column("kind"), Table.Column("shape"), Table.Column("memory", .right),
        Table.Column("line", .right),
      ], indent: 2)
    for name in names {
      table.append([
        name.name, name.kind, name.shape.cut(to: 34, style: console.style), SummaryText.bytes(name.byteCount),
        "\(name.line)",
      ])
    }
    return .shown(table.document(console.style))
  }
}
