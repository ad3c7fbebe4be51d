import Display
import Formulary
import Language

/// `:formulas`: the catalogue of the documents' formulas, by document, theme, verdict or word.
package enum ListFormulas: Command {
  package static let name = "formulas"
  package static let argument = "[WORD]"
  package static let summary = "the documents' formulas: by document, theme, verdict, or any word"
  package static let details = [
    ":formulas D5 those of a document, :formulas attention those of a theme, :formulas wrong, :formulas code;",
    ":formulas all lists everything; any other word is looked for in ids, titles and formulas.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let style = console.style
    let word = argument.trimmed
    if word.isEmpty { return .shown(overview(style)) }
    let isDocument = Formulary.documents.contains(word.uppercased())
    let entries = word == "all" ? Formulary.all : Formulary.entries(about: word)
    guard !entries.isEmpty else {
      let known = Formulary.documents + Theme.allCases.map(\.rawValue) + Verdict.allCases.map(\.word)
      let near = Spelling.nearest(to: word, in: known)
      throw Diagnostic(
        "E0806", "no formula is about \(word)",
        suggestions: [
          near.map { .init(.try, ":formulas \($0)") } ?? .init(.see, ":formulas", remark: "lists the themes")
        ])
    }
    var document = FormulaList(entries: entries, style: style, foldsCode: isDocument).document()
    let dot = style.separator
    let line: Line =
      isDocument || word == "all"
      ? "  \(":formula ID", .hint) draws one\(dot)\(":formulas adam", .hint)\(dot)\(":formulas wrong", .hint)\(dot)\(":formulas all", .hint)"
      : "  \(":formula \(entries[0].id)", .hint) draws the first"
    document.append(line)
    return .shown(document)
  }

  /// A line for each document and each theme.
  private static func overview(_ style: Style) -> Document {
    var document = Document()
    let all = Formulary.all
    func counts(_ entries: [Entry]) -> String {
      [Verdict.correct, .wrong, .ambiguous, .supplied].map { verdict in
        let count = entries.count { $0.verdict == verdict }
        return count == 0 ? "    " : "\(count) \(verdict.mark)".leftPadded(to: 4)
      }.joined(separator: "  ")
    }
    document.append("  \("\(all.count) formulas:  ✓ correct   ✗ wrong   ~ ambiguous   + ours, none printed", .dim)")
    for name in Formulary.documents {
      let entries = all.filter { $0.document == name }
      let code = entries.count(where: \.isCode)
      var line: Line = "  \(":formulas \(name)", .hint)"
      line.pad(to: 26)
      line.append(counts(entries))
      line.pad(to: 54)
      line.append("\(entries.count - code) formulas, \(code) in code", .dim)
      document.append(line)
    }
    for theme in Theme.allCases {
      let entries = all.filter { $0.themes.contains(theme) }
      var line: Line = "  \(":formulas \(theme.rawValue)", .hint)"
      line.pad(to: 26)
      line.append(counts(entries))
      document.append(line)
    }
    let dot = style.separator
    document.append(
      "  \(":formula ID", .hint) draws one\(dot)\(":formulas wrong", .hint)\(dot)\(":formulas code", .hint)\(dot)\(":formulas all", .hint)"
    )
    return document
  }
}
