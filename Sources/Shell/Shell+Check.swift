import Display
import Language
import Sessions

extension Shell {
  /// `nabla check`: runs transcripts, compares, reports; gives the exit status.
  package static func check(_ paths: [String], slow: Bool, options: ShellOptions) -> Int32 {
    options.apply()
    var status: Int32 = 0
    Interpreter.onLargeStack {
      do throws(FileText.Problem) {
        var files: [String] = []
        for path in paths { files += try FileText.files(at: path, suffix: ".md") }
        let report = CheckReport(files: files.map { check(file: $0, slow: slow, options: options) })
        Terminal.write(report.lines.map { $0 + "\n" }.joined())
        status = report.differences == 0 ? 0 : 1
      } catch {
        Terminal.write("nabla: \(error.message)\n")
        status = 1
      }
    }
    return status
  }

  private static func check(file path: String, slow: Bool, options: ShellOptions) -> FileCheck {
    do {
      let transcript = try Transcript(try FileText.read(path))
      let console = Console(settings: options.settings())
      console.apply(transcript.header)
      console.settings.folder = folder(of: path)
      console.settings.isConfined = !options.allowsFiles
      var player = Player()
      player.runsSlowCells = slow
      return FileCheck(path: path, results: player.play(transcript, on: console))
    } catch let problem as TranscriptProblem {
      return FileCheck(path: path, results: [], problem: problem)
    } catch {
      return FileCheck(path: path, results: [], problem: TranscriptProblem(line: 1, message: "\(error)"))
    }
  }

  /// The folder a file stands in; what it reads is read from there.
  static func folder(of path: String) -> String? {
    path.lastIndex(of: "/").map { String(path[..<$0]) }
  }
}
