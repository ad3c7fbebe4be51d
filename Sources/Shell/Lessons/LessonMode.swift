import Display
import Language
import Sessions

/// A lesson that is read: Enter goes on, whatever is typed is tried, a quiz grades the value.
final class LessonMode: Mode {
  private let lesson: Lesson
  private let entry: Tutorials.Entry
  private let host: Console
  private let guest: Guest
  /// The step on the screen.
  private var position = 0
  /// What the lesson's session was before each step up to this one.
  private var moments: [Interpreter.Moment] = []
  /// The question that is open.
  private var quiz: OpenQuiz?

  private struct OpenQuiz {
    let entry: Transcript.Entry
    let words: Transcript.Quiz
    let value: Value
    let tolerance: Double
    var hints = 0
  }

  init(_ lesson: Lesson, _ entry: Tutorials.Entry, host: Console) {
    self.lesson = lesson
    self.entry = entry
    self.host = host
    guest = Guest(lesson.header, folder: Shell.folder(of: entry.path), host: host)
  }

  let prompt = "lesson> "
  let isRecorded = false

  private var style: Style { host.style }

  /// Opens the lesson at a step, the ones before it run unseen.
  func begin(at step: Int) {
    let step = min(step, lesson.steps.count - 1)
    while position < step {
      moments.append(guest.moment)
      for entry in lesson.steps[position].cells.flatMap(\.entries) { guest.runHidden(entry.text) }
      position += 1
    }
    show()
  }

  // MARK: Lines

  func answer(_ line: String, on console: Console) -> ModeAnswer {
    let text = line.trimmed
    switch word(text) {
    case "next": next(isSure: !text.isEmpty)
    case "back": back()
    case "play":
      guest.play()
      say("try anything; :done brings the lesson back")
    case "done": say(guest.done() ? "the lesson is as it was" : "nothing was tried")
    case "hint": hint()
    case "answer": giveAnswer()
    case "quit":
      host.show(
        Document([Line("  lesson \(entry.number) is kept at step \(position + 1):  :tutorial \(entry.number)", .dim)]))
      return .leaves
    default:
      if ["tutorial", "replay", "save", "record", "help"].contains(Console.command(of: text)) { return .passes }
      if quiz != nil, Guest.isExpression(text) {
        grade(text)
      } else {
        guest.play()
        if case .failed(let code) = guest.run(line) { return .failed(code: code) }
      }
    }
    return .stays
  }

  private func word(_ text: String) -> String? {
    if text.isEmpty { return "next" }
    let words = ["next", "back", "play", "done", "hint", "answer", "quit"]
    if text.hasPrefix(":") { return Console.command(of: text).flatMap { words.contains($0) ? $0 : nil } }
    return words.contains(text) && guest.console.interpreter.value(named: text) == nil ? text : nil
  }

  private func say(_ text: String) { host.show(Document([Line("  " + text, .dim)])) }

  // MARK: Steps

  private func next(isSure: Bool) {
    if let open = quiz {
      guard isSure else { return say("the quiz first: a number or any expression, or  :hint   :answer   :next") }
      quiz = nil
      guest.done()
      guest.runHidden(open.entry.text)
    }
    guest.done()
    guard position + 1 < lesson.steps.count else {
      say("this was the last step. Try anything, :back goes back, :quit leaves")
      return
    }
    position += 1
    show()
  }

  private func back() {
    guard position > 0, moments.count >= 2 else {
      say("this is the first step")
      return
    }
    quiz = nil
    moments.removeLast()
    guest.goBack(to: moments.removeLast())
    position -= 1
    show()
  }

  /// Draws the step and runs its cell.
  private func show() {
    let step = lesson.steps[position]
    moments.append(guest.moment)
    var document = Document([rule])
    document.append(Line())
    if let chapter = step.chapter {
      document.append(Line("  \(chapter)", .heading))
      document.append(Line())
    }
    document.append(Prose(style).document(step.prose))
    if !step.prose.isEmpty { document.append(Line()) }
    host.show(document)
    for cell in step.hidden { for entry in cell.entries { guest.runHidden(entry.text) } }
    if let cell = step.cell { play(cell) }
    if let cell = step.quiz { play(cell) }
    keepPlace()
    if quiz == nil { footer() }
  }

  private func play(_ cell: Transcript.Cell) {
    if let words = cell.words.quiz, let last = cell.entries.last {
      for entry in cell.entries.dropLast() { guest.runHidden(entry.text) }
      ask(cell, words, last)
      return
    }
    if !cell.preamble.isEmpty { host.show(Prose(style).document([cell.preamble])) }
    for entry in cell.entries {
      host.show(guest.echo(entry))
      guest.run(entry.text)
    }
    host.show(Document([Line()]))
  }

  /// The line above a step: `── 2 a neuron by hand ──── step 6 of 14 ──`.
  private var rule: Line {
    let dash = style.glyph("─", "-")
    let left = "\(dash)\(dash) \(entry.number) \(lesson.title) "
    let right = " step \(position + 1) of \(lesson.steps.count) \(dash)\(dash)"
    let width = min(style.width, 80)
    let title = left.cut(to: max(10, width - right.displayWidth - 2), style: style)
    let gap = max(1, width - title.displayWidth - right.displayWidth)
    return Line(title + String(repeating: dash, count: gap) + right, .dim)
  }

  private var isLast: Bool { position == lesson.steps.count - 1 }

  /// Notes where the reader is; the lesson is done at its end, with the last question answered.
  private func keepPlace() {
    let isDone = isLast && quiz == nil || host.progress(of: entry.name)?.isDone == true
    host.note(LessonProgress.Place(step: position, isDone: isDone), of: entry.name)
  }

  private func footer() {
    if isLast {
      say("the lesson ends here; try anything, :back goes back, :quit leaves")
    } else if position == 0 {
      say(
        "Enter goes on \(style.glyph("·", "-")) type anything to try it (:done brings the lesson back) \(style.glyph("·", "-")) :quit"
      )
    }
  }

  // MARK: Quizzes

  private func ask(_ cell: Transcript.Cell, _ words: Transcript.Quiz, _ last: Transcript.Entry) {
    guard let value = guest.value(of: last.text) else {
      // A lesson whose question has no answer is read on.
      guest.run(last.text)
      return
    }
    let tolerance = cell.words.tolerance ?? lesson.header.tolerance ?? 5e-4
    quiz = OpenQuiz(entry: last, words: words, value: value, tolerance: tolerance)
    let question = cell.preamble.isEmpty ? ["What is the value?"] : cell.preamble
    var text = Prose(style, margin: 10).document([question])
    if !text.lines.isEmpty {
      var first: Line = "  \("Quiz", .heading)"
      first.append(text.lines[0])
      text.lines[0] = first
      for index in text.lines.indices.dropFirst() { text.lines[index] = text.lines[index].indented(by: 4) }
    }
    host.show(text)
  }

  private func grade(_ text: String) {
    guard let open = quiz else { return }
    guard let given = guest.value(of: text) else {
      guest.play()
      guest.run(text)
      return
    }
    if given.isSame(as: open.value, tolerance: open.tolerance) || isRounded(text, open.value) {
      right(open, given)
      return
    }
    // A number is shown as it was typed.
    let shown = Double(text) == nil ? guest.short(given) : text
    var document = Document()
    let mark = style.glyph("✗", "NO")
    let mistake = open.words.mistakes.first { mistake in
      guest.value(of: mistake.expression).map { given.isSame(as: $0, tolerance: open.tolerance) || isRounded(text, $0) }
        == true
    }
    if let mistake {
      let name = mistake.expression == shown ? "" : "\(shown) is \(mistake.expression)"
      let remark = [name, mistake.remark ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
      document = wrapped(mark, "not yet. \(remark).".replacing("..", by: "."))
    } else if open.words.hints.isEmpty {
      document = wrapped(mark, "not yet\(shown == text ? "" : ": that is \(shown)").")
    } else {
      document = wrapped(mark, "not yet. \(open.words.hints[min(open.hints, open.words.hints.count - 1)])")
    }
    document.append(Line("    again, or  :hint   :answer", .dim))
    host.show(document)
  }

  private func wrapped(_ mark: String, _ text: String) -> Document {
    let lines = Prose(style).document([[text]]).lines
    return Document(
      lines.enumerated().map { index, line in
        var first: Line = index == 0 ? "  \(mark, .mark) " : "    "
        first.append(Line(Array(line.spans.dropFirst())))
        return first
      })
  }

  /// Whether a number was typed that is the right one, rounded to the digits typed, at least two.
  private func isRounded(_ text: String, _ value: Value) -> Bool {
    let digits = text.filter(\.isNumber).drop { $0 == "0" }
    guard digits.count >= 2, Double(text) != nil, case .number(let right) = value else { return false }
    return Comparison().difference(expected: [text], got: ["\(right)"]) == nil
  }

  private func right(_ open: OpenQuiz, _ given: Value) {
    quiz = nil
    guest.done()
    var document = Document(["  \(style.glyph("✓", "ok"), .success) \(guest.short(open.value), .result). Yes."])
    document.append(explained(open.entry.text))
    document.append(Line())
    document.append(
      Line(
        "  Enter goes on \(style.glyph("·", "-")) type anything to try it (:done brings the lesson back)", .dim))
    host.show(document)
    guest.runHidden(open.entry.text)
    keepPlace()
  }

  /// The calculation of an answer, so that also a lucky one learns why.
  private func explained(_ text: String) -> Document {
    guard CommandCatalogue.all.contains(where: { $0.name == "why" }), Guest.isExpression(text) else {
      return Document()
    }
    let before = guest.moment
    defer { guest.goBack(to: before) }
    let (answer, error) = guest.runHidden(":why \(text)")
    return error == nil && (3...14).contains(answer.lines.count) ? answer : Document()
  }

  private func hint() {
    guard var open = quiz else { return say("no question is open") }
    guard open.hints < open.words.hints.count else {
      return say(
        open.words.hints.isEmpty ? "no hint here; :answer gives the answer" : "no more hints; :answer gives the answer")
    }
    host.show(Prose(style).document([[open.words.hints[open.hints]]]))
    open.hints += 1
    quiz = open
  }

  private func giveAnswer() {
    guard let open = quiz else { return say("no question is open") }
    quiz = nil
    guest.done()
    host.show(guest.echo(open.entry))
    guest.run(open.entry.text)
    host.show(explained(open.entry.text))
    keepPlace()
    say("Enter goes on")
  }
}

extension Guest {
  /// A value in a few characters: a number, a short vector, or its kind and shape.
  func short(_ value: Value) -> String {
    let lines = console.interpreter.echo(value, named: nil).lines
    if lines.count == 1 { return lines[0].text.trimmed }
    return value.shape.map { "\(value.kind) \($0)" } ?? value.kind
  }
}

extension String {
  fileprivate func replacing(_ part: String, by other: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}
