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
  /// Whether `:play` was typed: nothing is graded until `:done`.
  private var isFree = false
  /// Whether Ctrl-C stopped the cell of this step.
  private var isStopped = false

  private struct OpenQuiz {
    let entry: Transcript.Entry
    let words: Transcript.Quiz
    let value: Value
    let tolerance: Double
    let question: Document
    /// How many of its hints were shown.
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

  /// Opens the lesson at a step, the ones before it run unseen; Ctrl-C opens it at the one that is running.
  func begin(at step: Int) {
    let step = min(step, lesson.steps.count - 1)
    while position < step {
      let before = guest.moment
      for entry in lesson.steps[position].quickCells.flatMap(\.entries) {
        guest.runHidden(entry.text)
        guard Signals.isInterrupted else { continue }
        guest.goBack(to: before)
        Signals.forgetInterrupt()
        return show()
      }
      moments.append(before)
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
      isFree = true
      say("try anything\(quiz == nil ? "" : ", nothing is graded"); :done brings the lesson back")
    case "done": done()
    case "run": runSlowly()
    case "hint": hint()
    case "answer": giveAnswer()
    case "quit":
      host.show(
        Document([Line("  lesson \(entry.number) is kept at step \(position + 1):  :tutorial \(entry.number)", .dim)]))
      return .leaves
    default:
      if ["tutorial", "replay", "save", "record", "export", "help"].contains(Console.command(of: text)) {
        return .passes
      }
      if quiz != nil, !isFree, Guest.isExpression(text) {
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
    let words = ["next", "back", "play", "done", "run", "hint", "answer", "quit"]
    if text.hasPrefix(":") { return Console.command(of: text).flatMap { words.contains($0) ? $0 : nil } }
    return words.contains(text) && guest.console.interpreter.value(named: text) == nil ? text : nil
  }

  private func say(_ text: String) { host.show(Document([Line("  " + text, .dim)])) }

  // MARK: Steps

  private func next(isSure: Bool) {
    isFree = false
    if isStopped && !isSure {
      guest.goBack(to: moments.removeLast())
      return show()
    }
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
    isFree = false
    moments.removeLast()
    guest.goBack(to: moments.removeLast())
    position -= 1
    show()
  }

  /// Ends free play; an open question is asked again.
  private func done() {
    isFree = false
    say(guest.done() ? "the lesson is as it was" : "nothing was tried")
    if let quiz { host.show(quiz.question) }
  }

  /// Runs what the step only showed, since it takes long.
  private func runSlowly() {
    guard let cell = lesson.steps[position].cells.last(where: \.words.isSlow) else {
      return say("nothing is left to run in this step")
    }
    guest.done()
    for entry in cell.entries {
      host.show(guest.echo(entry))
      guest.run(entry.text)
      if Signals.isInterrupted { return say("stopped;  :run begins again") }
    }
  }

  /// Draws the step and runs its cell.
  private func show() {
    let step = lesson.steps[position]
    isStopped = false
    moments.append(guest.moment)
    var document = Document([rule])
    document.append(Line())
    if let chapter = step.chapter {
      document.append(Line("  \(chapter)", .heading))
      document.append(Line())
    }
    host.show(document)
    for item in step.items {
      switch item {
      case .prose(let lines):
        var text = Prose(style).document([lines])
        text.append(Line())
        host.show(text)
      case .cell(let cell) where cell.words.isHidden: for entry in cell.entries { guest.runHidden(entry.text) }
      case .cell(let cell): play(cell)
      }
      if isStopped { break }
    }
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
      if cell.words.isSlow { continue }
      guest.run(entry.text)
      // A training that is stopped keeps what it has learned, which is not what the lesson goes on to speak of.
      if Signals.isInterrupted {
        isStopped = true
        return say("stopped by Ctrl-C: Enter runs it again, :next goes on with what there is")
      }
    }
    host.show(Document([Line()]))
    if cell.words.isSlow { say("this takes long and was not run:  :run runs it, Enter goes on without it") }
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
    let question = cell.preamble.isEmpty ? ["What is the value?"] : cell.preamble
    var text = Prose(style, margin: 10).document([question])
    for index in text.lines.indices { text.lines[index] = text.lines[index].indented(by: 6) }
    if let first = text.lines.first {
      // Words stand behind the head, whatever else on lines of its own.
      text.lines[0] = "  \("Quiz", .heading)  "
      text.lines[0].append(Line(Array(first.spans.drop { $0.text.allSatisfy { $0 == " " } })))
    }
    quiz = OpenQuiz(entry: last, words: words, value: value, tolerance: tolerance, question: text)
    host.show(text)
  }

  /// Grades the value of an expression: right, a mistake that was foreseen, a wrong number; any other is only shown.
  private func grade(_ text: String) {
    guard let open = quiz else { return }
    guard let given = guest.value(of: text) else {
      guest.play()
      guest.run(text)
      return
    }
    if given.isSame(as: open.value, tolerance: open.tolerance) || isRounded(text, open.value) {
      right(open)
      return
    }
    let mistake = open.words.mistakes.first { mistake in
      guest.value(of: mistake.expression).map { given.isSame(as: $0, tolerance: open.tolerance) || isRounded(text, $0) }
        == true
    }
    if let mistake {
      explain(mistake, text, given)
    } else if text.contains(where: \.isLetter) && Double(text) == nil {
      // Whoever looks at something has not answered yet.
      guest.play()
      guest.run(text)
    } else {
      let hint = open.words.hints.isEmpty ? "" : open.words.hints[min(open.hints, open.words.hints.count - 1)]
      quiz?.hints += 1
      host.show(wrapped(style.glyph("✗", "NO"), hint.isEmpty ? "not yet." : "not yet: \(hint)"))
    }
    host.show(
      Document([
        Line("    \(mistake == nil && guest.isPlaying ? "not the answer yet; " : "")again, or  :hint   :answer", .dim)
      ]))
  }

  /// Says what a foreseen mistake is: `0.22270 is σ(-z): look at the sign`.
  private func explain(_ mistake: Transcript.Quiz.Mistake, _ text: String, _ given: Value) {
    // A number is shown as it was typed.
    let shown = Double(text) == nil ? guest.short(given) : text
    let remark = mistake.remark ?? ""
    var message = remark.isEmpty ? "not yet" : "not yet: \(remark)"
    if mistake.expression != (shown ?? text) {
      message = "not yet. \(shown ?? "That") is \(mistake.expression)" + (remark.isEmpty ? "" : ": \(remark)")
    }
    host.show(
      wrapped(style.glyph("✗", "NO"), message.last.map { ".?!".contains($0) } == true ? message : message + "."))
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

  private func right(_ open: OpenQuiz) {
    quiz = nil
    guest.done()
    var document = Document(["  \(style.glyph("✓", "ok"), .success) Yes."])
    if let value = guest.short(open.value) {
      document = Document(["  \(style.glyph("✓", "ok"), .success) \(value, .result). Yes."])
    }
    document.append(explained(open.entry.text))
    document.append(Line())
    document.append(
      Line(
        "  Enter goes on \(style.glyph("·", "-")) type anything to try it (:done brings the lesson back)", .dim))
    host.show(document)
    guest.runHidden(open.entry.text)
    keepPlace()
  }

  /// The calculation of an answer, so that also a lucky one learns why; nothing where it would only repeat the answer.
  private func explained(_ text: String) -> Document {
    guard Guest.isExpression(text), let answer = guest.calculation(of: text), (3...14).contains(answer.lines.count)
    else { return Document() }
    let rungs = answer.lines.compactMap { line in
      line.text.firstRange(of: "= ").map { bare(line.text[$0.upperBound...]) }
    }
    let own = bare(text[...])
    return rungs.dropLast().contains { !$0.hasPrefix(own) && $0 != rungs.last } ? answer : Document()
  }

  /// A calculation without what does not change it.
  private func bare(_ text: Substring) -> String { text.filter { !" ()".contains($0) } }

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
  /// A value in a few characters, a number or a short vector; nil if it takes more than a line.
  func short(_ value: Value) -> String? {
    let lines = console.interpreter.echo(value, named: nil).lines
    return lines.count == 1 ? lines[0].text.trimmed : nil
  }
}
