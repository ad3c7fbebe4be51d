import Display
import Language

/// `:undo [N]`: names, draws and settings as before the last inputs that changed them.
package enum Undo: Command {
  package static let name = "undo"
  package static let argument = "[N]"
  package static let summary = "takes the last input back: names, random numbers and settings are as before it"
  package static let details = ["Inputs that only showed something are passed over. Files that were written stay."]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let word = argument.trimmed
    guard let count = word.isEmpty ? 1 : Int(word), count > 0 else {
      throw Diagnostic("E0804", ":undo wants a number of inputs, not \(word)", suggestions: [.init(.try, ":undo 2")])
    }
    guard console.interpreter.remembersSteps else {
      throw Diagnostic(
        "E0844", "nothing is remembered to be taken back", notes: [.init("hint", ":undo stands in a session")])
    }
    var document = Document()
    for _ in 0..<count {
      guard let step = console.steps.popLast() else {
        if document.isEmpty { document.append(Line("  nothing to take back", .dim)) }
        break
      }
      let names = console.interpreter.changes(since: step.before)
      guard console.interpreter.goBack(to: step.before) else {
        console.steps = []
        throw Diagnostic("E0844", "that is too long ago: what the names held is not kept any more")
      }
      let first = step.text.split(separator: "\n").first.map(String.init) ?? ""
      document.append(Line("  \("taken back", .dim)  \(first.cut(to: 60, style: console.style))"))
      for name in names.prefix(6) {
        let bound = console.interpreter.names.first { $0.name == name }
        let state = bound.map { $0.shape.isEmpty ? "is a \($0.kind) as before" : "is \($0.shape) as before" }
        document.append(
          Line("              \(name) \(state ?? "is not bound")".cut(to: 76, style: console.style), .dim))
      }
    }
    return .shown(document)
  }
}

/// `:history`: the inputs of this session.
package enum ShowHistory: Command {
  package static let name = "history"
  package static let argument = "[N | all]"
  package static let summary = "the inputs of this session; :history all, :history 50"
  package static let details = ["What earlier sessions typed is found by the up arrow and Ctrl-R."]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let word = argument.trimmed
    let inputs = console.record?.entries.map(\.text) ?? []
    guard let wanted = word.isEmpty ? 20 : word == "all" ? Int.max : Int(word), wanted > 0 else {
      throw Diagnostic(
        "E0804", ":history wants a number or all, not \(word)", suggestions: [.init(.try, ":history 50")])
    }
    guard !inputs.isEmpty else { return .shown(Document([Line("  nothing typed yet", .dim)])) }
    let left = max(0, inputs.count - wanted)
    var document = Document()
    if left > 0 {
      document.append(Line("  \(console.style.glyph("…", "...")) \(left) before      :history all", .dim))
    }
    let width = String(inputs.count).count
    for (index, input) in inputs.enumerated().dropFirst(left) {
      for (row, text) in input.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let number = row == 0 ? String(index + 1) : ""
        document.append(Line("  \(number.leftPadded(to: width), .dim)  \(String(text))"))
      }
    }
    return .shown(document)
  }
}
