extension Transcript {
  /// How many cells ask the reader something.
  package var quizCount: Int {
    blocks.count { block in if case .cell(let cell) = block { cell.words.quiz != nil } else { false } }
  }

  /// The file with the answers of some inputs replaced by what the shell answers now.
  ///
  /// - Parameter results: those to be taken over; each is found by the line of its prompt.
  package func updated(with results: [Player.Result]) -> Transcript {
    var answers: [Int: Player.Result] = [:]
    for result in results { answers[result.entry.line] = result }
    var transcript = self
    for index in blocks.indices {
      guard case .cell(var cell) = blocks[index] else { continue }
      for position in cell.entries.indices {
        guard let result = answers[cell.entries[position].line] else { continue }
        let old = cell.entries[position].output
        // Empty lines before the next prompt are the author's.
        let blanks = old.reversed().prefix { trimmed($0).isEmpty }.count
        var lines = result.lines
        while let last = lines.last, trimmed(last).isEmpty { lines.removeLast() }
        if old.isEmpty && result.error != nil && position == cell.entries.count - 1 { lines = [] }
        cell.entries[position].output = lines.map(Self.asOutput) + Array(repeating: "", count: blanks)
      }
      cell.declareErrors(answers)
      transcript.blocks[index] = .cell(cell)
    }
    return transcript
  }

  /// A line of an answer as it may stand in a file: one that would be read as a prompt or as the end of the cell is left out.
  package static func asOutput(_ line: String) -> String {
    let isMisread = prompt(of: line) != nil || line.hasPrefix("..>") || trimmedEnd(line) == "```"
    return isMisread ? "…" : line
  }
}

extension Transcript.Cell {
  /// Brings `error=` up to date with what its inputs end in now, where all that is known.
  fileprivate mutating func declareErrors(_ answers: [Int: Player.Result]) {
    let known = entries.compactMap { answers[$0.line] }
    guard !known.isEmpty else { return }
    let gone = known.compactMap { result in
      if case .error(let code?, _, _) = result.outcome { code } else { nil }
    }
    var codes = words.errors.filter { !gone.contains($0) }
    for case let code? in known.map(\.error) where !codes.contains(code) { codes.append(code) }
    guard codes != words.errors else { return }
    words.errors = codes
    let isFromWindows = withoutReturn(opening) != opening
    var pieces = withoutReturn(opening).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let place = pieces.firstIndex { $0.hasPrefix("error=") }
    let word = codes.isEmpty ? [] : ["error=" + codes.joined(separator: ",")]
    if let place { pieces.replaceSubrange(place...place, with: word) } else { pieces.insert(contentsOf: word, at: 1) }
    opening = pieces.joined(separator: " ") + (isFromWindows ? "\r" : "")
  }
}
