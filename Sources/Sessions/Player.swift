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
    /// The code of the error it ends in now.
    package var error: String?
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
          results.append(Result(entry: entry, outcome: outcome, lines: [], error: nil, tolerance: tolerance))
          continue
        }
        let prompt = trimmedEnd(entry.prompts[0])
        let own = trimmedEnd(responder.stand(at: entry.prompts[0]))
        if prompt.hasPrefix("step "), prompt != own {
          let outcome = Outcome.differs(.init(expected: prompt, got: own, index: 0))
          results.append(Result(entry: entry, outcome: outcome, lines: [], error: nil, tolerance: tolerance))
          continue
        }
        if cell.isOpen(index) {
          results.append(Result(entry: entry, outcome: .agrees, lines: [], error: nil, tolerance: tolerance))
          continue
        }
        let answer = responder.respond(to: entry.text, width: words.width ?? transcript.header.width)
        let comparison = Comparison(
          tolerance: tolerance, absolute: transcript.header.absolute, check: words.check)
        let outcome = judge(entry, in: cell, isLast: index == cell.entries.count - 1, answer, comparison)
        results.append(
          Result(
            entry: entry, outcome: outcome, lines: answer.lines, error: answer.error, tolerance: tolerance,
            absolute: transcript.header.absolute))
        // The time of the file is used up.
        if answer.error == "E0603" { return results }
      }
      missError(in: cell, &results)
    }
    return results
  }

  /// An input may end in an error only if its cell declares it by `error=`; only the last one may do so without showing it.
  private func judge(
    _ entry: Transcript.Entry, in cell: Transcript.Cell, isLast: Bool, _ answer: (lines: [String], error: String?),
    _ comparison: Comparison
  ) -> Outcome {
    let isUnwritten = entry.output.allSatisfy { trimmed($0).isEmpty }
    if let code = answer.error {
      guard cell.words.errors.contains(code), !isUnwritten || isLast else {
        return .error(expected: nil, got: code, lines: answer.lines)
      }
      if isUnwritten { return .agrees }
    } else if cell.words.isHidden && isUnwritten {
      return .agrees
    }
    return comparison.difference(expected: entry.output, got: answer.lines).map { .differs($0) } ?? .agrees
  }

  /// Each error that a cell declares has to come; where one does not, the last input has not ended as it should.
  private func missError(in cell: Transcript.Cell, _ results: inout [Result]) {
    let own = results.suffix(cell.entries.count)
    guard let last = own.indices.last, own.allSatisfy({ $0.outcome != .skipped && $0.outcome != .leftOut }) else {
      return
    }
    for code in cell.words.errors where !own.contains(where: { $0.error == code }) {
      results[last].outcome = .error(expected: code, got: results[last].error, lines: results[last].lines)
    }
  }
}
