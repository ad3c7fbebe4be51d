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
        if case .error(_, let code, _) = result.outcome, let promised = cell.words.error,
          position == cell.entries.count - 1
        {
          cell.opening = cell.opening.replacing("error=\(promised)", by: code.map { "error=\($0)" })
          cell.words.error = code
          if old.isEmpty && code != nil { lines = [] }
        }
        cell.entries[position].output = lines.map(Self.asOutput) + Array(repeating: "", count: blanks)
      }
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

extension String {
  /// The text with a word in it replaced, or taken away with the space before it.
  fileprivate func replacing(_ word: String, by other: String?) -> String {
    var pieces = split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    pieces = pieces.compactMap { withoutReturn($0) == word ? other : $0 }
    return pieces.joined(separator: " ")
  }
}
