import Display
import Explanations
import Language

/// `:demo`: a small system bound as if its lines had been typed.
package enum RunDemo: Command {
  package static let name = "demo"
  package static let argument = "[NAME]"
  package static let summary = "a small system with every number on the screen: lstm, cnn, attention, adam, …"
  package static let details = [
    ":demo lists them; :demo lstm types the lines of one, so that :why, :graph, :what and :check",
    "work on its names. demo(\"lstm\") is the same. Names it needs are bound anew.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let word = argument.trimmed
    guard !word.isEmpty else { return .shown(list(console.style)) }
    guard let demo = Demo.named(word) else {
      let near = Spelling.nearest(to: word, in: Demo.all.map(\.name))
      throw Diagnostic(
        "E0836", "no demo is called \(word)",
        suggestions: [near.map { .init(.try, ":demo \($0)") } ?? .init(.see, ":demo", remark: "lists them")])
    }
    return .shown(try play(demo, on: console))
  }

  /// The name in `demo("lstm")`, empty in `demo()`; nil for anything else, and where the user has bound the name.
  static func name(in text: String, _ console: Console) -> String? {
    var text = text.trimmed
    // What shows several lines has nothing to silence.
    if text.hasSuffix(";") { text = String(text.dropLast()).trimmed }
    guard text.hasPrefix("demo("), text.hasSuffix(")"),
      !console.interpreter.names.contains(where: { $0.name == name })
    else { return nil }
    let inside = String(text.dropFirst(5).dropLast()).trimmed
    guard inside.isEmpty || inside.hasPrefix("\"") && inside.hasSuffix("\"") && inside.count > 1 else { return nil }
    return String(inside.dropFirst().dropLast())
  }

  private static func list(_ style: Style) -> Document {
    var table = Table([.init(gap: 3), .init(gap: 3), .init()])
    for demo in Demo.all {
      table.append([
        Line(demo.name, .name), Line(demo.title.shown(style).cut(to: 52, style: style)), Line(demo.source, .dim),
      ])
    }
    var document = table.document(style)
    document.append("  \("try", .hint)  demo(\"lstm\")   :demo adam")
    return document
  }

  /// Types the lines; what they show stands below each.
  private static func play(_ demo: Demo, on console: Console) throws(Diagnostic) -> Document {
    let style = console.style
    let first = console.interpreter.line + 1
    let replaced = bound(by: demo).filter { name in console.interpreter.names.contains { $0.name == name } }
    for name in replaced { console.interpreter.clear(name) }
    var document = Document([Line("  \(demo.title)".shown(style), margin: demo.source.isEmpty ? nil : demo.source)])
    let before = console.interpreter.output
    defer { console.interpreter.output = before }
    for input in demo.lines {
      for line in input.split(separator: "\n") {
        document.append(Line("    " + String(line).shown(style).cut(to: style.width - 4, style: style), .name))
      }
      var echo = Document()
      console.interpreter.output = { echo.append($0) }
      if case .failed(let diagnostic, _) = console.interpreter.evaluate(input) { throw diagnostic.withoutPlaces }
      document.append(echo.indented(by: 2))
    }
    let last = console.interpreter.line
    var bound: Line = "  \("bound", .dim)  \(Self.bound(by: demo).joined(separator: ", ").shown(style), .name)"
    bound = Line(bound.spans, margin: [Span(first == last ? "line \(first)" : "lines \(first) to \(last)", .dim)])
    document.append(bound)
    if !replaced.isEmpty {
      document.append(
        Line(
          "  in place of your \(replaced.joined(separator: ", "))".shown(style).cut(to: style.width, style: style), .dim
        ))
    }
    // Only what there is: an offer is tried by the tests.
    let commands = Set(CommandCatalogue.all.map { ":" + $0.name })
    let offers = demo.next.filter { offer in commands.contains(String(offer.prefix { $0 != " " })) }
    document.append("  \("next", .hint)  \(offers.joined(separator: "   ").shown(style))")
    return document
  }

  /// The names that a demo binds, in the order in which it does.
  private static func bound(by demo: Demo) -> [String] {
    var names: [String] = []
    for input in demo.lines {
      for name in Block(Parser.parse(SourceText(input)).statements).names
      where !names.contains(name) { names.append(name) }
    }
    return names
  }
}
