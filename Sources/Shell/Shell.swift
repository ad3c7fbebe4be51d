import Display
import KernelInterface
import Language
import Sessions
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The program: where inputs come from, who answers them, where answers go.
///
/// # One session
///
/// A `Console` is a session: an `Interpreter` with its names, and the commands that begin with `:`. It takes one input at a time and
/// gives a `Document`; it neither reads nor prints. Around it stand three readers, one for each place an input can come from:
///
/// - **A person at a terminal** (`converse`): `LineEditor` reads whole blocks, `TerminalWriter` colours the answers, training draws
///   its progress in place. Ctrl-C cancels a line or a computation, never the session.
/// - **A script** (`execute`): a file, a pipe, `-e`. No prompt, no colour; the first error ends it with its place, and status 1.
/// - **A transcript** (`check`): `Sessions.Player` asks the console again what it was asked when the file was written, and compares.
///
/// | file | what |
/// |---|---|
/// | `Console` | one session: input in, documents out |
/// | `Commands/` | one command a file, listed in `CommandCatalogue` |
/// | `Editor/` | the line editor on libedit |
/// | `LanguageAssistant` | completion and colours, from the language's own tables |
///
/// Everything runs on one thread with a large stack, since the language may recurse deeply; kernels use more threads below.
package struct Shell {
  package static let version = "0.1"

  /// Runs what is asked for; gives the exit status.
  package static func run(_ source: ShellSource, options: ShellOptions) -> Int32 {
    options.apply()
    var status: Int32 = 0
    Interpreter.onLargeStack {
      switch source {
      case .line(let text): status = Script(options: options).evaluate(text)
      case .file(let path): status = Script(options: options).execute(path: path)
      case .standardInput:
        let terminal = Terminal.standard()
        if terminal.isInteractive {
          status = Shell(options: options, terminal: terminal).converse()
        } else if options.firstLines.isEmpty {
          status = Script(options: options).executeStandardInput()
        } else {
          status = Script(options: options).execute(lines: options.firstLines)
        }
      }
    }
    return status
  }

  private let options: ShellOptions
  private let terminal: Terminal
  private let console: Console

  private init(options: ShellOptions, terminal: Terminal) {
    self.options = options
    var terminal = terminal
    terminal.hasColor = terminal.hasColor && options.color
    self.terminal = terminal
    let style = Style(
      width: max(40, terminal.size.columns), digits: options.digits,
      ascii: options.ascii || terminal.isDumb || !terminal.isUTF8, color: options.color && terminal.hasColor,
      precision: options.precision)
    console = Console(settings: options.settings(width: style.width, ascii: style.ascii))
    console.show = { Terminal.write(Self.writer(style).write($0)) }
    console.allowsFiles = options.allowsFiles
    console.isAlone = true
    console.seconds = options.seconds
  }

  private static func writer(_ style: Style) -> any Writer {
    style.color ? TerminalWriter(style) : PlainWriter(style)
  }

  /// A session with a person; ends with Ctrl-D or `:quit`.
  private func converse() -> Int32 {
    Signals.install()
    let assistant = console.assistant.lineAssistant
    guard
      let editor = LineEditor(terminal: terminal, assistant: assistant, history: History(file: HistoryFile.standard()))
    else { return Script(options: options).executeStandardInput() }
    var style = currentStyle
    if options.firstLines.isEmpty { Terminal.write(Self.writer(style).write(Self.banner(options).document(style))) }
    let progress = ProgressLine()
    console.progress = { [terminal] update in
      guard !terminal.isDumb else { return }
      progress.draw(update, style, Self.writer(style))
    }
    console.show = { [terminal] document in
      progress.erase()
      // The terminal has echoed `^C` where the answer is to stand.
      if Signals.isInterrupted && !terminal.isDumb { Terminal.write("\r\u{1B}[K") }
      Terminal.write(Self.writer(style).write(document))
    }
    console.keepRecord()
    openJournal()
    for line in options.firstLines { if case .quit = console.answer(line) { return 0 } }
    let endsWithMode = !options.firstLines.isEmpty
    while true {
      if endsWithMode && console.mode == nil {
        console.journal?.discard()
        return 0
      }
      switch editor.read(LineEditor.Prompt(console.prompt)) {
      case .interrupted: continue
      case .end:
        if Signals.isTerminating { return 143 }
        if console.mode != nil {
          console.mode = nil
          continue
        }
        console.journal?.discard()
        return 0
      case .text(let text):
        let isBlank = text.allSatisfy { $0 == " " || $0 == "\n" || $0 == "\t" }
        if !isBlank, let notice = editor.history.add(text) { Terminal.write(notice + "\n") }
        if isBlank && console.mode == nil { continue }
        style = currentStyle
        console.settings.width = style.width
        let answer = console.answer(text)
        progress.erase()
        Signals.forgetInterrupt()
        if case .quit = answer {
          console.journal?.discard()
          return 0
        }
      }
    }
  }

  // MARK: What stays on disk

  /// Begins the journal, or brings back a session that was left behind.
  private func openJournal() {
    if let state = Journal.stateFolder(Terminal.variable) {
      let path = state + "/lessons"
      console.lessonProgress = LessonProgress(path: path, contents: (try? FileText.read(path)) ?? "")
    }
    // A lesson or a session that is played keeps its own place.
    guard options.firstLines.isEmpty else { return }
    guard let folder = Journal.standardFolder(Terminal.variable) else {
      if options.resumes { say("no journal is kept: NABLA_JOURNAL is empty, or there is no home folder") }
      return
    }
    let left = Journal.newestLeftBehind(in: folder)
    if options.resumes {
      if let left { return resume(left) }
      say("no session was left behind")
    } else if let left {
      let count = left.entries.count
      let last = left.entries.last { !$0.text.isEmpty }?.text.prefix { $0 != "\n" } ?? ""
      let what = "\(count) input\(count == 1 ? "" : "s") left behind, the last  "
      let room = console.style.width - what.count - 20
      let line = String(last).cut(to: max(8, room), style: console.style)
      console.show(Document(["  \(what + line, .dim)   \("nabla --resume", .hint)"]))
    }
    console.journal = Journal(folder: folder, setting: Journal.Setting(journalWords))
  }

  private func say(_ text: String) { console.show(Document([Line("  " + text, .dim)])) }

  /// How the session is set, as its journal says.
  private var journalWords: [String: String] {
    var words = [
      "precision": options.precision.rawValue, "seed": "\(options.seed)", "digits": "\(options.digits)",
    ]
    if let folder = getcwd(nil, 0) {
      words["folder"] = String(cString: folder)
      free(folder)
    }
    return words
  }

  /// Runs the lines of a session that was left behind, in the order in which they were accepted; it goes on in the same journal.
  private func resume(_ left: Journal.LeftBehind) {
    let words = left.setting.words
    if let precision = words["precision"].flatMap({ Precision(rawValue: $0) }) {
      console.settings.precision = precision
    }
    if let seed = words["seed"].flatMap({ UInt64($0) }) { console.settings.seed = seed }
    if let digits = words["digits"].flatMap({ Int($0) }), (1...17).contains(digits) { console.settings.digits = digits }
    if let folder = words["folder"], chdir(folder) != 0 { say("the folder of that session is not there: \(folder)") }
    console.keepRecord()
    let show = console.show
    console.show = { _ in }
    var skipped: [String] = []
    for entry in left.entries {
      if entry.end == .stopped {
        skipped.append(entry.text)
        continue
      }
      // The last line may have been running when the session ended; it runs now.
      if case .quit = console.answer(entry.text) { break }
      if Signals.isTerminating { break }
      Signals.forgetInterrupt()
    }
    console.show = show
    console.journal = left.journal
    let count = left.entries.count - skipped.count
    say("\(count) input\(count == 1 ? "" : "s") of \(Self.clock(left.time)) brought back; :history lists them")
    for text in skipped.prefix(4) {
      let first = String(text.prefix { $0 != "\n" }).cut(to: 40, style: console.style)
      say("stopped by Ctrl-C then, and not run again:  \(first)")
    }
  }

  /// A time of the day, with its date.
  private static func clock(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    localtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return
      "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min))"
  }

  /// The style of the screen as it is now: people resize windows and set digits.
  private var currentStyle: Style {
    var style = console.style
    style.width = max(40, terminal.size.columns)
    style.color = options.color && terminal.hasColor
    return style
  }

  /// Three lines that work as they stand, in the order in which a learner needs them.
  static func banner(_ options: ShellOptions) -> BannerText {
    BannerText(version: version, seed: options.seed)
  }
}

/// Where inputs come from.
package enum ShellSource {
  case line(String)
  case file(String)
  case standardInput
}

/// What a session is told from outside: the options of the command line.
package struct ShellOptions: Sendable {
  package typealias Precision = Display.Precision

  package var precision: Precision
  package var seed: UInt64
  package var digits: Int
  package var threads: Int?
  package var memory: Int?
  package var color: Bool
  package var ascii: Bool
  /// Whether a transcript may read and write outside its folder.
  package var allowsFiles: Bool
  /// The most seconds that a file may take that is checked or run, and each line of a session or of a file that is played.
  package var seconds: Double?
  /// Whether a session that was left behind is brought back.
  package var resumes = false
  /// Lines that are answered before any is read, such as `:tutorial 2`.
  package var firstLines: [String] = []

  package init(
    precision: Precision = .f64, seed: UInt64 = 7, digits: Int = 5, threads: Int? = nil, memory: Int? = nil,
    color: Bool = true, ascii: Bool = false, allowsFiles: Bool = false
  ) {
    self.precision = precision
    self.seed = seed
    self.digits = digits
    self.threads = threads
    self.memory = memory
    self.color = color
    self.ascii = ascii
    self.allowsFiles = allowsFiles
  }

  func settings(width: Int = 80, ascii: Bool? = nil) -> Settings {
    Settings(
      precision: precision, seed: seed, digits: digits, width: width, ascii: ascii ?? self.ascii, memoryLimit: memory)
  }

  /// Sets what holds for the whole process.
  func apply() {
    if let threads { Parallel.threads = threads }
    if let memory {
      MemoryLimit.set(bytes: memory)
      MemoryLimit.setWhole(bytes: memory)
    }
  }

  /// A size such as `512M`, `8GB` or a number of bytes; nil if it is none.
  package static func byteCount(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
    let bare = text.uppercased().last == "B" ? text.dropLast() : text[...]
    guard let last = bare.uppercased().last else { return nil }
    let unit = units[last]
    guard let number = Double(unit == nil ? bare : bare.dropLast()), number > 0 else { return nil }
    let bytes = number * Double(unit ?? 1)
    return bytes < 1e18 ? Int(bytes) : nil
  }
}
