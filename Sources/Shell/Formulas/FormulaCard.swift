import Display
import Formulary
import Language
import Notation

/// A catalogue entry on the screen: both forms drawn, what is wrong, the symbols, a line to type, and the numbers of both.
struct FormulaCard {
  let entry: Entry
  let style: Style
  let run: FormulaRun
  /// What the example's numbers are, in words.
  let example: String
  /// Whether the numbers are the reader's own.
  let isOwn: Bool
  /// Other numbers to try.
  let offer: String?
  /// Where the numbers come from, if the session has run the formula: `line 5`.
  var live: String?

  func document() throws(Diagnostic) -> Document {
    var document = Document()
    document.append(
      "  \(entry.title, .heading)",
      margin: "\(entry.document) \(entry.section)\(style.separator)\(entry.verdict.remark)")
    document.appendBlank()
    document.append(try formulas())
    document.appendBlank()
    appendWords(to: &document)
    let numbers = FormulaNumbers(run: run, entry: entry, style: style).document()
    if !example.isEmpty {
      document.appendBlank()
      let title = entry.printed != nil && entry.right != nil ? "both on" : "on"
      append(title, packed(example.shown(style), where: { $0.hasSuffix(", ") || $0.hasSuffix("; ") }), to: &document)
    }
    if !numbers.isEmpty {
      document.appendBlank()
      document.append(numbers)
    }
    if let live {
      document.appendBlank()
      document.append("  \("your numbers:", .dim)  \(live.shown(style))    \(":formula \(entry.id) example", .hint)")
    } else if let symptom = entry.symptom, !isOwn {
      document.appendBlank()
      for (index, line) in symptom.shown(style).wrapped(to: style.width - 19).enumerated() {
        document.append("  \((index == 0 ? "the sign of it:" : "").padded(to: 15), .dim)  \(line)")
      }
    } else if let offer {
      document.appendBlank()
      document.append("  \("other numbers:", .dim)  \(":formula \(entry.id) with \(offer)", .hint)")
    }
    return document
  }

  // MARK: Formulas

  private func formulas() throws(Diagnostic) -> Document {
    let forms = [("as printed", entry.printed), ("right", entry.right)]
      .compactMap { title, form in form.map { (title: title, form: $0) } }
    var parsed: [Formula] = []
    for (_, form) in forms { parsed.append(try formula(form.tex)) }
    guard forms.count == 2 else { return parsed[0].drawing(style, width: style.width - 4).document(indent: 4) }
    let (printed, right) = Formula.differing(parsed[0], parsed[1])
    let half = style.width / 2
    let drawings = [(printed, Role.error), (right, Role.success)]
    let beside = drawings.map { $0.0.drawing(style, width: .max, mark: $0.1) }
    if beside.allSatisfy({ $0.width <= half - 4 }) {
      var head: Line = "    \("as printed", .dim)"
      head.pad(to: half + 4)
      head.append("right", .dim)
      var document = Document([head])
      let both = Drawing.beside([Drawing("    "), beside[0], beside[1]], gaps: [0, half - beside[0].width])
      document.append(both.document(indent: 0))
      return document
    }
    // One under the other: the words stand in the first row, in front of the formula.
    let stacked = [12, 14].lazy.map { column in
      (column: column, drawings: drawings.map { $0.0.drawing(style, width: style.width - column, mark: $0.1) })
    }
    let fits = stacked.first { layout in
      zip(layout.drawings, forms).allSatisfy { drawing, form in
        drawing.lines[0].text.prefix { $0 == " " }.count + layout.column >= 4 + form.title.count
      }
    }
    let layout = fits ?? (14, stacked[1].drawings)
    var document = Document()
    for (drawing, form) in zip(layout.drawings, forms) {
      if !document.isEmpty { document.appendBlank() }
      for (row, line) in drawing.lines.enumerated() {
        var head = Line(row == 0 ? "  \(form.title)" : "", .dim)
        let indent = line.text.prefix { $0 == " " }.count
        head.pad(to: layout.column + indent)
        head.append(line.dropping(indent))
        document.append(head)
      }
    }
    return document
  }

  private func formula(_ tex: String) throws(Diagnostic) -> Formula {
    do throws(TeXError) {
      return try Formula(tex: tex)
    } catch {
      throw Diagnostic("E0999", error.message)
    }
  }

  // MARK: Words

  private func appendWords(to document: inout Document) {
    if !entry.remark.isEmpty { append(remarkTitle, entry.remark, to: &document) }
    let symbols = entry.symbols.flatMap { packed($0.shown(style), where: { $0.hasSuffix("    ") }) }
    for (index, line) in symbols.enumerated() {
      document.append("  \((index == 0 ? "symbols" : "").padded(to: 7), .dim)  \(line)")
    }
    appendTypeIt(to: &document)
  }

  /// The line to type; its remark stands in one column on all cards where there is room, else flush right or below.
  private func appendTypeIt(to document: inout Document) {
    let typed = entry.typeIt.line.shown(style)
    let remark = entry.typeIt.remark.shown(style)
    var line: Line = "  \("type it", .dim)  \(typed, .builtin)"
    if line.width > style.width, let cut = typed.range(of: "  where") {
      document.append("  \("type it", .dim)  \(String(typed[..<cut]), .builtin)")
      line = "             \(String(typed[cut...]), .builtin)"
    }
    let column = style.width - 21
    if remark.isEmpty || line.width + 4 <= column && column + remark.displayWidth <= style.width {
      line.pad(to: remark.isEmpty ? 0 : column)
      line.append(remark, .dim)
      document.append(line)
    } else if line.width + 2 + remark.displayWidth <= style.width {
      document.append(line, margin: remark)
    } else {
      document.append(line)
      document.append(Line(), margin: remark)
    }
  }

  private var remarkTitle: String {
    switch entry.verdict {
    case .wrong: "wrong"
    case .ambiguous: "unclear"
    default: "note"
    }
  }

  /// Text in lines that fit, broken where its parts end; parts never end inside brackets.
  private func packed(_ text: String, where ends: (String) -> Bool) -> [String] {
    let width = style.width - 11
    if text.displayWidth <= width { return [text] }
    var parts = [""]
    var depth = 0
    for character in text {
      if character != " " && depth == 0 && ends(parts[parts.count - 1]) { parts.append("") }
      depth += "([{".contains(character) ? 1 : ")]}".contains(character) ? -1 : 0
      parts[parts.count - 1].append(character)
    }
    var lines = [""]
    for part in parts {
      let trimmed = part.trimmed
      if lines[lines.count - 1].isEmpty || (lines[lines.count - 1] + trimmed).displayWidth <= width {
        lines[lines.count - 1] += part
      } else {
        lines.append(part)
      }
    }
    return lines.flatMap { $0.trimmed.wrapped(keepingSpacesTo: width) }
  }

  /// A title in its column, and text beside it in as many lines as it takes.
  private func append(_ title: String, _ text: String, to document: inout Document) {
    let lines = text.shown(style).wrapped(to: style.width - 11)
    append(title, lines, to: &document)
  }

  /// A title in its column, and lines beside it.
  private func append(_ title: String, _ lines: [String], to document: inout Document) {
    for (index, line) in lines.enumerated() {
      document.append("  \((index == 0 ? title : "").padded(to: 7), .dim)  \(line)")
    }
  }
}

extension String {
  /// Where a text stands in it; nil if it does not.
  fileprivate func range(of part: String) -> String.Index? {
    indices.first { self[$0...].hasPrefix(part) }
  }

  /// The text as it is if it fits, else broken at spaces.
  fileprivate func wrapped(keepingSpacesTo width: Int) -> [String] {
    displayWidth <= width ? [self] : wrapped(to: width)
  }
}

extension Line {
  /// The line without so many spaces at its beginning.
  fileprivate func dropping(_ count: Int) -> Line {
    var rest = count
    var result = Line()
    for span in spans {
      let cut = min(rest, span.text.count)
      rest -= cut
      result.append(String(span.text.dropFirst(cut)), span.role)
    }
    return result
  }
}
