import Display
import Language
import Sessions

/// `:tutorial`, `:tutorial N`: the lessons, and one of them.
package enum Tutorial: Command {
  package static let name = "tutorial"
  package static let argument = "[N | all]"
  package static let summary = "lists the lessons with your progress; :tutorial 2 opens one where you left it"
  package static let details = [
    "A lesson runs in a session of its own: your names stay. Enter goes on, :back goes back, and anything you",
    "type is tried; :done, or going on, takes it back. A quiz wants a value: a number or any expression; :hint and",
    ":answer help, and after :play nothing is graded. :run runs what a lesson only shows because it takes long.",
    ":tutorial 2 1 begins lesson 2 anew. :quit leaves the lesson, and it is kept where you are.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let words = argument.split(separator: " ").map(String.init)
    let tutorials = console.tutorials
    guard !tutorials.entries.isEmpty else {
      throw Diagnostic(
        "E0846", "no lessons found",
        notes: [.init("hint", "they stand in the folder tutorials of nabla's source; NABLA_TUTORIALS names another")])
    }
    guard let word = words.first, word != "all" else {
      return .shown(try list(tutorials, console, all: words.first == "all"))
    }
    guard let number = Int(word), let entry = tutorials.entries.first(where: { $0.number == number }) else {
      let numbers = tutorials.entries.map(\.number)
      throw Diagnostic(
        "E0846", "no lesson \(word)",
        suggestions: [.init(.try, ":tutorial", remark: "lists lessons \(numbers[0]) to \(numbers[numbers.count - 1])")])
    }
    let transcript = try console.transcript(at: entry.path)
    let lesson = Lesson(transcript, name: entry.name, style: console.style)
    guard !lesson.steps.isEmpty else { throw Diagnostic("E0846", "\(entry.path) holds no lesson") }
    // A lesson that is done begins anew.
    let place = console.progress(of: entry.name)
    var begin = place?.isDone == true ? 0 : place?.step ?? 0
    if words.count > 1 {
      guard let step = Int(words[1]), (1...lesson.steps.count).contains(step) else {
        throw Diagnostic("E0846", "lesson \(number) has steps 1 to \(lesson.steps.count), not \(words[1])")
      }
      begin = step - 1
    }
    let mode = LessonMode(lesson, entry, host: console)
    console.mode = mode
    mode.begin(at: begin)
    return .shown(Document())
  }

  /// The lessons, five of them around the one that is read.
  private static func list(_ tutorials: Tutorials, _ console: Console, all: Bool) throws(Diagnostic) -> Document {
    let style = console.style
    var document = Document()
    let entries = tutorials.entries
    let current = entries.firstIndex { console.progress(of: $0.name)?.isDone == false }
    let first = all ? 0 : max(0, min((current ?? 0) - 2, entries.count - 5))
    let shown = entries[first..<(all ? entries.count : min(entries.count, first + 5))]
    for entry in shown {
      let lesson = Lesson(try console.transcript(at: entry.path), name: entry.name, style: style)
      let title = lesson.title.shown(in: style).cut(to: 37, style: style).padded(to: 39)
      var line = Line(
        "\("\(entry.number)".leftPadded(to: 4))  \(title)\("\(lesson.steps.count)".leftPadded(to: 2)) step\(lesson.steps.count == 1 ? " " : "s")"
      )
      if let place = console.progress(of: entry.name) {
        if place.isDone {
          line.append("   ")
          line.append(style.glyph("✓", "ok") + " done", .success)
        } else {
          line.append("   \(style.glyph("▸", ">")) at step \(min(place.step, lesson.steps.count - 1) + 1)", .hint)
        }
      }
      document.append(line)
    }
    let hidden = entries.count - shown.count
    if hidden > 0 {
      let text = "  \(style.glyph("…", "...")) \(hidden) more"
      document.append(Line("\(text.padded(to: 54), .dim):tutorial all"))
    }
    let next = entries.first { console.progress(of: $0.name) == nil } ?? entries[0]
    var last: Line = "  "
    if let current {
      last.append("go on with", .hint)
      last.append("  :tutorial \(entries[current].number)      ")
    }
    last.append("start one with", .hint)
    last.append("  :tutorial \(next.number)")
    document.append(last)
    return document
  }
}

extension String {
  /// A title as the screen can show it.
  fileprivate func shown(in style: Style) -> String { style.ascii ? visible : self }
}

extension Console {
  /// How far the reader is in a lesson.
  func progress(of lesson: String) -> LessonProgress.Place? {
    lessonProgress[lesson]
  }

  /// Notes how far the reader is; says once if that cannot be kept.
  func note(_ place: LessonProgress.Place, of lesson: String) {
    guard let problem = lessonProgress.note(lesson, place), !hasComplainedOfProgress else { return }
    hasComplainedOfProgress = true
    show(Document([Line("  progress is kept for this session only: \(problem)", .warning)]))
  }
}

/// A word that only a lesson understands: outside of one it is an error that says so.
package protocol LessonWord: Command {}

extension LessonWord {
  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    throw Diagnostic(
      "E0847", ":\(name) stands in a lesson", suggestions: [.init(.try, ":tutorial", remark: "lists the lessons")])
  }
}

/// `:next` in a lesson, or Enter.
package enum NextStep: LessonWord {
  package static let name = "next"
  package static let summary = "in a lesson: the next step; Enter does the same"
}

/// `:back` in a lesson.
package enum BackStep: LessonWord {
  package static let name = "back"
  package static let summary = "in a lesson: the step before, with the names as they were"
}

/// `:play` in a lesson.
package enum PlayFreely: LessonWord {
  package static let name = "play"
  package static let summary = "in a lesson: try anything; :done brings the lesson back"
}

/// `:done` in a lesson.
package enum DonePlaying: LessonWord {
  package static let name = "done"
  package static let summary = "in a lesson: takes back what was tried"
}

/// `:run` in a lesson.
package enum RunSlowly: LessonWord {
  package static let name = "run"
  package static let summary = "in a lesson: runs what was only shown because it takes long"
}

/// `:hint` in a lesson.
package enum Hint: LessonWord {
  package static let name = "hint"
  package static let summary = "in a lesson: a hint for the quiz, and another"
}

/// `:answer` in a lesson.
package enum QuizAnswer: LessonWord {
  package static let name = "answer"
  package static let summary = "in a lesson: the answer of the quiz"
}
