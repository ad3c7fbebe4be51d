import Display
import Interchange
import Language
import Sessions

/// `:save FILE`: the session so far as a file.
package enum SaveSession: Command {
  package static let name = "save"
  package static let argument = "FILE"
  package static let summary = "writes what was typed and shown so far to a session file (.md)"
  package static let details = [
    "nabla check FILE runs it again and compares, nabla replay FILE plays it step by step. A value goes to a file",
    "by the function save(path, value).",
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let path = try console.sessionPath(argument, for: name)
    try console.writeRecord(to: path)
    let count = console.record?.entries.count ?? 0
    return .shown(console.savedNotice("\(count) input\(count == 1 ? "" : "s") saved", path))
  }
}

/// `:record FILE`: a file that is kept up to date with the session.
package enum RecordSession: Command {
  package static let name = "record"
  package static let argument = "[FILE | off]"
  package static let summary = "writes the session to a file and keeps adding to it, input by input"
  package static let details = [
    "What came before belongs to it, so that the file can be run again. :record off ends it."
  ]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    if argument.trimmed.isEmpty || argument.trimmed == "off" {
      let path = console.recordPath
      if argument.trimmed == "off" { console.recordPath = nil }
      guard let path else { return .shown(Document([Line("  nothing is recorded: try  :record session.md", .dim)])) }
      let verb = argument.trimmed == "off" ? "no longer recorded to" : "recorded to"
      return .shown(Document([Line("  \(verb) \(path)", .dim)]))
    }
    let path = try console.sessionPath(argument, for: name)
    try console.writeRecord(to: path)
    console.recordPath = path
    return .shown(console.savedNotice("recorded from the first input on", path))
  }
}

extension Console {
  /// The path that a command names, with `.md` at its end if nothing else stands there.
  fileprivate func sessionPath(_ argument: String, for command: String) throws(Diagnostic) -> String {
    try writablePath(argument, for: command, ending: "md")
  }

  /// The path of the file that a command writes, with its kind at the end if nothing else stands there.
  func writablePath(_ argument: String, for command: String, ending: String) throws(Diagnostic) -> String {
    let name = argument.trimmed.filter { $0 != "\"" }
    guard !name.isEmpty else {
      throw Diagnostic("E0804", ":\(command) wants a file", suggestions: [.init(.try, ":\(command) session.\(ending)")])
    }
    guard record != nil, !settings.isConfined else {
      throw Diagnostic(
        "E0842", "there is no session to save here",
        notes: [.init("hint", ":\(command) stands at the prompt of a session; one that is played writes nothing")])
    }
    let file = name.split(separator: "/").last ?? ""
    let path = file.contains(".") ? name : "\(name).\(ending)"
    guard path.hasSuffix(".\(ending)") else {
      let kind = ending == "md" ? "a session is a Markdown file" : "a page is an HTML file"
      throw Diagnostic(
        "E0842", "\(kind), and \(path) is none",
        suggestions: [.init(.try, ":\(command) \(path.prefix { $0 != "." }).\(ending)")],
        notes: [.init("hint", "a value goes to a file by save(path, value)")])
    }
    return settings.path(path)
  }

  /// Writes the record, whole or not at all.
  fileprivate func writeRecord(to path: String) throws(Diagnostic) {
    guard let record else { return }
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let text = record.transcript(title: String(file.dropLast(3))).text
    do {
      try AtomicFile.write(text, to: path)
    } catch {
      throw Diagnostic("E0841", error.message)
    }
  }

  /// Brings the file of `:record` up to date; where that fails, says so and ends it.
  func keepFile() {
    guard let path = recordPath else { return }
    do throws(Diagnostic) {
      try writeRecord(to: path)
    } catch {
      recordPath = nil
      show(Document([Line("  \(error.message); no longer recorded, and nothing is lost here", .warning)]))
    }
  }

  fileprivate func savedNotice(_ what: String, _ path: String) -> Document {
    var document = Document([Line("  \(what), \(path)", .dim)])
    if record?.isCut == true {
      document.append(Line("  what follows the input stopped by Ctrl-C is kept, and marked as not to be run", .dim))
    }
    if let missing = filesElsewhere(than: Shell.folder(of: path) ?? ".").first {
      document.append(Line("  it reads \(missing), which has to lie beside it to be found again", .warning))
    }
    document.append(Line("  \("see", .hint)  nabla check \(path)    nabla replay \(path)"))
    return document
  }

  /// The files that inputs of this session name and a session file in another folder would not find.
  private func filesElsewhere(than folder: String) -> [String] {
    var missing: [String] = []
    for entry in record?.entries ?? [] where entry.error == nil {
      for name in entry.text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        .filter({ $0.offset % 2 == 1 }).map({ String($0.element) })
      where !name.isEmpty && name.count < 1_000 && Files.exists(settings.path(name)) && !missing.contains(name) {
        let isBeside = !name.hasPrefix("/") && !name.hasPrefix("~") && Files.exists("\(folder)/\(name)")
        if !isBeside { missing.append(name) }
      }
    }
    return missing
  }
}
