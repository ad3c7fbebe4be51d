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
        status =
          terminal.isInteractive
          ? Shell(options: options, terminal: terminal).converse() : Script(options: options).executeStandardInput()
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
    Terminal.write(Self.writer(style).write(Self.banner(options).document(style)))
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
    while true {
      switch editor.read(LineEditor.Prompt(console.prompt)) {
      case .interrupted: continue
      case .end:
        if Signals.isTerminating { return 143 }
        if console.mode == nil { return 0 }
        console.mode = nil
      case .text(let text):
        let isBlank = text.allSatisfy { $0 == " " || $0 == "\n" || $0 == "\t" }
        if !isBlank, let notice = editor.history.add(text) { Terminal.write(notice + "\n") }
        if isBlank && console.mode == nil { continue }
        style = currentStyle
        console.settings.width = style.width
        let answer = console.answer(text)
        progress.erase()
        Signals.forgetInterrupt()
        if case .quit = answer { return 0 }
      }
    }
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
    BannerText(
      version: version, seed: options.seed,
      offers: [
        ("compute", "A = [1, 2; 3, 4]"), ("derive", "∇(x -> sum(A @ x))([1, 1])"), ("train", ":help training"),
      ])
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
    if let memory { MemoryLimit.set(bytes: memory) }
  }

  /// A size such as `512M`, `8G` or a number of bytes; nil if it is none.
  package static func byteCount(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
    guard let last = text.uppercased().last else { return nil }
    let unit = units[last]
    guard let number = Double(unit == nil ? text : String(text.dropLast())), number > 0 else { return nil }
    let bytes = number * Double(unit ?? 1)
    return bytes < 1e18 ? Int(bytes) : nil
  }
}
