/// Whoever answers inputs: the shell, or a stand-in.
package protocol Responder: AnyObject {
  /// Runs one input and gives the lines it prints; `error` is the code of the error it ended in.
  func respond(to input: String) -> (lines: [String], error: String?)
  /// Is told the prompt written before the next input, and gives the prompt it is at.
  func stand(at prompt: String) -> String
  /// Runs one input as on a screen of so many columns, 80 if nil.
  func respond(to input: String, width: Int?) -> (lines: [String], error: String?)
}

extension Responder {
  package func stand(at prompt: String) -> String { prompt }
  package func respond(to input: String, width: Int?) -> (lines: [String], error: String?) { respond(to: input) }
}

/// Runs a transcript from top to bottom and compares each answer with the one written.
package struct Player {
  /// How an entry came out.
  package enum Outcome: Equatable, Sendable {
    case agrees
    /// In a cell marked `skip`.
    case skipped
    /// In a cell marked `slow` that was not asked for.
    case leftOut
    case differs(Comparison.Difference)
    /// The input should have ended in this error and did not, or ended in another.
    case error(expected: String?, got: String?, lines: [String])
  }

  package struct Result: Sendable {
    package var entry: Transcript.Entry
    package var outcome: Outcome
    /// What the shell answers now.
    package var lines: [String]
    package var tolerance: Double?
    package var absolute: Double? = nil
  }

  package var runsSlowCells = false

  package init() {}

  /// Plays the transcript on a fresh responder.
  package func play(_ transcript: Transcript, on responder: any Responder) -> [Result] {
    var results: [Result] = []
    for case .cell(let cell) in transcript.blocks {
      let words = cell.words
      let tolerance = words.tolerance ?? transcript.header.tolerance
      for (index, entry) in cell.entries.enumerated() {
        if words.isSkipped || words.isSlow && !runsSlowCells {
          let outcome: Outcome = words.isSkipped ? .skipped : .leftOut
          results.append(Result(entry: entry, outcome: outcome, lines: [], tolerance: tolerance))
          continue
        }
        let prompt = trimmedEnd(entry.prompts[0])
        let own = trimmedEnd(responder.stand(at: entry.prompts[0]))
        if prompt.hasPrefix("step "), prompt != own {
          let outcome = Outcome.differs(.init(expected: prompt, got: own, index: 0))
          results.append(Result(entry: entry, outcome: outcome, lines: [], tolerance: tolerance))
          continue
        }
        if cell.isOpen(index) {
          results.append(Result(entry: entry, outcome: .agrees, lines: [], tolerance: tolerance))
          continue
        }
        let answer = responder.respond(to: entry.text, width: words.width ?? transcript.header.width)
        let comparison = Comparison(
          tolerance: tolerance, absolute: transcript.header.absolute, check: words.check)
        results.append(
          Result(
            entry: entry, outcome: judge(entry, in: cell, answer, comparison), lines: answer.lines,
            tolerance: tolerance, absolute: transcript.header.absolute))
        // The time of the file is used up.
        if answer.error == "E0603" { return results }
      }
    }
    return results
  }

  /// The last input of a cell marked `error=` must end in that error; every other input may end in one only if the output
  /// written shows it.
  private func judge(
    _ entry: Transcript.Entry, in cell: Transcript.Cell, _ answer: (lines: [String], error: String?),
    _ comparison: Comparison
  ) -> Outcome {
    let promised = cell.words.error
    let shown = entry.output.contains { $0.hasPrefix("error ") }
    if let promised, entry == cell.entries.last, answer.error != promised {
      return .error(expected: promised, got: answer.error, lines: answer.lines)
    }
    if let code = answer.error, code != promised, !shown {
      return .error(expected: nil, got: code, lines: answer.lines)
    }
    if cell.words.isHidden && answer.error == nil && entry.output.isEmpty { return .agrees }
    if promised != nil && entry.output.isEmpty { return .agrees }
    return comparison.difference(expected: entry.output, got: answer.lines).map { .differs($0) } ?? .agrees
  }
}
