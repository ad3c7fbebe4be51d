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
    Markdown.formula(lines).map { drawn($0).lines.count }
  }

  private func paragraph(_ lines: [String]) -> Document {
    guard let first = lines.first else { return Document() }
    if first.hasPrefix("```") || first.hasPrefix("|") {
      let inner = first.hasPrefix("```") ? Array(lines.dropFirst().dropLast()) : lines
      return Document(inner.map { Line("  " + $0, .builtin) })
    }
    if let tex = Markdown.formula(lines) { return drawn(tex) }
    var document = Document()
    for (mark, text) in Markdown.points(lines) {
      // Points of a list stand below each other.
      let sign = mark.map { ($0 == "-" ? style.glyph("·", "-") : $0) + " " } ?? ""
      document.append(wrapped(sign + text, hanging: sign.count))
    }
    return document
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
    Markdown.pieces(of: text).map { piece in
      switch piece {
      case .text(let text): Span(text)
      case .code(let code): Span(code, .builtin)
      case .strong(let words): Span(words, .result)
      case .stressed(let words): Span(words, .name)
      case .formula(let tex): Span(line(of: tex), .name)
      }
    }
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
