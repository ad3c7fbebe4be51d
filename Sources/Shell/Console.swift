import Display
import Explanations
import Formulary
import Language
import Sessions

/// A session: names, commands, settings. Takes one input at a time; what there is to see goes to `show`.
package final class Console: Responder {
  package let interpreter: Interpreter
  /// What the letters of the last answer of `:why` mean.
  let letters = AnswerLetters()
  /// Called with everything that is to be seen, in order.
  package var show: (Document) -> Void = { _ in } {
    didSet { interpreter.output = show }
  }
  /// Called while a network is trained.
  package var progress: (TrainingProgress) -> Void {
    get { interpreter.progress }
    set { interpreter.progress = newValue }
  }

  /// What answers in place of the language, if something does.
  package var mode: (any Mode)?
  /// What was typed and shown; nil where nobody keeps it, as in a script.
  package var record: SessionRecord?
  /// The file that `:record` keeps up to date.
  var recordPath: String?
  /// Where accepted lines are written before they run.
  package var journal: Journal?
  /// The inputs that `:undo` can take back, the newest last.
  var steps: [(text: String, before: Interpreter.Moment)] = []
  /// Whether a session that is played may read and write anywhere (`--allow-files`).
  package var allowsFiles = false
  /// Whether it is the only session of the program, so that limits hold for all that the program takes.
  package var isAlone = false
  /// The most seconds that an input may take; nil for no end.
  package var seconds: Double?
  /// The lessons there are, looked for when somebody asks.
  package lazy var tutorials = Tutorials(folder: Tutorials.standardFolder())
  /// How far the reader is in each lesson.
  package var lessonProgress = LessonProgress(path: nil)
  var hasComplainedOfProgress = false
  /// Inputs within inputs: `:time`, `:load`.
  private var depth = 0
  /// The entry of the record that is being answered.
  private var current: SessionRecord.Entry?

  package init(settings: Settings) {
    interpreter = Interpreter(settings: settings)
  }

  /// What stands before the next line.
  package var prompt: String { mode?.prompt ?? ">>> " }

  /// Keeps what is typed and shown from now on, so that it can be saved and taken back.
  package func keepRecord() {
    record = SessionRecord(start: style, seed: settings.seed)
    interpreter.remembersSteps = true
  }

  package var settings: Settings {
    get { interpreter.settings }
    set { interpreter.settings = newValue }
  }

  package var style: Style { settings.style }

  /// How an input ended.
  package enum Answer: Equatable {
    case done
    /// It ended in an error, which was shown.
    case failed(code: String)
    case quit
  }

  /// Answers one input: statements or a command. An error is shown where `explain` asks for it.
  ///
  /// - Parameters:
  ///   - path: the file the input comes from, for the place of an error.
  ///   - line: the number of its first line in that file.
  package func answer(_ text: String, from path: String? = nil, line: Int? = nil) -> Answer {
    let isOutermost = depth == 0
    if isOutermost, let seconds { interpreter.deadline = ContinuousClock.now + .seconds(seconds) }
    depth += 1
    defer { depth -= 1 }
    guard isOutermost, record != nil || journal != nil || interpreter.remembersSteps else {
      return answered(text, from: path, line: line)
    }
    if let notice = journal?.append(text) { show(Document([Line("  " + notice, .warning)])) }
    let before = interpreter.moment
    let known = steps.count
    let isKept = record != nil && isRecorded(text)
    let outer = show
    if isKept {
      current = SessionRecord.Entry(prompt: prompt, text: text, style: style)
      show = { [unowned self] in
        current?.answer.append($0)
        outer($0)
      }
    }
    let answer = answered(text, from: path, line: line)
    if isKept { show = outer }
    let isChanged = !interpreter.isUnchanged(since: before)
    if isChanged && !isUndo(text) {
      // What `:load` typed is taken back as one.
      steps.removeLast(max(0, steps.count - known))
      steps.append((text, before))
      if steps.count > 1_000 { steps.removeFirst(500) }
    }
    var isStopped = Signals.isInterrupted
    if case .failed("E0601") = answer { isStopped = true }
    if isKept, var entry = current {
      current = nil
      entry.isStopped = isStopped && isChanged
      if case .failed(let code) = answer { entry.error = code }
      entry.isTimed = isStopped || Self.command(of: text) == Time.name
      record?.entries.append(entry)
      keepFile()
    }
    journal?.finish(isStopped: isStopped)
    if case .failed("E0216") = answer, isAlone, !steps.isEmpty {
      steps = []
      interpreter.forgetSteps()
      show(Document([Line("  what :undo kept of earlier lines is let go; there may be room now", .dim)]))
    }
    return answer
  }

  private func answered(_ text: String, from path: String?, line: Int?) -> Answer {
    if depth == 1, let mode {
      switch mode.answer(text, on: self) {
      case .stays: return .done
      case .leaves:
        if self.mode === mode { self.mode = nil }
        return .done
      case .failed(let code): return .failed(code: code)
      case .quit: return .quit
      case .passes: break
      }
    }
    switch evaluate(text, from: path, line: line) {
    case .ended(let answer): return answer
    case .failed(let diagnostic, let source):
      show(diagnostic.document(in: source, style))
      return .failed(code: diagnostic.code)
    }
  }

  /// The command that a line is, by its whole name.
  static func command(of text: String) -> String? {
    guard text.hasPrefix(":") else { return nil }
    let word = text.dropFirst().drop { $0 == " " }.prefix { !$0.isWhitespace }
    guard case .one(let command) = CommandCatalogue.match(String(word)) else { return nil }
    return command.name
  }

  private func isUndo(_ text: String) -> Bool { Self.command(of: text) == Undo.name }

  /// Whether a line belongs to the record: what writes the record does not, nor what other sessions are asked.
  private func isRecorded(_ text: String) -> Bool {
    if let mode { return mode.isRecorded }
    guard let command = Self.command(of: text) else { return true }
    return ![
      SaveSession.name, RecordSession.name, ExportSession.name, Load.name, Replay.name, Tutorial.name, Quit.name,
    ].contains(command)
  }

  /// Answers a line as if it had been typed: `:load` types for the user.
  func type(_ text: String) -> Answer {
    let (deep, outer) = (depth, current)
    depth = 0
    current = nil
    let kept = journal
    journal = nil
    defer { (depth, current, journal) = (deep, outer, kept) }
    return answer(text)
  }

  enum Evaluation {
    case ended(Answer)
    case failed(Diagnostic, SourceText)
  }

  /// Answers one input and leaves an error to the caller.
  func evaluate(_ text: String, from path: String? = nil, line: Int? = nil) -> Evaluation {
    evaluate(bytes: Array(text.utf8), from: path, line: line)
  }

  /// Answers one input given as bytes, which need not be UTF-8.
  func evaluate(bytes: [UInt8], from path: String? = nil, line: Int? = nil) -> Evaluation {
    if bytes.starts(with: "demo(".utf8), let name = RunDemo.name(in: String(decoding: bytes, as: UTF8.self), self) {
      return carryOut(":demo \(name)", from: path, line: line)
    }
    switch interpreter.evaluate(bytes: bytes, named: path, firstLine: line) {
    case .done: return .ended(.done)
    case .failed(var diagnostic, let source):
      // An unknown name, or two words, at the beginning: a command whose colon was forgotten.
      if ["E0101", "E0012"].contains(diagnostic.code), diagnostic.range?.start == 0,
        let command = CommandCatalogue.meant(by: source.text(source.lineRange(0)))
      {
        diagnostic.suggestions = [command]
      }
      return .failed(diagnostic, source)
    case .incomplete:
      // Nothing more will come: the parser's own words for what is open.
      let source = SourceText(bytes: bytes, firstLine: line ?? interpreter.line + 1, path: path)
      let diagnostic =
        Parser.parse(source).diagnostics.first ?? Diagnostic("E0001", "this stops before it is complete")
      return .failed(diagnostic, source)
    case .command(let command): return carryOut(command, from: path, line: line)
    }
  }

  private func carryOut(_ command: String, from path: String?, line: Int?) -> Evaluation {
    let source = SourceText(command, firstLine: line ?? interpreter.line + 1, path: path)
    do throws(Diagnostic) {
      switch try run(command) {
      case .shown(let document):
        if !document.isEmpty { show(document) }
        return .ended(.done)
      case .quit: return .ended(.quit)
      }
    } catch {
      return .failed(error, source)
    }
  }

  /// Carries out a line that begins with `:` or `?`.
  private func run(_ line: String) throws(Diagnostic) -> CommandOutcome {
    let isQuestion = line.hasPrefix("?")
    let body = line.dropFirst().drop { $0 == " " }
    if isQuestion { return try Help.run(String(body), on: self) }
    let word = String(body.prefix { !$0.isWhitespace })
    let argument = String(body.dropFirst(word.count).drop { $0 == " " })
    guard !word.isEmpty else { return try Help.run("", on: self) }
    switch CommandCatalogue.match(word) {
    case .one(let command): return try command.run(argument, on: self)
    case .several(let commands):
      throw Diagnostic(
        "E0801", ":\(word) can be \(commands.map { ":" + $0.name }.joined(separator: " or "))",
        at: SourceRange(0, word.utf8.count + 1))
    case .none(let nearest):
      throw Diagnostic(
        "E0802", "no command :\(word)", at: SourceRange(0, word.utf8.count + 1),
        suggestions: nearest.map { [.init(.try, ":" + $0.name, remark: $0.summary)] } ?? [
          .init(.see, ":help", remark: "lists the commands")
        ])
    }
  }

  /// What the line editor may ask while a line is typed.
  var assistant: LanguageAssistant {
    LanguageAssistant(
      names: { [interpreter] in interpreter.names.map { ($0.name, "\($0.kind) \($0.shape)") } },
      commands: CommandCatalogue.all.map { ($0.name, $0.summary) },
      fields: { [interpreter] path in
        guard let root = interpreter.value(named: path) else { return [] }
        return root.fieldNames.map { ($0, "") }
      },
      parameters: { [interpreter] name in
        guard case .function(let function)? = interpreter.value(named: name) else { return [] }
        return function.parameterNames.map { ($0, "") }
      },
      arguments: { command in
        switch command {
        case "set": Setting.names.map { ($0, "") }
        case "formula": Formulary.all.map { ($0.id, $0.title) }
        case "formulas": (Formulary.documents + Theme.allCases.map(\.rawValue)).map { ($0, "") }
        default: nil
        }
      })
  }

  // MARK: Transcripts

  /// A `>>> ` in a transcript ends what answers in place of the language.
  package func stand(at prompt: String) -> String {
    if prompt.hasPrefix(">>>") { mode = nil }
    return self.prompt
  }

  /// Runs one input and gives the lines it prints, as a plain screen of 80 columns shows them.
  package func respond(to input: String) -> (lines: [String], error: String?) { respond(to: input, width: nil) }

  /// Runs one input and gives the lines that a plain screen of so many columns shows.
  package func respond(to input: String, width: Int?) -> (lines: [String], error: String?) {
    if settings.width != width ?? 80 { settings.width = width ?? 80 }
    var shown = Document()
    let before = show
    defer { show = before }
    show = { shown.append($0) }
    let answer = answer(input)
    let lines = shown.lines.map { PlainWriter(style).write($0) }
    if case .failed(let code) = answer { return (lines, code) }
    return (lines, nil)
  }
}
