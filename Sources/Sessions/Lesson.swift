import Display

/// A transcript cut into steps that fit a screen: prose, the cells it leads to, what there is to say about them, a question.
package struct Lesson: Sendable {
  /// One screen.
  package struct Step: Sendable {
    /// The heading above it, if a chapter begins here.
    package var chapter: String?
    /// What stands on it, from top to bottom.
    package var items: [Item] = []

    package enum Item: Sendable {
      /// A paragraph of Markdown, line by line.
      case prose([String])
      /// Inputs that run, and show nothing if the cell is hidden.
      case cell(Transcript.Cell)
    }

    /// Its cells in the order in which they run.
    package var cells: [Transcript.Cell] {
      items.compactMap { item in if case .cell(let cell) = item { cell } else { nil } }
    }
    /// Those that run without being asked for.
    package var quickCells: [Transcript.Cell] { cells.filter { !$0.words.isSlow } }
    /// The question at its end.
    package var quiz: Transcript.Cell? { cells.last { $0.words.quiz != nil } }
    /// Whether it shows anything that ran.
    var showsCell: Bool { cells.contains { !$0.words.isHidden } }
    var hasProse: Bool {
      chapter != nil || items.contains { item in if case .prose = item { true } else { false } }
    }
  }

  package let title: String
  package let header: Transcript.Header
  package let steps: [Step]

  /// - Parameter heightOfFormula: how many lines a paragraph takes that is a formula; nil if it is none.
  package init(_ transcript: Transcript, name: String, heightOfFormula: @escaping ([String]) -> Int?) {
    header = transcript.header
    var title = transcript.header.title
    var pieces: [Piece] = []
    for block in transcript.blocks {
      switch block {
      case .prose(let lines):
        for paragraph in Self.paragraphs(lines) {
          guard let heading = Self.heading(paragraph) else {
            pieces.append(.paragraph(paragraph))
            continue
          }
          if heading.level == 1 && title == nil { title = heading.text } else { pieces.append(.heading(heading.text)) }
        }
      case .cell(let cell):
        if !cell.words.isSkipped && !(cell.words.isSlow && cell.words.isHidden) { pieces.append(.cell(cell)) }
      }
    }
    var pages = LessonPages(heightOfFormula: heightOfFormula)
    for index in pieces.indices { pages.add(pieces, at: index) }
    self.title = Self.withoutNumber(title ?? name)
    steps = pages.finished
  }

  enum Piece {
    case heading(String)
    case paragraph([String])
    case cell(Transcript.Cell)
  }

  /// Lines between empty ones; a fence with what stands in it, and a formula between `$$`, is one paragraph.
  package static func paragraphs(_ lines: [String]) -> [[String]] {
    var paragraphs: [[String]] = []
    var current: [String] = []
    var closing: String?
    func finish() {
      if !current.isEmpty { paragraphs.append(current) }
      current = []
    }
    for line in lines.map(withoutReturn) {
      let bare = trimmed(line)
      if let mark = closing {
        current.append(line)
        if bare == mark {
          closing = nil
          finish()
        }
      } else if bare.hasPrefix("```") || bare == "$$" {
        finish()
        current = [line]
        closing = bare == "$$" ? "$$" : "```"
      } else if bare.isEmpty {
        finish()
      } else if bare.hasPrefix("#") {
        finish()
        paragraphs.append([line])
      } else if bare.hasPrefix("<!--") && bare.hasSuffix("-->") {
        continue
      } else {
        current.append(line)
      }
    }
    finish()
    return paragraphs
  }

  package static func heading(_ paragraph: [String]) -> (level: Int, text: String)? {
    guard paragraph.count == 1, let line = paragraph.first else { return nil }
    let marks = line.prefix { $0 == "#" }.count
    guard (1...6).contains(marks), line.dropFirst(marks).hasPrefix(" ") else { return nil }
    return (marks, trimmed(line.dropFirst(marks)))
  }

  /// `3 Downhill` and `3. Downhill` are called Downhill.
  private static func withoutNumber(_ title: String) -> String {
    let rest = title.drop { $0.isNumber || $0 == "." }
    return rest.count < title.count && rest.hasPrefix(" ") ? trimmed(rest) : title
  }
}
