import Display
import Notation
import Sessions

/// Markdown as it looks on a screen: paragraphs wrapped, code and stress as roles, formulas drawn.
struct Prose {
  let style: Style
  private let width: Int

  /// - Parameter margin: the columns at the left and the right that stay free.
  init(_ style: Style, margin: Int = 4) {
    self.style = style
    width = max(30, min(style.width, 80) - margin)
  }

  /// Paragraphs, one below the other with a line between.
  func document(_ paragraphs: [[String]]) -> Document {
    var document = Document()
    for paragraph in paragraphs {
      document.appendBlank()
      document.append(self.paragraph(paragraph).indented(by: 2))
    }
    return document
  }

  /// How many lines a paragraph takes if it is a formula.
  func heightOfFormula(_ lines: [String]) -> Int? {
    Self.formula(lines).map { drawn($0).lines.count }
  }

  private func paragraph(_ lines: [String]) -> Document {
    guard let first = lines.first else { return Document() }
    if first.hasPrefix("```") || first.hasPrefix("|") {
      let inner = first.hasPrefix("```") ? Array(lines.dropFirst().dropLast()) : lines
      return Document(inner.map { Line("  " + $0, .builtin) })
    }
    if let tex = Self.formula(lines) { return drawn(tex) }
    var document = Document()
    var text: [String] = []
    var indent = 0
    func finish() {
      if !text.isEmpty { document.append(wrapped(text.joined(separator: " "), hanging: indent)) }
      text = []
    }
    for line in lines {
      let bare = line.drop { $0 == " " }
      // Points of a list stand below each other.
      if bare.hasPrefix("- ") || bare.hasPrefix("* ") {
        finish()
        (text, indent) = ([style.glyph("·", "-") + " " + bare.dropFirst(2)], 2)
      } else if let mark = bare.firstIndex(of: "."), mark > bare.startIndex, bare[..<mark].allSatisfy(\.isNumber),
        bare[mark...].hasPrefix(". ")
      {
        finish()
        (text, indent) = ([String(bare)], bare.distance(from: bare.startIndex, to: mark) + 2)
      } else if bare.hasPrefix("> ") {
        text.append(String(bare.dropFirst(2)))
      } else {
        text.append(String(bare))
      }
    }
    finish()
    return document
  }

  /// The formula that a paragraph is: between `$$`, or alone between `$`.
  private static func formula(_ lines: [String]) -> String? {
    var text = lines.map { $0.drop { $0 == " " } }.joined(separator: " ")
    for mark in ["$$", "$"] where text.count > 2 * mark.count && text.hasPrefix(mark) && text.hasSuffix(mark) {
      text = String(text.dropFirst(mark.count).dropLast(mark.count))
      return text.contains("$") ? nil : text
    }
    return nil
  }

  /// A formula in two dimensions; as it is written where it cannot be read.
  private func drawn(_ tex: String) -> Document {
    guard let formula = try? Formula(tex: tex) else { return Document([Line("  " + tex)]) }
    return formula.drawing(style, width: width - 4).document(indent: 3)
  }

  // MARK: Words

  /// Text cut into words with roles, and filled into lines.
  private func wrapped(_ text: String, hanging indent: Int) -> Document {
    var document = Document()
    var line = Line()
    var isGlued = true
    for span in spans(text) {
      let words =
        span.role == .plain ? span.text.split(separator: " ", omittingEmptySubsequences: false) : [span.text[...]]
      for (index, word) in words.enumerated() {
        if index > 0 { isGlued = false }
        if word.isEmpty { continue }
        let gap = isGlued || line.spans.isEmpty ? 0 : 1
        if line.width > indent, line.width + gap + String(word).displayWidth > width, !isGlued {
          document.append(line)
          line = Line(indent == 0 ? [] : [Span(String(repeating: " ", count: indent))])
          line.append(String(word), span.role)
        } else {
          line.append((gap == 1 ? " " : "") + word, span.role)
        }
        isGlued = true
      }
      if span.role == .plain, span.text.hasSuffix(" ") { isGlued = false }
    }
    if !line.spans.isEmpty { document.append(line) }
    return document
  }

  /// Plain text, `code`, **stress** and small formulas, in order.
  private func spans(_ text: String) -> [Span] {
    var spans: [Span] = []
    var plain = ""
    var rest = text[...]
    func flush() {
      if !plain.isEmpty { spans.append(Span(plain)) }
      plain = ""
    }
    while let character = rest.first {
      let taken: (mark: String, role: Role)? =
        rest.hasPrefix("**")
        ? ("**", .result)
        : character == "`"
          ? ("`", .builtin) : character == "$" ? ("$", .name) : Self.isStress(rest) ? ("*", .name) : nil
      if let (mark, role) = taken {
        let inner = rest.dropFirst(mark.count)
        if let end = inner.firstRange(of: mark), end.lowerBound > inner.startIndex {
          flush()
          let content = String(inner[..<end.lowerBound])
          spans.append(Span(mark == "$" ? line(of: content) : content, role))
          rest = inner[end.upperBound...]
          continue
        }
      }
      plain.append(character)
      rest.removeFirst()
    }
    flush()
    return spans
  }

  /// Whether a text begins with `*a word*`, and not with a star that multiplies.
  private static func isStress(_ text: Substring) -> Bool {
    guard text.first == "*", let next = text.dropFirst().first, next != " ", next != "*" else { return false }
    guard let end = text.dropFirst().firstIndex(of: "*") else { return false }
    return text[text.index(before: end)] != " "
  }

  /// A formula in the line: drawn if that takes one line, else as it is written.
  private func line(of tex: String) -> String {
    guard let formula = try? Formula(tex: tex) else { return tex }
    let drawing = formula.drawing(style)
    return drawing.height == 1 ? drawing.lines[0].text : tex
  }
}

extension Lesson {
  /// A lesson whose pages fit a screen of this style.
  init(_ transcript: Transcript, name: String, style: Style) {
    self.init(transcript, name: name, heightOfFormula: Prose(style).heightOfFormula)
  }
}
