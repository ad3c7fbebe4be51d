import Display

/// What `nabla check` found in one file.
package struct FileCheck: Sendable {
  package var path: String
  package var results: [Player.Result]
  /// How many cells ask the reader something.
  package var quizzes: Int
  /// Why the file could not be read, if it could not.
  package var problem: TranscriptProblem?

  package init(path: String, results: [Player.Result], quizzes: Int = 0, problem: TranscriptProblem? = nil) {
    self.path = path
    self.results = results
    self.quizzes = quizzes
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
  /// The code of the error it ends in though its block declares none such.
  package var undeclaredError: String? { if case .error(nil, let code, _) = outcome { code } else { nil } }

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
  private let width: Int
  private let style: Style

  /// - Parameter paths: the files, for the width of their column, if they are not all there yet.
  package init(files: [FileCheck], paths: [String]? = nil, style: Style = .plain) {
    self.files = files
    self.style = style
    width = max(34, (paths ?? files.map(\.path)).map { $0.displayWidth + 3 }.max() ?? 0)
  }

  package var differences: Int { files.map(\.differences).reduce(0, +) }

  /// The report as lines of text.
  package var lines: [String] {
    var document = Document(files.map(line))
    document.append(details)
    return document.lines.map { PlainWriter(style).write($0) }
  }

  /// The line of one file.
  package func line(of file: FileCheck) -> Line {
    let path = file.path.visible
    let name = path + String(repeating: " ", count: max(1, width - path.displayWidth))
    var line = Line("  \(name)\("\(file.inputs) input\(file.inputs == 1 ? " " : "s")".leftPadded(to: 10))   ")
    if file.differences == 0 {
      line.append(style.glyph("✓", "ok"), .success)
    } else {
      line.append("\(style.glyph("✗", "NO")) \(differ(file.differences))", .mark)
    }
    if file.quizzes > 0 { line.append("    \(file.quizzes) quiz\(file.quizzes == 1 ? "" : "zes")", .dim) }
    if file.leftOut > 0 { line.append("    \(file.leftOut) slow, left out", .dim) }
    return line
  }

  /// Each difference at its place, and the summary.
  package var details: Document {
    var document = Document()
    for file in files where file.differences > 0 {
      if let problem = file.problem {
        document.append(contentsOf: [Line(), Line("  \(file.path):\(problem.line)"), Line("    \(problem.message)")])
      }
      for result in file.results where result.isDifferent {
        document.append(Line())
        document.append(difference(result, in: file.path))
      }
    }
    let inputs = files.map(\.inputs).reduce(0, +)
    let head = "  \(count(files.count, "file")), \(count(inputs, "input")), "
    if differences == 0 {
      document.append(Line(head + "all as written"))
    } else {
      document.append(Line())
      let repaired = files.filter { $0.results.contains(where: \.isDifferent) }.map(\.path)
      var line = Line("\(head)\(count(differences, "difference")).")
      if !repaired.isEmpty {
        line.append("   nabla update \(repaired.prefix(3).joined(separator: " "))", .hint)
        if repaired.count > 3 { line.append(" \(style.glyph("…", "..."))", .hint) }
      }
      document.append(line)
    }
    return document
  }

  private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
  private func differ(_ number: Int) -> String { number == 1 ? "1 differs" : "\(number) differ" }

  /// One difference: what is written, what comes now, and by how much they are apart.
  package func difference(_ result: Player.Result, in path: String) -> Document {
    let place = "  \(path):\(result.entry.line)"
    let gap = String(repeating: " ", count: max(3, 37 - place.displayWidth))
    let input = result.entry.text.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
    var document = Document([Line("\(place)\(gap)\("after", .dim)  \(">>>", .prompt) \(input)")])
    switch result.outcome {
    case .agrees, .skipped, .leftOut: break
    case .error(let expected, let got, let answer):
      document.append(Line("    \("written", .dim)   \(expected.map { "error=\($0)" } ?? "no error declared")"))
      document.append(Line("    \("now", .dim)       \(got.map { "error \($0)" } ?? "no error")"))
      document.append(contentsOf: answer.prefix(8).map { Line("              " + $0) })
    case .differs(let difference):
      document.append(Line("    \("written", .dim)   \(difference.expected ?? "(nothing more)")"))
      document.append(Line("    \("now", .dim)       \(difference.got ?? "(nothing more)")"))
      guard let got = difference.got, let range = difference.place else { break }
      let before = String(got.prefix(range.lowerBound)).displayWidth
      let width = String(got.dropFirst(range.lowerBound).prefix(range.count)).displayWidth
      var line = Line(String(repeating: " ", count: 14 + before))
      line.append(String(repeating: style.glyph("─", "-"), count: max(1, width)), .error)
      if let numbers = difference.numbers {
        let apart = (numbers.expected - numbers.got).magnitude
        let relative = numbers.expected == 0 ? nil : apart / numbers.expected.magnitude
        var allowed = [result.tolerance, result.absolute].compactMap { $0.map(short) }.joined(separator: ", absolute ")
        if allowed.isEmpty { allowed = "the digits written" }
        line.append("      off by \(short(apart, digits: 2))")
        if let relative { line.append(", relative \(short(relative, digits: 2))") }
        line.append("; allowed \(allowed)")
      }
      document.append(line)
    }
    return document
  }

  private func short(_ value: Double) -> String { short(value, digits: 1) }

  /// A few significant digits are enough to see how far off it is: `0.0010`, `3.0e-9`, `1e-4`.
  private func short(_ value: Double, digits: Int) -> String {
    guard value > 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    var exponent = 0
    var mantissa = value
    while mantissa >= 10 && exponent < 400 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 1 && exponent > -400 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let scale = digits == 2 ? 10.0 : 1.0
    var whole = Int((mantissa * scale).rounded())
    if whole >= Int(10 * scale) { (whole, exponent) = (whole / 10, exponent + 1) }
    let written = digits == 2 ? "\(whole / 10).\(whole % 10)" : "\(whole)"
    if exponent < (digits == 2 ? -4 : -2) || exponent > 5 { return "\(written)e\(exponent)" }
    let ones = digits == 2 ? "\(whole)" : "\(whole)"
    let decimals = digits - 1 - exponent
    if decimals <= 0 { return ones + String(repeating: "0", count: -decimals) }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - ones.count)) + ones
    return padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }
}
