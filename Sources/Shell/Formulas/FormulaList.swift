import Display
import Formulary

/// Entries of the catalogue, a line each: mark, id, title, gist.
struct FormulaList {
  let entries: [Entry]
  let style: Style
  /// Whether entries read from code are folded to a line for each verdict.
  let foldsCode: Bool

  func document() -> Document {
    var document = Document()
    let marks = Verdict.allCases.sorted { order($0) < order($1) }.map { "\($0.mark) \(legend($0))" }
    document.append(
      "  \("\(entries.count) of \(Formulary.all.count):  \(marks.joined(separator: "   "))", .dim)")
    let folded = foldsCode ? foldedGroups : []
    let hidden = Set(folded.flatMap { $0.entries.map(\.id) })
    for entry in entries where !hidden.contains(entry.id) {
      document.append(line(entry.verdict, entry.id, entry.brief ?? entry.title, entry.gist))
    }
    for group in folded {
      let names = group.entries.map { $0.id.split(separator: ".").dropFirst(2).joined(separator: ".") }
      document.append(
        line(group.verdict, "\(entries[0].document).code.…", names.joined(separator: "  "), "\(names.count) more"))
    }
    return document
  }

  /// The legend's order: right, wrong, unclear, ours.
  private func order(_ verdict: Verdict) -> Int {
    switch verdict {
    case .correct: 0
    case .wrong: 1
    case .ambiguous: 2
    case .supplied: 3
    }
  }

  private func legend(_ verdict: Verdict) -> String { verdict == .supplied ? "ours, none printed" : verdict.word }

  private var foldedGroups: [(verdict: Verdict, entries: [Entry])] {
    Verdict.allCases.map { verdict in (verdict, entries.filter { $0.isCode && $0.verdict == verdict }) }
      .filter { $0.1.count > 1 }.sorted { order($0.0) < order($1.0) }
  }

  private func line(_ verdict: Verdict, _ id: String, _ title: String, _ gist: String) -> Line {
    var line: Line =
      "  \(verdict.mark.shown(style).padded(to: style.ascii ? 2 : 1), verdict.role) \(id.shown(style), .builtin)"
    let columns = style.ascii ? (5, 23, 51) : (4, 21, 49)
    func append(_ text: String, at column: Int, to end: Int) {
      line.pad(to: max(column, line.width + 2))
      line.append(text.shown(style).cut(to: max(4, end - line.width), style: style))
    }
    append(title, at: columns.1, to: columns.2 - 1)
    append(gist, at: columns.2, to: style.width)
    return line
  }
}

extension Verdict {
  /// The colour of its mark.
  var role: Role {
    switch self {
    case .correct: .success
    case .wrong: .error
    case .ambiguous: .warning
    case .supplied: .hint
    }
  }
}
