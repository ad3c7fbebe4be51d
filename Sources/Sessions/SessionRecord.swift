import Display

/// What was typed and shown since a session began: what `:save` and `:record` make a file of, and `:history` lists.
///
/// The file passes `nabla check` as it is. What a second run could not give again is marked for it: `:time` is not compared, and
/// nothing is run again from an input on that was stopped by hand and had changed something by then.
package struct SessionRecord {
  /// One input and its answer.
  package struct Entry {
    package var prompt: String
    package var text: String
    package var answer: Document
    /// The screen at that time.
    package var style: Style
    /// Whether the answer says how long something took.
    package var isTimed = false
    /// Whether Ctrl-C ended it, and what it had done by then stays.
    package var isStopped = false
    /// The code of the error it ended in.
    package var error: String?

    package init(prompt: String, text: String, style: Style) {
      self.prompt = prompt
      self.text = text
      self.style = style
      answer = Document()
    }
  }

  package var entries: [Entry] = []
  /// How the session was set when it began.
  package var start: Style
  package var seed: UInt64

  package init(start: Style, seed: UInt64) {
    self.start = start
    self.seed = seed
  }

  /// Whether some input was stopped by hand, so that what follows cannot be run again.
  package var isCut: Bool { entries.contains { $0.isStopped } }

  /// The session as a file.
  package func transcript(title: String) -> Transcript {
    var lines = [
      "---", "nabla: 1", "seed: \(seed)", "precision: \(start.precision.rawValue)", "digits: \(start.digits)",
    ]
    if start.width != 80 { lines.append("width: \(start.width)") }
    if start.ascii { lines.append("ascii: on") }
    lines.append("---")
    var transcript = Transcript()
    transcript.header.lines = lines
    transcript.blocks = [.prose(["# \(title)", ""])]
    var isCut = false
    var words: [String]?
    var errors: [String] = []
    var cell = Transcript.Cell(opening: "", line: 0, words: Transcript.BlockWords())
    func finish() {
      guard !cell.entries.isEmpty else { return }
      let declared = errors.isEmpty ? [] : ["error=" + errors.joined(separator: ",")]
      cell.opening = (["```nabla"] + declared + (words ?? [])).joined(separator: " ")
      transcript.blocks += [.cell(cell), .prose([""])]
    }
    for entry in entries {
      if entry.isStopped { isCut = true }
      var wanted: [String] = []
      if isCut { wanted.append("skip") }
      if entry.isTimed { wanted.append("check=none") }
      if entry.style.width != start.width { wanted.append("width=\(entry.style.width)") }
      if wanted != words {
        finish()
        if entry.isStopped {
          transcript.blocks.append(.prose(["Stopped by Ctrl-C: what follows is not run again.", ""]))
        }
        words = wanted
        cell.entries = []
        errors = []
      }
      if let code = entry.error, !isCut, !errors.contains(code) { errors.append(code) }
      cell.entries.append(entry.inTranscript)
    }
    finish()
    if case .prose([""])? = transcript.blocks.last { transcript.blocks.removeLast() }
    return transcript
  }
}

extension SessionRecord.Entry {
  fileprivate var inTranscript: Transcript.Entry {
    let rows = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(Substring($0)) }
    let prompts = rows.indices.map { $0 == 0 ? prompt : "..> " }
    let output = answer.lines.map { Transcript.asOutput(trimmedEnd(PlainWriter(style).write($0))) }
    return Transcript.Entry(line: 0, input: rows, prompts: prompts, output: output)
  }
}
