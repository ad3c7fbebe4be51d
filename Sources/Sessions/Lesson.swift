import Display

/// A transcript cut into steps that fit a screen: prose, and the cell that it leads to.
package struct Lesson: Sendable {
  /// One screen.
  package struct Step: Sendable {
    /// The heading above it, if a chapter begins here.
    package var chapter: String?
    /// Paragraphs of Markdown, each a list of lines.
    package var prose: [[String]] = []
    /// Cells that run before it and show nothing.
    package var hidden: [Transcript.Cell] = []
    package var cell: Transcript.Cell?
    /// The question at its end.
    package var quiz: Transcript.Cell?

    /// Its cells in the order in which they run.
    package var cells: [Transcript.Cell] { hidden + [cell, quiz].compactMap { $0 } }

    fileprivate var isEmpty: Bool { chapter == nil && prose.isEmpty && hidden.isEmpty && cell == nil && quiz == nil }
  }

  package let title: String
  package let header: Transcript.Header
  package let steps: [Step]

  /// Lines of prose that go on one screen of 24 lines beside its frame, and lines of anything.
  private static let room = 16
  private static let screen = 18

  package init(_ transcript: Transcript, name: String) {
    header = transcript.header
    var title = transcript.header.title
    var steps: [Step] = []
    var step = Step()
    var used = 0
    func turn() {
      if !step.isEmpty { steps.append(step) }
      step = Step()
      used = 0
    }
    for block in transcript.blocks {
      switch block {
      case .prose(let lines):
        for paragraph in Self.paragraphs(lines) {
          if let heading = Self.heading(paragraph) {
            if heading.level == 1 && title == nil {
              title = heading.text
              continue
            }
            turn()
            step.chapter = heading.text
            continue
          }
          let height = Self.height(paragraph)
          if used > 0 && used + height > Self.room { turn() }
          step.prose.append(paragraph)
          used += height + 1
        }
      case .cell(let cell):
        if cell.words.isSkipped || cell.words.isSlow { continue }
        if cell.words.isHidden {
          step.hidden.append(cell)
          continue
        }
        if cell.words.quiz != nil {
          // A question without words before it belongs to the lines above it.
          if step.isEmpty, let last = steps.indices.last, steps[last].cell != nil, steps[last].quiz == nil {
            steps[last].quiz = cell
          } else {
            step.quiz = cell
            turn()
          }
          continue
        }
        // A cell whose answers do not fit on one screen goes on on the next.
        var part = cell
        part.entries = []
        var isFirst = true
        for entry in cell.entries {
          let height = Self.height(entry)
          if used + height > Self.screen && (used > 0 || !part.entries.isEmpty) {
            if !part.entries.isEmpty { step.cell = part }
            turn()
            part.entries = []
            if !isFirst { part.preamble = [] }
          }
          part.entries.append(entry)
          isFirst = false
          used += height
        }
        step.cell = part
        turn()
      }
    }
    turn()
    self.title = Self.withoutNumber(title ?? name)
    self.steps = steps
  }

  /// Lines between empty ones; a fence with what stands in it, and a formula between `$$`, is one paragraph.
  private static func paragraphs(_ lines: [String]) -> [[String]] {
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

  private static func heading(_ paragraph: [String]) -> (level: Int, text: String)? {
    guard paragraph.count == 1, let line = paragraph.first else { return nil }
    let marks = line.prefix { $0 == "#" }.count
    guard (1...6).contains(marks), line.dropFirst(marks).hasPrefix(" ") else { return nil }
    return (marks, trimmed(line.dropFirst(marks)))
  }

  /// About how many lines a paragraph takes on the screen.
  private static func height(_ paragraph: [String]) -> Int {
    if paragraph.count == 1, paragraph[0].hasPrefix("$"), paragraph[0].hasSuffix("$") { return 4 }
    if paragraph[0].hasPrefix("```") || paragraph[0].hasPrefix("|") { return paragraph.count }
    if paragraph[0] == "$$" { return 4 }
    return paragraph.joined(separator: " ").wrapped(to: 76).count
  }

  /// How many lines an input takes with its answer; one of which the file shows nothing is a picture.
  private static func height(_ entry: Transcript.Entry) -> Int {
    let output = entry.output.filter { !trimmed($0).isEmpty }
    return entry.input.count + (output.map(trimmed) == ["…"] ? 17 : output.count)
  }

  /// `3 Downhill` and `3. Downhill` are called Downhill.
  private static func withoutNumber(_ title: String) -> String {
    let rest = title.drop { $0.isNumber || $0 == "." }
    return rest.count < title.count && rest.hasPrefix(" ") ? trimmed(rest) : title
  }
}
