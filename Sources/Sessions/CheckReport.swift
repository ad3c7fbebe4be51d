import Display

/// What `nabla check` found in one file.
package struct FileCheck {
  package var path: String
  package var results: [Player.Result]
  /// Why the file could not be read, if it could not.
  package var problem: TranscriptProblem?

  package init(path: String, results: [Player.Result], problem: TranscriptProblem? = nil) {
    self.path = path
    self.results = results
    self.problem = problem
  }

  /// The inputs that were run.
  package var inputs: Int { results.count - leftOut }
  /// The inputs of slow cells that were not run.
  package var leftOut: Int { results.filter(\.isLeftOut).count }
  package var differences: Int { results.filter { $0.isDifferent }.count + (problem == nil ? 0 : 1) }
}

extension Player.Result {
  package var isLeftOut: Bool { outcome == .leftOut }

  package var isDifferent: Bool {
    switch outcome {
    case .agrees, .skipped, .leftOut: false
    case .differs, .error: true
    }
  }
}

/// The report of `nabla check`: a line a file, each difference at its place, and a summary.
package struct CheckReport {
  package var files: [FileCheck]

  package init(files: [FileCheck]) { self.files = files }

  package var differences: Int { files.map(\.differences).reduce(0, +) }

  /// The report as lines of text.
  package var lines: [String] {
    let width = max(34, files.map { $0.path.count + 3 }.max() ?? 0)
    var lines: [String] = []
    for file in files {
      let name = file.path.padded(to: width)
      let count = "\(file.inputs) inputs".leftPadded(to: 11)
      let left = file.leftOut == 0 ? "" : "    \(file.leftOut) slow, left out"
      lines.append("  \(name)\(count)   " + (file.differences == 0 ? "✓" : "✗ \(differ(file.differences))") + left)
    }
    for file in files where file.differences > 0 {
      if let problem = file.problem {
        lines += ["", "  \(file.path):\(problem.line)", "    \(problem.message)"]
      }
      for result in file.results where result.isDifferent { lines += [""] + describe(result, in: file.path) }
    }
    let inputs = files.map(\.inputs).reduce(0, +)
    let head = "  \(count(files.count, "file")), \(count(inputs, "input")), "
    if differences == 0 {
      lines.append(head + "all as written")
    } else {
      lines += ["", head + count(differences, "difference") + "."]
    }
    return lines
  }

  private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
  private func differ(_ number: Int) -> String { number == 1 ? "1 differs" : "\(number) differ" }

  private func describe(_ result: Player.Result, in path: String) -> [String] {
    let place = "  \(path):\(result.entry.line)"
    let after = "after  >>> \(result.entry.input.first ?? "")"
    var lines = [place + String(repeating: " ", count: max(3, 37 - place.count)) + after]
    switch result.outcome {
    case .agrees, .skipped, .leftOut: break
    case .error(let expected, let got, let answer):
      lines.append("    written   " + (expected.map { "error \($0)" } ?? "no error"))
      lines.append("    now       " + (got.map { "error \($0)" } ?? "no error"))
      lines += answer.prefix(8).map { "              " + $0 }
    case .differs(let difference):
      lines.append("    written   " + (difference.expected ?? "(nothing more)"))
      lines.append("    now       " + (difference.got ?? "(nothing more)"))
      if let numbers = difference.numbers {
        let gap = (numbers.expected - numbers.got).magnitude
        let relative = numbers.expected == 0 ? gap : gap / numbers.expected.magnitude
        let allowed = result.tolerance.map { "allowed \($0)" } ?? "allowed: the digits written"
        lines.append("              off by \(short(gap)), relative \(short(relative)); \(allowed)")
      }
    }
    return lines
  }

  private func short(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return "\(value)" }
    // Two significant digits are enough to see how far off it is.
    var scale = 1.0
    var shifted = value
    while shifted < 10 && scale < 1e300 {
      shifted *= 10
      scale *= 10
    }
    return "\((value * scale).rounded() / scale)"
  }
}
