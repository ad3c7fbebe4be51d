import Display
import KernelInterface
import Language
import Sessions
import Synchronization

extension Shell {
  /// `nabla check`: runs transcripts, compares, reports; gives the exit status.
  ///
  /// Files are run beside each other, as many as there are threads, each in a session of its own on a thread of its own; their lines
  /// come in order, each as soon as it and all before it are known.
  package static func check(_ paths: [String], slow: Bool, options: ShellOptions) -> Int32 {
    options.apply()
    let style = reportStyle(options)
    let writer: any Writer = style.color ? TerminalWriter(style) : PlainWriter(style)
    let files: [String]
    do {
      files = try sessionFiles(paths)
    } catch {
      Terminal.write("nabla: \(error.message.visible)\n")
      return 1
    }
    let progress = Mutex<(checks: [FileCheck?], shown: Int)>((Array(repeating: nil, count: files.count), 0))
    let layout = CheckReport(files: [], paths: files, style: style)
    Parallel.forEach(files.count) { index in
      var result: FileCheck?
      Interpreter.onLargeStack { result = check(file: files[index], slow: slow, options: options) }
      guard let result else { return }
      progress.withLock { progress in
        progress.checks[index] = result
        while progress.shown < files.count, let next = progress.checks[progress.shown] {
          Terminal.write(writer.write(layout.line(of: next)) + "\n")
          progress.shown += 1
        }
      }
    }
    let report = CheckReport(files: progress.withLock { $0.checks.compactMap { $0 } }, style: style)
    Terminal.write(writer.write(report.details))
    return report.differences == 0 ? 0 : 1
  }

  /// `nabla update`: shows each difference and asks whether the file is to say what comes now; gives the exit status.
  package static func update(_ paths: [String], all: Bool, slow: Bool, options: ShellOptions) -> Int32 {
    options.apply()
    let style = reportStyle(options)
    let writer: any Writer = style.color ? TerminalWriter(style) : PlainWriter(style)
    guard all || Terminal.standard().isInteractive else {
      Terminal.write("nabla: update asks about each difference at a terminal; --all takes them over without asking\n")
      return 1
    }
    var status: Int32 = 0
    Interpreter.onLargeStack {
      var review = Review(asks: !all, style: style, writer: writer)
      do {
        for path in try sessionFiles(paths) where !review.isOver {
          try review.update(path, slow: slow, options: options)
        }
        Terminal.write(review.summary + "\n")
      } catch let problem as FileText.Problem {
        Terminal.write("nabla: \(problem.message.visible)\n")
        status = 1
      } catch let problem as AtomicFile.Problem {
        Terminal.write("nabla: \(problem.message.visible)\n")
        status = 1
      } catch {
        Terminal.write("nabla: \(error)\n")
        status = 1
      }
      if review.unreadable + review.refused > 0 { status = 1 }
    }
    return status
  }

  /// The differences of several files, one after the other before the eyes of whoever decides.
  private struct Review: ~Copyable {
    /// Whether somebody is there to be asked.
    let asks: Bool
    let style: Style
    let writer: any Writer
    var takesAll: Bool
    var isOver = false
    var taken = 0
    var left = 0
    /// Errors that no block declares, which only a person takes over.
    var refused = 0
    var unreadable = 0
    private var source = LineSource()

    init(asks: Bool, style: Style, writer: any Writer) {
      (self.asks, self.takesAll, self.style, self.writer) = (asks, !asks, style, writer)
    }

    var summary: String {
      "  \(taken) answer\(taken == 1 ? "" : "s") taken over, \(left) left as written"
    }

    mutating func update(_ path: String, slow: Bool, options: ShellOptions) throws {
      let text = try FileText.read(path)
      let transcript: Transcript
      do {
        transcript = try Transcript(text)
      } catch {
        Terminal.write("  \(path.visible):\(error.line)\n    \(error.message.visible)\n")
        unreadable += 1
        return
      }
      let check = Shell.check(transcript, at: path, slow: slow, options: options)
      let report = CheckReport(files: [check], style: style)
      var accepted: [Player.Result] = []
      for result in check.results where result.isDifferent {
        if isOver {
          left += 1
          continue
        }
        Terminal.write(writer.write(report.difference(result, in: path)))
        if result.undeclaredError != nil && !asks {
          Terminal.write("    left as it is: --all takes no error over that its block does not declare by error=\n")
          refused += 1
          left += 1
        } else if takesAll && result.undeclaredError == nil || ask() {
          accepted.append(result)
        } else {
          left += 1
        }
        Terminal.write("\n")
      }
      guard !accepted.isEmpty else { return }
      try AtomicFile.write(transcript.updated(with: accepted).text, to: path)
      taken += accepted.count
    }

    /// Whether an answer is taken over; `a` takes all that follow but errors that no block declares, `q` none.
    private mutating func ask() -> Bool {
      while true {
        Terminal.write("    take it over?  y(es)  n(o)  a(ll)  q(uit)  ")
        guard let bytes = source.next() else {
          isOver = true
          return false
        }
        switch String(decoding: bytes, as: UTF8.self).trimmed.lowercased() {
        case "y", "yes": return true
        case "n", "no": return false
        case "a", "all":
          takesAll = true
          return true
        case "q", "quit":
          isOver = true
          return false
        default: continue
        }
      }
    }
  }

  private static func sessionFiles(_ paths: [String]) throws(FileText.Problem) -> [String] {
    var files: [String] = []
    for path in paths { files += try FileText.files(at: path, suffix: ".md") }
    return files
  }

  /// How a report is drawn: in colour if it goes to a terminal.
  private static func reportStyle(_ options: ShellOptions) -> Style {
    let terminal = Terminal.standard()
    var style = Style.plain
    style.color = options.color && terminal.hasColor && Terminal.writesToTerminal
    style.ascii = options.ascii
    return style
  }

  private static func check(file path: String, slow: Bool, options: ShellOptions) -> FileCheck {
    do {
      return check(try Transcript(try FileText.read(path)), at: path, slow: slow, options: options)
    } catch let problem as TranscriptProblem {
      return FileCheck(path: path, results: [], problem: problem)
    } catch let problem as FileText.Problem {
      return FileCheck(path: path, results: [], problem: TranscriptProblem(line: 1, message: problem.message))
    } catch {
      return FileCheck(path: path, results: [], problem: TranscriptProblem(line: 1, message: "\(error)"))
    }
  }

  /// Plays a transcript in a session of its own that reads only beside the file.
  static func check(_ transcript: Transcript, at path: String, slow: Bool, options: ShellOptions) -> FileCheck {
    let console = Console(settings: options.settings())
    console.apply(transcript.header)
    console.settings.folder = folder(of: path)
    console.settings.isConfined = !options.allowsFiles
    console.allowsFiles = options.allowsFiles
    console.keepRecord()
    console.interpreter.deadline = options.seconds.map { ContinuousClock.now + .seconds($0) }
    var player = Player()
    player.runsSlowCells = slow
    return FileCheck(path: path, results: player.play(transcript, on: console), quizzes: transcript.quizCount)
  }

  /// The folder a file stands in; what it reads is read from there.
  static func folder(of path: String) -> String? {
    path.lastIndex(of: "/").map { String(path[..<$0]) }
  }
}
