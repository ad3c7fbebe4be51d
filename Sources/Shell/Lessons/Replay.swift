import Display
import Language
import Sessions

/// `:replay FILE`: plays a session file step by step.
package enum Replay: Command {
  package static let name = "replay"
  package static let argument = "FILE"
  package static let summary = "plays a session file (.md) input by input; Enter gives the answer, :back goes back"
  package static let details = [
    "It runs in a session of its own, which reads only files beside the file and writes none: your names stay.",
    "Enter or next runs the input shown, back takes the last one back, skip leaves one out, quit ends; whatever",
    "else is typed is tried in that session, and :done takes it back.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let path = argument.trimmed.filter { $0 != "\"" }
    guard !path.isEmpty else {
      throw Diagnostic("E0804", ":replay wants a session file", suggestions: [.init(.try, ":replay session.md")])
    }
    guard console.settings.mayRead(path) else {
      throw Diagnostic("E0402", "\(path) is outside the folder of the session that is played")
    }
    let transcript = try console.transcript(at: console.settings.path(path))
    let mode = ReplayMode(transcript, path: path, host: console)
    guard mode.count > 0 else {
      throw Diagnostic(
        "E0845", "\(path) holds no input to play",
        notes: [.init("hint", "inputs stand after >>> in blocks that begin with ```nabla")])
    }
    console.mode = mode
    mode.begin()
    return .shown(Document())
  }
}

extension Console {
  /// A session file, or what is wrong with it, and where.
  func transcript(at path: String) throws(Diagnostic) -> Transcript {
    let text: String
    do {
      text = try FileText.read(path)
    } catch {
      throw Diagnostic("E0401", error.message)
    }
    do {
      return try Transcript(text)
    } catch {
      throw Diagnostic("E0840", "\(path):\(error.line): \(error.message)")
    }
  }
}

/// A session file that is played: the next input is shown, Enter runs it.
final class ReplayMode: Mode {
  private struct Step {
    var prose: [[String]]
    var cell: Transcript.Cell
    var entry: Transcript.Entry
  }

  private let steps: [Step]
  private let ending: [[String]]
  private let title: String
  private let tolerance: Double?
  private let guest: Guest
  private let host: Console
  /// The input that Enter runs next.
  private var position = 0
  /// What the session was before each input that was run or left out.
  private var moments: [Interpreter.Moment] = []

  init(_ transcript: Transcript, path: String, host: Console) {
    self.host = host
    let lesson = Lesson(transcript, name: path, style: host.style)
    title = path
    tolerance = transcript.header.tolerance
    var steps: [Step] = []
    var prose: [[String]] = []
    for step in lesson.steps {
      if let chapter = step.chapter { prose.append(["**\(chapter)**"]) }
      for item in step.items {
        switch item {
        case .prose(let lines): prose.append(lines)
        case .cell(let cell):
          for entry in cell.entries {
            steps.append(Step(prose: prose, cell: cell, entry: entry))
            prose = []
          }
        }
      }
    }
    self.steps = steps
    ending = prose
    guest = Guest(transcript.header, folder: Shell.folder(of: host.settings.path(path)), host: host)
  }

  var count: Int { steps.count }
  let isRecorded = false

  var prompt: String {
    position < steps.count ? "replay \(position + 1)/\(steps.count)> " : "replay end> "
  }

  /// Shows where it begins.
  func begin() {
    let name = title.split(separator: "/").last.map(String.init) ?? title
    host.show(
      Document([
        Line("  \(name.cut(to: 50, style: host.style)): \(steps.count) input\(steps.count == 1 ? "" : "s")", .dim),
        Line("  Enter runs the next, back, skip, quit; or try anything, and :done takes it back", .dim),
        Line(),
      ]))
    offer()
  }

  func answer(_ line: String, on console: Console) -> ModeAnswer {
    let text = line.trimmed
    switch word(text) {
    case "next": next()
    case "back": back()
    case "skip": skip()
    case "quit": return .leaves
    case "play": guest.play()
    case "done":
      host.show(Document([Line(guest.done() ? "  as before what you tried" : "  nothing was tried", .dim)]))
      offer()
    default:
      if ["replay", "tutorial", "save", "record", "export", "help"].contains(Console.command(of: text)) {
        return .passes
      }
      guest.play()
      if case .failed(let code) = guest.run(line) { return .failed(code: code) }
    }
    return .stays
  }

  /// What a line asks for: `:next`, or `next` where no name is called so.
  private func word(_ text: String) -> String? {
    if text.isEmpty { return "next" }
    let bare = text.hasPrefix(":") ? String(text.dropFirst()) : text
    guard ["next", "back", "skip", "quit", "play", "done"].contains(bare) else { return nil }
    if text.hasPrefix(":") { return bare }
    return guest.console.interpreter.value(named: bare) == nil ? bare : nil
  }

  private func offer() {
    guard position < steps.count else {
      var document = Prose(host.style).document(ending)
      document.append(Line("  the end: back, quit, or try anything", .dim))
      host.show(document)
      return
    }
    let step = steps[position]
    var document = Prose(host.style).document(step.prose)
    if !document.isEmpty { document.append(Line()) }
    document.append(guest.echo(step.entry))
    if step.cell.words.isSlow { document.append(Line("  this takes long: Enter runs it, skip leaves it out", .dim)) }
    host.show(document)
  }

  private func next() {
    guard position < steps.count else { return offer() }
    guest.done()
    let step = steps[position]
    if step.cell.words.isSkipped { return skip() }
    moments.append(guest.moment)
    position += 1
    let answer = guest.runHidden(step.entry.text).answer
    host.show(answer)
    let lines = answer.lines.map { PlainWriter(host.style).write($0) }
    let comparison = Comparison(tolerance: step.cell.words.tolerance ?? tolerance, check: step.cell.words.check)
    if !step.entry.output.isEmpty, comparison.difference(expected: step.entry.output, got: lines) != nil {
      host.show(
        Document([Line("  the file says otherwise, on its line \(step.entry.line); nabla check shows both", .warning)]))
    }
    host.show(Document([Line()]))
    offer()
  }

  private func back() {
    guard let moment = moments.popLast() else {
      host.show(Document([Line("  this is the beginning", .dim)]))
      return
    }
    guest.goBack(to: moment)
    position -= 1
    offer()
  }

  private func skip() {
    guard position < steps.count else { return offer() }
    guest.done()
    moments.append(guest.moment)
    position += 1
    offer()
  }
}
