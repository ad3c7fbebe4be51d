import Display
import Explanations
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
    "Where your session has run the formula, its numbers are yours: an attention, a loss, an LSTM,",
    "the last step of Adam. :formula D5.adam.w example shows the card's own.",
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
    guard rest.isEmpty || rest == "with" || rest == "example" || rest.hasPrefix("with ") else {
      throw Diagnostic(
        "E0804", "behind the id stands with and your numbers, not \(rest)",
        suggestions: entry.offer.map { [.init(.try, ":formula \(entry.id) with \($0)")] } ?? [])
    }
    if rest.isEmpty, let live = try live(entry, console) { return .shown(try live.document()) }
    let own = rest == "example" ? [] : try numbers(String(rest.dropFirst(4)), for: entry, console)
    let run = FormulaRun(entry, inputs: try lines(entry, own, console), settings: console.settings)
    let offer = own.isEmpty ? sessionOffer(entry, console) ?? entry.offer : nil
    let card = FormulaCard(
      entry: entry, style: console.style, run: run, example: example(entry, own), isOwn: !own.isEmpty, offer: offer)
    return .shown(try card.document())
  }

  /// The card on the numbers with which the session has run the formula; nil if it has not, or they do not fit the other form.
  private static func live(_ entry: Entry, _ console: Console) throws(Diagnostic) -> FormulaCard? {
    guard let live = LiveValues(entry, console.interpreter), let own = try? numbers(live.text, for: entry, console),
      let lines = try? lines(entry, own, console)
    else { return nil }
    let run = FormulaRun(entry, inputs: lines, settings: console.settings)
    let isWhole = [(run.printed, entry.printed), (run.right, entry.right)].allSatisfy { outcome, form in
      outcome?.failure == nil || outcome?.failure?.line == form?.failing
    }
    guard isWhole else { return nil }
    return FormulaCard(
      entry: entry, style: console.style, run: run, example: example(entry, own), isOwn: true, offer: nil,
      live: live.source)
  }

  /// The lines that bind the entry's inputs, the reader's own among them.
  private static func lines(_ entry: Entry, _ own: [Own], _ console: Console) throws(Diagnostic) -> [String] {
    try bindings(own, entry, console)
      + entry.inputs.map { input in
        own.contains { $0.input == input.name } ? "\(baseName(input)) = \(ownName(input));" : input.line
      }
  }

  /// The session's own names for the entry's inputs, if there are any and both forms can be evaluated on them.
  private static func sessionOffer(_ entry: Entry, _ console: Console) -> String? {
    let names = entry.inputs.map(baseName).filter { name in
      console.interpreter.names.contains { $0.name == name } && console.interpreter.value(named: name)?.literal != nil
    }
    guard !names.isEmpty else { return nil }
    let text = names.joined(separator: ", ")
    guard let own = try? numbers(text, for: entry, console), let lines = try? lines(entry, own, console) else {
      return nil
    }
    let run = FormulaRun(entry, inputs: lines, settings: console.settings)
    let failures = [(run.printed, entry.printed), (run.right, entry.right)].filter { outcome, form in
      outcome?.failure != nil && outcome?.failure?.line != form?.failing
    }
    return failures.isEmpty ? text : nil
  }

  /// What the numbers are, in words.
  private static func example(_ entry: Entry, _ own: [Own]) -> String {
    if let example = entry.example, own.isEmpty { return example }
    return entry.inputs.compactMap { input in
      let remark = input.remark.isEmpty ? "" : " " + input.remark
      if let mine = own.first(where: { $0.input == input.name }) { return "\(baseName(input)) = \(mine.text)\(remark)" }
      return input.isShown ? "\(input.name) = \(input.value)\(remark)" : nil
    }.joined(separator: ", ")
  }

  /// The name a value of the reader's own has until it is the input's.
  private static func ownName(_ input: Entry.Input) -> String { "own_\(baseName(input))" }

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

  /// A value of the reader's own.
  private struct Own {
    /// The entry's name for it.
    let input: String
    let value: Expression
    /// As it was typed, or the value of the name that was.
    let text: String
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
      var name = argument.label?.text
      // A name alone is what the session calls so.
      if name == nil, case .name(let bare) = argument.value.kind { name = bare }
      guard let name else {
        throw Diagnostic(
          "E0804", "\(source.text(argument.value.range)) has no name before it",
          suggestions: entry.offer.map { [.init(.try, ":formula \(entry.id) with \($0)")] } ?? [])
      }
      guard let input = entry.inputs.first(where: { baseName($0).asciiTwin == name.asciiTwin }) else {
        let names = entry.inputs.map(baseName)
        throw Diagnostic(
          "E0806",
          names.isEmpty
            ? "\(entry.id) takes no numbers" : "\(entry.id) has no \(name); it has \(names.joined(separator: ", "))")
      }
      var text = source.text(argument.value.range)
      if argument.label == nil, let literal = console.interpreter.value(named: name)?.literal, literal.count < 30 {
        text = literal
      }
      result.append(Own(input: input.name, value: argument.value, text: text))
    }
    return result
  }

  /// Lines that bind the reader's values, after what they use of the session.
  /// - Throws: what is wrong with one of them.
  private static func bindings(_ own: [Own], _ entry: Entry, _ console: Console) throws(Diagnostic) -> [String] {
    var lines: [String] = []
    for value in own {
      var pending = [value.value]
      while let next = pending.popLast() {
        pending += next.children
        guard case .name(let name) = next.kind, console.interpreter.names.contains(where: { $0.name == name }),
          let bound = console.interpreter.value(named: name)
        else { continue }
        guard let literal = bound.literal else {
          throw Diagnostic("E0804", "\(name) is \(bound.article), and formulas take numbers and small tensors")
        }
        lines.append("\(name) = \(literal);")
      }
    }
    let printer = Printer(.unicode)
    for value in own {
      let input = entry.inputs.first { $0.name == value.input }!
      lines.append("\(ownName(input)) = \(printer.text(value.value));")
    }
    let interpreter = Interpreter(settings: console.settings)
    for line in lines {
      guard case .failed(var diagnostic, _) = interpreter.evaluate(line) else { continue }
      diagnostic.range = nil
      diagnostic.labels = []
      throw diagnostic
    }
    return lines
  }
}

extension Value {
  /// The value as it could be typed, every bit of it; nil for what is no number and no tensor of up to 10,000.
  fileprivate var literal: String? {
    switch self {
    case .number(let number): return number.shortest
    case .tensor(let tensor):
      let tensor = tensor.detached
      guard tensor.count <= 10_000, tensor.count > 0 else { return nil }
      func text(_ axis: Int, _ start: Int, _ count: Int) -> String {
        if axis == tensor.shape.rank { return tensor[flat: start].shortest }
        let extent = tensor.shape.dimensions[axis]
        let step = count / extent
        return "[" + (0..<extent).map { text(axis + 1, start + $0 * step, step) }.joined(separator: ", ") + "]"
      }
      return text(0, 0, tensor.count)
    default: return nil
    }
  }
}

extension Double {
  /// The shortest text that reads as this number.
  fileprivate var shortest: String {
    let text = "\(self)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
