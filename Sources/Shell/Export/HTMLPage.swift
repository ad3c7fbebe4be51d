import Display
import Formulary
import Notation
import Sessions

/// A session as one page that needs nothing else: prose, formulas as MathML, what was typed and what was answered.
///
/// Whatever stands in a session is text on the page: nothing in it becomes a tag, a script or a reference to another place.
struct HTMLPage {
  private let title: String
  private var body: [String] = []

  init(title: String) { self.title = title }

  /// A session as it stands in its file; cells that are hidden are left out.
  init(_ transcript: Transcript, name: String) {
    self.init(title: transcript.header.title ?? name)
    for block in transcript.blocks {
      switch block {
      case .prose(let lines): add(prose: lines)
      case .cell(let cell) where !cell.words.isHidden:
        if !cell.preamble.isEmpty { add(prose: cell.preamble) }
        if let quiz = cell.words.quiz { add(quiz, cell) } else { for entry in cell.entries { add(entry) } }
      case .cell: break
      }
    }
  }

  /// What was typed and shown since a session began, in the colours of the screen.
  init(_ record: SessionRecord, title: String) {
    self.init(title: title)
    body.append("<h1>\(text(title))</h1>")
    for entry in record.entries {
      add(input: rows(entry.text), prompt: entry.prompt)
      add(formulaOf: entry.text)
      add(answer: entry.answer, entry.style)
    }
  }

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>\(text(title))</title>
    <style>
    \(Self.styleSheet)
    </style>
    </head>
    <body>
    \(body.joined(separator: "\n"))
    </body>
    </html>

    """
  }

  private static let styleSheet =
    """
    :root { color-scheme: light dark }
    body { max-width: 46em; margin: 2em auto; padding: 0 1em; font: 1em/1.5 system-ui, sans-serif }
    pre { font: 0.875em/1.25 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; margin: 0; overflow-x: auto }
    pre.input { margin-top: 1em; padding-left: 0.5em; border-left: 3px solid #1a7f37 }
    pre.answer { padding: 0.2em 0 0.2em 0.7em }
    code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; font-size: 0.9em }
    math[display="block"] { margin: 1em 0; font-size: 1.15em }
    .quiz { margin: 1em 0; padding: 0.5em 1em; border: 1px solid #8886; border-radius: 0.4em }
    .quiz p { margin: 0.3em 0 }
    table { border-collapse: collapse } td { padding: 0.1em 0.8em 0.1em 0 }

    """ + HTMLWriter.styleSheet

  // MARK: Prose

  private mutating func add(prose lines: [String]) {
    for paragraph in Lesson.paragraphs(lines) { body.append(self.paragraph(paragraph)) }
  }

  private func paragraph(_ lines: [String]) -> String {
    if let heading = Lesson.heading(lines) { return "<h\(heading.level)>\(inline(heading.text))</h\(heading.level)>" }
    let first = lines.first ?? ""
    if first.hasPrefix("```") {
      return "<pre>\(lines.dropFirst().dropLast().map(text).joined(separator: "\n"))</pre>"
    }
    if first.hasPrefix("|") { return table(lines) }
    if let tex = Markdown.formula(lines) { return math(tex, isBlock: true) }
    let points = Markdown.points(lines)
    guard points.contains(where: { $0.mark != nil }) else {
      return points.map { "<p>\(inline($0.text))</p>" }.joined(separator: "\n")
    }
    let isOrdered = points.allSatisfy { $0.mark != "-" }
    let items = points.map { "<li>\(inline($0.text))</li>" }.joined(separator: "\n")
    return isOrdered ? "<ol>\n\(items)\n</ol>" : "<ul>\n\(items)\n</ul>"
  }

  private func table(_ lines: [String]) -> String {
    let rows = lines.compactMap { line -> String? in
      let cells = line.split(separator: "|").map { $0.trimmed }
      // The line below the head only says where it ends.
      if cells.allSatisfy({ $0.allSatisfy { "-: ".contains($0) } }) { return nil }
      return "<tr>" + cells.map { "<td>\(inline($0))</td>" }.joined() + "</tr>"
    }
    return "<table>\n\(rows.joined(separator: "\n"))\n</table>"
  }

  private func inline(_ words: String) -> String {
    Markdown.pieces(of: words).map { piece in
      switch piece {
      case .text(let words): text(words)
      case .code(let code): "<code>\(text(code))</code>"
      case .strong(let words): "<strong>\(text(words))</strong>"
      case .stressed(let words): "<em>\(text(words))</em>"
      case .formula(let tex): math(tex, isBlock: false)
      }
    }.joined()
  }

  /// A formula; as it is written where it cannot be read.
  private func math(_ tex: String, isBlock: Bool) -> String {
    guard let formula = try? Formula(tex: tex) else { return "<code>\(text(tex))</code>" }
    return formula.mathML(isBlock: isBlock)
  }

  /// Text in which nothing is a tag, and control characters are shown.
  private func text(_ words: String) -> String { HTMLWriter.escaped(words.visible) }

  // MARK: Cells

  private mutating func add(_ entry: Transcript.Entry) {
    add(input: entry.input.map { $0 }, prompt: entry.prompts[0])
    add(formulaOf: entry.text)
    add(answer: Document(text: entry.output.joined(separator: "\n")), .plain)
  }

  /// A question with its hints and its answer folded away.
  private mutating func add(_ quiz: Transcript.Quiz, _ cell: Transcript.Cell) {
    body.append("<div class=\"quiz\">")
    for hint in quiz.hints { body.append("<details><summary>A hint</summary><p>\(inline(hint))</p></details>") }
    body.append("<details><summary>The answer</summary>")
    for entry in cell.entries { add(entry) }
    body.append("</details>\n</div>")
  }

  private mutating func add(input rows: [String], prompt: String) {
    let lines = rows.enumerated().map { index, row in
      "<span class=\"prompt\">\(text(index == 0 ? prompt : "..> "))</span>\(text(row))"
    }
    body.append("<pre class=\"input\">\(lines.joined(separator: "\n"))</pre>")
  }

  /// The formula that a line asks for by `:formula ID`, as it is right.
  private mutating func add(formulaOf line: String) {
    guard Console.command(of: line) == ShowFormula.name else { return }
    let words = line.split(separator: " ")
    guard words.count > 1, let entry = Formulary.entry(named: String(words[1])),
      let tex = (entry.right ?? entry.printed)?.tex
    else { return }
    body.append(math(tex, isBlock: true))
  }

  private mutating func add(answer: Document, _ style: Style) {
    guard !answer.isEmpty else { return }
    let writer = HTMLWriter(style)
    body.append("<pre class=\"answer\">\(answer.lines.map { writer.write($0) }.joined(separator: "\n"))</pre>")
  }

  private func rows(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
