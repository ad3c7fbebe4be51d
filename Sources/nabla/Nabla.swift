import ArgumentParser
import Shell

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Arguments in, exit code out.
@main
struct Nabla: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nabla", abstract: "Formula, numbers, result: a shell for the mathematics of deep learning.",
    version: "nabla \(Shell.version)",
    subcommands: [
      Run.self, Check.self, Update.self, Replay.self, Tutorial.self, Export.self,
    ], defaultSubcommand: Run.self)
}

/// What a session can be told from outside.
struct SessionOptions: ParsableArguments {
  @Option(help: "Precision of tensors: f64 or f32.") var precision = "f64"
  @Option(help: "Where random draws begin.") var seed: UInt64 = 7
  @Option(help: "Threads for large tensors; results do not depend on it.") var threads: Int?
  @Option(help: "Significant digits shown.") var digits = 5
  @Option(help: "The most memory the session may take, such as 512M or 8G.") var memory: String?
  @Option(help: "The most seconds a checked file or a script may take, and each line of a session.") var time: Double?
  @Flag(name: .customLong("no-color"), help: "Show no colours (also with NO_COLOR set).") var noColor = false
  @Flag(help: "Draw with ASCII only.") var ascii = false
  @Flag(name: .customLong("allow-files"), help: "Let transcripts read and write outside their folder.")
  var allowFiles = false

  /// - Throws: `ValidationError` for a value the option does not know.
  func shellOptions() throws -> ShellOptions {
    guard let precision = ShellOptions.Precision(rawValue: precision) else {
      throw ValidationError("--precision is f64 or f32, not \(precision)")
    }
    guard (1...17).contains(digits) else { throw ValidationError("--digits is from 1 to 17") }
    if let threads, threads < 1 { throw ValidationError("--threads is at least 1") }
    if let time, !(time > 0 && time < 1e9) { throw ValidationError("--time is a number of seconds") }
    var bytes: Int?
    if let memory {
      bytes = ShellOptions.byteCount(memory)
      if bytes == nil { throw ValidationError("--memory is a size such as 512M or 8G, not \(memory)") }
    }
    var options = ShellOptions(
      precision: precision, seed: seed, digits: digits, threads: threads, memory: bytes, color: !noColor, ascii: ascii,
      allowsFiles: allowFiles)
    options.seconds = time
    return options
  }
}

/// The shell, a script, or one line.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open the shell, or run a file or one line. (default)",
    discussion: "Standard input that is no terminal is run as a script.")

  @Flag(help: "Bring back a session that was left behind by a crash.") var resume = false
  @Option(
    name: .customShort("e"),
    help: ArgumentHelp("Evaluate this, and what follows another -e, and leave.", valueName: "line"))
  var lines: [String] = []
  @Argument(help: "A script or a transcript (.md) to run.") var file: String?
  @OptionGroup var session: SessionOptions

  func run() throws {
    var options = try session.shellOptions()
    options.resumes = resume
    let line = lines.isEmpty ? nil : lines.joined(separator: "\n")
    if resume && (line != nil || file != nil) { throw ValidationError("--resume opens the shell and takes no file") }
    if line != nil && file != nil { throw ValidationError("give a file or -e, not both") }
    let source: ShellSource = line.map { .line($0) } ?? file.map { .file($0) } ?? .standardInput
    throw ExitCode(Shell.run(source, options: options))
  }
}

/// Verifies transcripts.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run transcripts and compare every answer with the one written.",
    discussion: "Folders are searched for .md files. Exit status 1 if anything differs.")

  @Argument(help: "Files or folders.") var paths: [String]
  @Flag(help: "Run the cells marked slow as well, such as training at real sizes.") var slow = false
  @OptionGroup var session: SessionOptions

  func run() throws {
    throw ExitCode(Shell.check(paths, slow: slow, options: try session.shellOptions()))
  }
}

/// Rewrites transcripts.
struct Update: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run transcripts, show each answer that differs from the one written, and ask whether to take it over.")

  @Argument(help: "Files or folders.") var paths: [String]
  @Flag(help: "Take every answer over without asking.") var all = false
  @Flag(help: "Run the cells marked slow as well.") var slow = false
  @OptionGroup var session: SessionOptions

  func run() throws {
    throw ExitCode(Shell.update(paths, all: all, slow: slow, options: try session.shellOptions()))
  }
}

/// Plays a transcript.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Play a transcript step by step: Enter runs the next input.",
    discussion: "It writes no file and reads only beside the transcript, unless --allow-files.")

  @Argument(help: "A session file (.md).") var file: String
  @OptionGroup var session: SessionOptions

  func run() throws {
    var options = try session.shellOptions()
    options.firstLines = [":replay \(file)"]
    throw ExitCode(Shell.run(.standardInput, options: options))
  }
}

/// Opens a lesson.
struct Tutorial: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the lessons, or open one where you left it.")

  @Argument(help: "The number of a lesson.") var number: Int?
  @OptionGroup var session: SessionOptions

  func run() throws {
    var options = try session.shellOptions()
    options.firstLines = [number.map { ":tutorial \($0)" } ?? ":tutorial"]
    throw ExitCode(Shell.run(.standardInput, options: options))
  }
}

/// Makes a page of a transcript.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a session or a lesson as a page (.html) that needs nothing else.",
    discussion: "It shows what the file says; nothing in it is run.")

  @Argument(help: "A session file (.md).") var file: String
  @Option(name: .customLong("to"), help: "What it becomes: html.") var kind = "html"
  @Option(name: .shortAndLong, help: "The page; else the file's name, here, with .html.") var output: String?

  func run() throws {
    guard kind == "html" else { throw ValidationError("--to is html, not \(kind)") }
    throw ExitCode(Shell.export(file, to: output))
  }
}
