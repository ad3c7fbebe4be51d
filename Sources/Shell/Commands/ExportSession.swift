import Display
import Language
import Sessions

/// `:export FILE`: the session so far as a page to be looked at.
package enum ExportSession: Command {
  package static let name = "export"
  package static let argument = "FILE"
  package static let summary = "writes what was typed and shown so far to a page (.html) that needs nothing else"
  package static let details = [
    "Formulas are MathML, which browsers draw by themselves. :save writes a file that can be run again, and",
    "nabla export FILE.md makes a page of a session or a lesson as it is written.",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let path = try console.writablePath(argument, for: name, ending: "html")
    guard let record = console.record else { return .shown(Document()) }
    let file = path.split(separator: "/").last.map(String.init) ?? path
    do {
      try AtomicFile.write(HTMLPage(record, title: String(file.dropLast(5))).html, to: path)
    } catch {
      throw Diagnostic("E0841", error.message)
    }
    let count = record.entries.count
    return .shown(Document([Line("  \(count) input\(count == 1 ? "" : "s") with their answers, \(path)", .dim)]))
  }
}

extension Shell {
  /// `nabla export`: a page of a session or a lesson as it is written; nothing in it is run. Gives the exit status.
  package static func export(_ path: String, to target: String?) -> Int32 {
    let name = String(path.split(separator: "/").last ?? "session")
    let base = name.hasSuffix(".md") ? String(name.dropLast(3)) : name
    let target = target ?? base + ".html"
    do {
      let page = HTMLPage(try Transcript(try FileText.read(path)), name: base)
      try AtomicFile.write(page.html, to: target)
      Terminal.write("  \(target.visible)\n")
      return 0
    } catch let problem as TranscriptProblem {
      Terminal.write("  \(path.visible):\(problem.line)\n    \(problem.message.visible)\n")
    } catch let problem as FileText.Problem {
      Terminal.write("nabla: \(problem.message.visible)\n")
    } catch let problem as AtomicFile.Problem {
      Terminal.write("nabla: \(problem.message.visible)\n")
    } catch {
      Terminal.write("nabla: \(error)\n")
    }
    return 1
  }
}
