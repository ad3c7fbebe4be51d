import Display
import KernelInterface
import Language
import Sessions

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs inputs without a person: plain answers on standard output, the first error with its place on standard error.
struct Script {
  private let console: Console
  private let style: Style
  private let seconds: Double?

  init(options: ShellOptions) {
    console = Console(settings: options.settings())
    let style = console.style
    self.style = style
    console.show = { Terminal.write(PlainWriter(style).write($0)) }
    console.allowsFiles = options.allowsFiles
    console.isAlone = true
    seconds = options.seconds
  }

  /// Begins to count the seconds that all of it may take.
  private func startClock() {
    console.interpreter.deadline = seconds.map { ContinuousClock.now + .seconds($0) }
  }

  /// `nabla -e LINE`: the value of an expression stands alone, so that other programs can read it.
  func evaluate(_ text: String) -> Int32 {
    Signals.install()
    startClock()
    console.interpreter.namesAnswers = false
    for input in Interpreter.inputs(of: text) {
      if let status = run(input.text, path: nil, line: nil) { return status }
    }
    return 0
  }

  /// `nabla FILE`: a script, or the inputs of a transcript, which reads files from its own folder, as when it
  /// is checked.
  func execute(path: String) -> Int32 {
    Signals.install()
    startClock()
    let text: String
    do {
      text = try FileText.read(path)
    } catch {
      return fail(["nabla: \(error.message)"], status: 1)
    }
    if path.hasSuffix(".md") { return execute(transcript: text, path: path) }
    for input in Interpreter.inputs(of: text) {
      if let status = run(input.text, path: path, line: input.line) { return status }
    }
    return 0
  }

  private func execute(transcript text: String, path: String) -> Int32 {
    let transcript: Transcript
    do {
      transcript = try Transcript(text)
    } catch {
      return fail(["\(path):\(error.line): \(error.message)".visible], status: 1)
    }
    console.apply(transcript.header)
    console.settings.folder = Shell.folder(of: path)
    for case .cell(let cell) in transcript.blocks where !cell.words.isSkipped {
      for (index, entry) in cell.entries.enumerated() {
        Terminal.write(zip(entry.prompts, entry.input).map { ($0 + $1).visible + "\n" }.joined())
        _ = console.stand(at: entry.prompts[0])
        if cell.isOpen(index) { continue }
        if !cell.words.errors.isEmpty {
          // An error that the file declares is an answer like another.
          if case .quit = console.answer(entry.text) { return 0 }
        } else if let status = run(entry.text, path: path, line: entry.line) {
          return status
        }
      }
    }
    return 0
  }

  /// `nabla replay` and `nabla tutorial` without a terminal: the first line begins what answers the lines of standard input.
  func execute(lines: [String]) -> Int32 {
    Signals.install()
    console.seconds = seconds
    for line in lines { if let status = run(line, path: nil, line: nil) { return status } }
    var source = LineSource()
    while console.mode != nil, let line = source.next() {
      if case .quit = console.answer(String(decoding: line, as: UTF8.self)) { break }
    }
    return Signals.isTerminating ? 143 : Interrupt.isRequested ? 130 : 0
  }

  /// Standard input, as it comes: each input is answered before the next is read.
  func executeStandardInput() -> Int32 {
    Signals.install()
    startClock()
    var source = LineSource()
    var pending: [UInt8] = []
    var first = 1
    var number = 0
    while let line = source.next() {
      number += 1
      if pending.isEmpty { first = number } else { pending.append(0x0A) }
      pending += line
      // An open block is parsed again with every line of it.
      if Parser.parse(SourceText(bytes: pending)).isIncomplete { continue }
      if let status = run(bytes: pending, path: "stdin", line: first) { return status }
      pending = []
    }
    if Signals.isTerminating { return 143 }
    if Interrupt.isRequested { return 130 }
    if !pending.isEmpty, let status = run(bytes: pending, path: "stdin", line: first) { return status }
    return 0
  }

  /// Runs one input; gives the exit status if the script ends with it.
  private func run(_ text: String, path: String?, line: Int?) -> Int32? {
    run(bytes: Array(text.utf8), path: path, line: line)
  }

  private func run(bytes: [UInt8], path: String?, line: Int?) -> Int32? {
    if console.mode != nil {
      switch console.answer(String(decoding: bytes, as: UTF8.self), from: path, line: line) {
      case .done: return nil
      case .quit: return 0
      case .failed: return 1
      }
    }
    switch console.evaluate(bytes: bytes, from: path, line: line) {
    case .ended(.quit): return 0
    case .ended: return nil
    case .failed(let diagnostic, let source):
      let place = path.map { "\($0):\(diagnostic.line(in: source) ?? line ?? 1)" }
      let lines = PlainWriter(style).write(diagnostic.document(in: source, style)).split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init).dropLast()
      return fail((place.map { [$0] } ?? []) + lines, status: Interrupt.isRequested ? 130 : 1)
    }
  }

  private func fail(_ lines: [String], status: Int32) -> Int32 {
    let text = lines.map { $0 + "\n" }.joined()
    _ = text.utf8.withContiguousStorageIfAvailable { write(2, $0.baseAddress, $0.count) }
    return status
  }
}

extension Diagnostic {
  /// The number of the line it is about.
  func line(in source: SourceText) -> Int? { range.map { source.lineNumber(at: $0.start) } }
}

extension Console {
  /// Sets the session as a transcript asks for.
  func apply(_ header: Transcript.Header) {
    if let precision = header.precision.flatMap({ Precision(rawValue: $0) }) { settings.precision = precision }
    if let seed = header.seed { settings.seed = seed }
    if let digits = header.digits { settings.digits = digits }
    if let width = header.width { settings.width = width }
    if let ascii = header.ascii { settings.ascii = ascii }
  }
}
