import Display

/// Steps that are being filled.
struct LessonPages {
  private let heightOfFormula: ([String]) -> Int?
  private var steps: [Lesson.Step] = []
  private var step = Lesson.Step()
  private var used = 0

  init(heightOfFormula: @escaping ([String]) -> Int?) { self.heightOfFormula = heightOfFormula }

  /// Lines beside the rule above and the prompt below.
  private var room: Int { (step.chapter == nil ? 20 : 18) - (steps.isEmpty ? 1 : 0) }

  var finished: [Lesson.Step] { step.items.isEmpty && step.chapter == nil ? steps : steps + [step] }

  private mutating func turn() {
    steps = finished
    step = Lesson.Step()
    used = 0
  }

  /// Puts the next piece of a lesson where it belongs: on this page, or on a new one.
  mutating func add(_ pieces: [Lesson.Piece], at index: Int) {
    switch pieces[index] {
    case .heading(let text):
      turn()
      step.chapter = text
    case .paragraph(let lines):
      if step.quiz != nil || step.showsCell && !belongsHere(pieces[index...]) { turn() }
      let rows = height(lines) + 1
      if used > 0 && used + rows > room - 1 { turn() }
      step.items.append(.prose(lines))
      used += rows
    case .cell(let cell):
      if step.quiz != nil { turn() }
      if cell.words.isHidden { return step.items.append(.cell(cell)) }
      if cell.words.quiz != nil || cell.words.isSlow {
        if used > 0 && used + height(cell) > room { turn() }
        step.items.append(.cell(cell))
        used += height(cell)
      } else {
        add(cell)
      }
    }
  }

  /// Adds a cell; where its answers do not fit on the page it goes on on the next.
  private mutating func add(_ cell: Transcript.Cell) {
    if step.showsCell && used + height(cell) > room { turn() }
    var part = cell
    part.entries = []
    used += cell.preamble.count
    for entry in cell.entries {
      let rows = height(entry)
      if used > 0 && used + rows + 1 > room {
        if !part.entries.isEmpty { step.items.append(.cell(part)) }
        turn()
        part.entries = []
        part.preamble = []
      }
      part.entries.append(entry)
      used += rows
    }
    step.items.append(.cell(part))
    used += 1
  }

  /// Whether prose behind a cell stays on its page: as the last words of a chapter, before a question about what is to be seen, or
  /// where the page only went on from the one before.
  private func belongsHere(_ rest: ArraySlice<Lesson.Piece>) -> Bool {
    var rows = used
    for piece in rest {
      switch piece {
      case .heading: return rows <= room
      case .paragraph(let lines): rows += height(lines) + 1
      case .cell(let cell):
        if cell.words.isHidden { continue }
        return (cell.words.quiz != nil || !step.hasProse) && rows + height(cell) <= room
      }
    }
    // The last page says how to go on.
    return rows + 1 <= room
  }

  // MARK: Heights

  /// About how many lines a paragraph takes on the screen.
  private func height(_ paragraph: [String]) -> Int {
    if let lines = heightOfFormula(paragraph) { return lines }
    if paragraph[0].hasPrefix("```") || paragraph[0].hasPrefix("|") { return paragraph.count }
    return paragraph.joined(separator: " ").wrapped(to: 76).count
  }

  private func height(_ cell: Transcript.Cell) -> Int {
    if cell.words.quiz != nil { return height(cell.preamble.isEmpty ? [""] : cell.preamble) }
    if cell.words.isSlow { return cell.entries.map { height($0.input) }.reduce(2, +) }
    return cell.entries.map(height).reduce(cell.preamble.count + 1, +)
  }

  /// How many lines an input takes with its answer; one of which the file shows nothing is a picture.
  private func height(_ entry: Transcript.Entry) -> Int {
    let output = entry.output.reversed().drop { trimmed($0).isEmpty }
    let rows = entry.input.map { ($0.displayWidth + 83) / 80 }.reduce(0, +)
    return rows + (output.map(trimmed) == ["…"] ? 17 : output.count)
  }
}
