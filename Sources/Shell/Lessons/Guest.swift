import Display
import Language
import Sessions

/// The session in which a lesson or somebody's file is played, apart from the user's own: it writes nothing, reads only beside the
/// file, and can go back to where it was.
final class Guest {
  let console: Console
  private let host: Console
  /// Where free play began, if something was tried.
  private var playing: Interpreter.Moment?

  init(_ header: Transcript.Header, folder: String?, host: Console) {
    self.host = host
    var settings = host.settings
    settings.precision = .f64
    settings.digits = 5
    settings.seed = 7
    settings.folder = folder ?? host.settings.folder
    settings.isConfined = !host.allowsFiles
    console = Console(settings: settings)
    console.apply(header)
    console.settings.width = host.settings.width
    console.settings.ascii = host.settings.ascii
    console.interpreter.remembersSteps = true
    console.progress = host.progress
    console.seconds = host.seconds
  }

  var isPlaying: Bool { playing != nil }
  var moment: Interpreter.Moment { console.interpreter.moment }

  /// Goes back to a moment; what was tried since is gone.
  func goBack(to moment: Interpreter.Moment) {
    playing = nil
    console.interpreter.goBack(to: moment)
    console.steps = []
    console.settings.width = host.settings.width
  }

  /// Begins free play: from now on everything can be taken back by ``done()``.
  func play() { if playing == nil { playing = moment } }

  /// Ends free play: everything is as it was before; false if nothing was tried.
  @discardableResult
  func done() -> Bool {
    guard let playing else { return false }
    goBack(to: playing)
    return true
  }

  /// Runs an input and shows its answer where the user's own are shown.
  @discardableResult
  func run(_ text: String) -> Console.Answer {
    console.settings.width = host.settings.width
    console.show = { [host] in host.show($0) }
    return console.answer(text)
  }

  /// Runs an input unseen; gives what it would have shown.
  @discardableResult
  func runHidden(_ text: String) -> (answer: Document, error: String?) {
    console.settings.width = host.settings.width
    var shown = Document()
    console.show = { shown.append($0) }
    if case .failed(let code) = console.answer(text) { return (shown, code) }
    return (shown, nil)
  }

  /// The calculation of an expression as `:why` shows it, if that takes no longer than somebody waits; it changes nothing.
  func calculation(of text: String) -> Document? {
    let (before, seconds) = (moment, console.seconds)
    console.seconds = min(seconds ?? 1, 1)
    defer {
      console.seconds = seconds
      console.interpreter.deadline = nil
      console.interpreter.goBack(to: before)
    }
    let (answer, error) = runHidden(":why \(text)")
    return error == nil ? answer : nil
  }

  /// The value of an expression, which changes nothing; nil if it has none.
  func value(of text: String) -> Value? {
    let before = moment
    defer { console.interpreter.goBack(to: before) }
    let statements = Parser.parse(SourceText(text)).statements
    guard let last = statements.last, runHidden(text).error == nil else { return nil }
    switch last.kind {
    case .expression: return console.interpreter.value(named: "ans")
    case .bind(let targets, _, _):
      guard targets.count == 1, case .name(let name) = targets[0] else { return nil }
      return console.interpreter.value(named: name.text)
    default: return nil
    }
  }

  /// Whether a text is an expression: something that has a value and binds nothing.
  static func isExpression(_ text: String) -> Bool {
    let program = Parser.parse(SourceText(text))
    guard program.diagnostics.isEmpty, program.statements.count == 1, case .expression = program.statements[0].kind
    else {
      return false
    }
    return true
  }

  /// An input as it would have been typed.
  func echo(_ entry: Transcript.Entry) -> Document {
    Document(
      entry.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { row, text in
        "\(row == 0 ? ">>> " : "..> ", .prompt)\(String(text))"
      })
  }
}
