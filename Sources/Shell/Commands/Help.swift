import Display
import Language
import Notation

/// `:help`, `:help NAME`, `?NAME`.
package enum Help: Command {
  package static let name = "help"
  package static let argument = "[NAME]"
  package static let summary = "what there is, or one built-in, layer, command or word"
  package static let details = [
    "?NAME says the same. :help alone lists everything by theme; :help elementwise lists one theme."
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let style = console.style
    let word = argument.trimmed
    if word.isEmpty { return .shown(overview(style)) }
    if let builtin = BuiltinCatalogue.builtin(named: word) { return .shown(card(builtin, style)) }
    let bare = word.hasPrefix(":") ? String(word.dropFirst()) : word
    if case .one(let command) = CommandCatalogue.match(bare), word.hasPrefix(":") || command.name == bare {
      return .shown(card(command))
    }
    if let topic = HelpTopic.all.first(where: { $0.names.contains(word) }) { return .shown(topic.document(style)) }
    if let theme = Builtin.Theme.allCases.first(where: { $0.rawValue == word }) { return .shown(list(theme, style)) }
    if let constant = BuiltinCatalogue.constants.first(where: { $0.name == word }) {
      return .shown(Document([Line("  \(word) = \(style.number(constant.value))")]))
    }
    if let value = console.interpreter.value(named: word) {
      return .shown(console.interpreter.echo(value, named: word))
    }
    let known =
      BuiltinCatalogue.names + CommandCatalogue.all.map { $0.name } + HelpTopic.all.flatMap(\.names)
      + Builtin.Theme.allCases.map(\.rawValue)
    let near = Spelling.nearest(to: word, in: known)
    throw Diagnostic(
      "E0803", "no help on \(word)",
      suggestions: [near.map { .init(.try, ":help \($0)") } ?? .init(.see, ":help", remark: "lists everything")])
  }

  /// Everything by theme, on one screen.
  private static func overview(_ style: Style) -> Document {
    var document = Document()
    for theme in Builtin.Theme.allCases {
      let names = BuiltinCatalogue.all.filter { $0.theme == theme }.map(\.name)
      guard !names.isEmpty else { continue }
      append(theme.rawValue, names, to: &document, style)
    }
    append("commands", CommandCatalogue.all.map { ":" + $0.name }, to: &document, style)
    append("words", HelpTopic.all.map { $0.names[0] }, to: &document, style)
    document.append(
      "  \("more", .hint)  :help relu   :help layers   :help typing   ?Dense")
    return document
  }

  private static func append(_ title: String, _ names: [String], to document: inout Document, _ style: Style) {
    let text = names.joined(separator: " ")
    let lines = text.wrapped(to: style.width - 19)
    for (index, line) in lines.enumerated() {
      document.append("  \((index == 0 ? title : "").padded(to: 16), .dim) \(line, .builtin)")
    }
  }

  private static func list(_ theme: Builtin.Theme, _ style: Style) -> Document {
    var document = Document()
    let builtins = BuiltinCatalogue.all.filter { $0.theme == theme }
    let width = min(34, builtins.map { $0.signature.displayWidth }.max() ?? 0)
    for builtin in builtins {
      let room = max(20, style.width - width - 5)
      if builtin.signature.displayWidth > width {
        document.append("  \(builtin.signature.cut(to: style.width - 2, style: style), .builtin)")
        document.append(
          "  \(String(repeating: " ", count: width)) \(builtin.summary.cut(to: room, style: style), .dim)")
      } else {
        document.append(
          "  \(builtin.signature.padded(to: width), .builtin) \(builtin.summary.cut(to: room, style: style), .dim)")
      }
    }
    return document
  }

  /// A built-in: how it is called, what it gives, its formula, shapes and example.
  private static func card(_ builtin: Builtin, _ style: Style) -> Document {
    var document = Document()
    for (index, line) in builtin.signature.wrapped(to: style.width - 4).enumerated() {
      document.append(
        Line((index == 0 ? "  " : "    ") + line, .builtin), margin: index == 0 ? builtin.theme.rawValue : nil)
    }
    for line in builtin.summary.wrapped(to: style.width - 4) { document.append("  \(line)") }
    func row(_ title: String, _ text: String) {
      guard !text.isEmpty else { return }
      for (index, line) in text.wrapped(to: style.width - 16).enumerated() {
        document.append("  \((index == 0 ? title : "").padded(to: 11), .dim) \(line)")
      }
    }
    /// A formula drawn, its title in the row of its axis.
    func draw(_ title: String, _ tex: String) {
      guard !tex.isEmpty else { return }
      guard let formula = try? Formula(tex: tex) else { return row(title, tex) }
      let drawing = formula.drawing(style, width: style.width - 16)
      for (index, line) in drawing.lines.enumerated() {
        document.append("  \((index == drawing.axis ? title : "").padded(to: 11), .dim) \(line)")
      }
    }
    document.appendBlank()
    let width = min(14, builtin.meanings.map { $0.name.displayWidth }.max() ?? 0)
    for (index, meaning) in builtin.meanings.enumerated() {
      let (title, room) = (index == 0 ? "takes" : "", style.width - width - 16)
      document.append(
        "  \(title.padded(to: 11), .dim) \(meaning.name.padded(to: width), .name)  \(meaning.text.cut(to: room, style: style))"
      )
    }
    draw("formula", builtin.formula)
    row("shapes", builtin.shapes)
    draw("derivative", builtin.derivative.contains("\\text") ? builtin.derivative : builtin.derivative.wordsAsText)
    row("example", builtin.example.input)
    if !builtin.example.output.isEmpty { row("gives", builtin.example.output) }
    row("source", builtin.source)
    return document
  }

  private static func card(_ command: any Command.Type) -> Document {
    var document = Document([Line("  \(command.usage)", .builtin), Line("  \(command.summary)")])
    for line in command.details { document.append(Line("  \(line)", .dim)) }
    return document
  }
}

extension String {
  /// Prose with formulas in it as one formula: words of two letters and more are text.
  var wordsAsText: String {
    var result = ""
    var text: [Substring] = []
    func closed() -> String {
      text.isEmpty ? "" : "\\text{\(result.isEmpty ? "" : " ")\(text.joined(separator: " ")) }"
    }
    for word in split(separator: " ") {
      let letters = word.filter { !"(),;:'".contains($0) }
      if letters.count > 1 && letters.allSatisfy({ $0.isASCII && $0.isLetter }) {
        text.append(word)
      } else {
        result += closed() + word + " "
        text = []
      }
    }
    return result + closed()
  }
}

extension StringProtocol {
  /// The text without spaces at its ends.
  var trimmed: String {
    var rest = Substring(self)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
