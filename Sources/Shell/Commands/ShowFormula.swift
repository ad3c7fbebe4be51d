import Display
import Formulary
import Language
import Tensors

/// `:formula ID`: one formula of the documents drawn, and both forms evaluated on the same numbers.
package enum ShowFormula: Command {
  package static let name = "formula"
  package static let argument = "ID [with x: VALUE, …]"
  package static let summary = "a formula of the documents: as printed, what is wrong, right, and the numbers of both"
  package static let details = [
    ":formula D5.adam.w with g: [2, -1], η: 0.1 evaluates both forms on your numbers, which may use the session's names.",
    ":formulas lists the ids.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let word = String(argument.trimmed.prefix { !$0.isWhitespace })
    let rest = argument.trimmed.dropFirst(word.count).trimmed
    guard !word.isEmpty else {
      throw Diagnostic(
        "E0804", ":formula wants the id of a formula",
        suggestions: [.init(.try, ":formula D5.adam.w"), .init(.see, ":formulas", remark: "lists the ids")])
    }
    guard let entry = Formulary.entry(named: word) else { throw unknown(word) }
    guard rest.isEmpty || rest == "with" || rest.hasPrefix("with ") else {
      throw Diagnostic(
        "E0804", "behind the id stands with and your numbers, not \(rest)",
        suggestions: entry.offer.map { [.init(.try, ":formula \(entry.id) with \($0)")] } ?? [])
    }
    let own = try numbers(String(rest.dropFirst(4)), for: entry, console)
    var lines = entry.inputs.map { $0.line }
    var example = entry.example ?? entry.inputs.filter(\.isShown).map(text).joined(separator: ", ")
    if !own.isEmpty {
      lines =
        own.flatMap(\.session)
        + entry.inputs.map { input in
          own.first { $0.input == input.name }.map { "\(baseName(input)) = \($0.value);" } ?? input.line
        }
      example = entry.inputs.compactMap { input in
        if let mine = own.first(where: { $0.input == input.name }) {
          return "\(baseName(input)) = \(mine.value)\(input.remark.isEmpty ? "" : " \(input.remark)")"
        }
        return input.isShown ? text(input) : nil
      }.joined(separator: ", ")
    }
    let run = FormulaRun(entry, inputs: lines, settings: console.settings)
    let card = FormulaCard(entry: entry, style: console.style, run: run, example: example, isOwn: !own.isEmpty)
    return .shown(try card.document())
  }

  private static func text(_ input: Entry.Input) -> String {
    "\(input.name) = \(input.value)\(input.remark.isEmpty ? "" : " \(input.remark)")"
  }

  /// `J` of an input that is a function `J(w)`.
  private static func baseName(_ input: Entry.Input) -> String { String(input.name.prefix { $0 != "(" }) }

  private static func unknown(_ word: String) -> Diagnostic {
    let ids = Formulary.all.map(\.id)
    var near = Spelling.nearest(to: word, in: ids).map { [$0] } ?? []
    // An id with a part left out or only begun: those that have what was typed.
    let typed = word.lowercased()
    for id in ids where near.count < 2 && !near.contains(id) && id.lowercased().contains(typed) { near.append(id) }
    if near.isEmpty, let last = typed.split(separator: ".").last, last.count > 1 {
      near = ids.filter { $0.lowercased().contains(last) }.prefix(2).map { $0 }
    }
    return Diagnostic(
      "E0806", "no formula has the id \(word)",
      suggestions: near.isEmpty
        ? [.init(.see, ":formulas", remark: "lists the ids")] : near.map { .init(.try, ":formula \($0)") })
  }

  // MARK: The reader's numbers

  /// A number of the reader's own.
  private struct Own {
    /// The entry's name for it.
    let input: String
    /// As it was typed.
    let value: String
    /// Lines that bind the names of the session it uses.
    let session: [String]
  }

  /// Reads `g: [2, -1], η: 0.1` as the arguments of a call.
  private static func numbers(_ text: String, for entry: Entry, _ console: Console) throws(Diagnostic) -> [Own] {
    guard !text.trimmed.isEmpty else { return [] }
    let source = SourceText("numbers(\(text))")
    let program = Parser.parse(source)
    if var diagnostic = program.diagnostics.first {
      diagnostic.range = nil
      diagnostic.labels = []
      throw diagnostic
    }
    guard program.statements.count == 1, case .expression(let expression) = program.statements[0].kind,
      case .call(_, let arguments) = expression.kind
    else { throw Diagnostic("E0804", "with wants names and values:  with x: [1, 2], η: 0.1") }
    var result: [Own] = []
    for argument in arguments {
      guard let label = argument.label else {
        throw Diagnostic(
          "E0804", "\(source.text(argument.value.range)) has no name before it",
          suggestions: entry.offer.map { [.init(.try, ":formula \(entry.id) with \($0)")] } ?? [])
      }
      let name = label.text
      guard let input = entry.inputs.first(where: { baseName($0).asciiTwin == name.asciiTwin }) else {
        let names = entry.inputs.map(baseName)
        throw Diagnostic(
          "E0806",
          names.isEmpty
            ? "\(entry.id) takes no numbers" : "\(entry.id) has no \(name); it has \(names.joined(separator: ", "))")
      }
      let session = try used(in: argument.value, by: entry, console)
      result.append(Own(input: input.name, value: source.text(argument.value.range), session: session))
    }
    return result
  }

  /// Lines that bind what an expression uses of the session, as the numbers it is now.
  private static func used(
    in expression: Expression, by entry: Entry, _ console: Console
  ) throws(Diagnostic) -> [String] {
    var lines: [String] = []
    var pending = [expression]
    while let next = pending.popLast() {
      pending += next.children
      guard case .name(let name) = next.kind, !entry.inputs.contains(where: { baseName($0) == name }),
        console.interpreter.names.contains(where: { $0.name == name }),
        let value = console.interpreter.value(named: name)
      else { continue }
      guard let literal = value.literal else {
        throw Diagnostic("E0804", "\(name) is \(value.article), and formulas take numbers and small tensors")
      }
      lines.append("\(name) = \(literal);")
    }
    return lines
  }
}

extension Value {
  /// The value as it could be typed, every bit of it; nil for what is no number and no tensor of up to 10,000.
  fileprivate var literal: String? {
    switch self {
    case .number(let number): return "\(number)"
    case .tensor(let tensor):
      let tensor = tensor.detached
      guard tensor.count <= 10_000, tensor.count > 0 else { return nil }
      func text(_ axis: Int, _ start: Int, _ count: Int) -> String {
        if axis == tensor.shape.rank { return "\(tensor[flat: start])" }
        let extent = tensor.shape.dimensions[axis]
        let step = count / extent
        return "[" + (0..<extent).map { text(axis + 1, start + $0 * step, step) }.joined(separator: ", ") + "]"
      }
      return text(0, 0, tensor.count)
    default: return nil
    }
  }
}
