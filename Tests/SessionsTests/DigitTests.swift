import Testing

@testable import Sessions

/// What makes a check worth anything: an answer with another digit is another answer.
@Suite("A digit that is changed")
struct DigitTests {
  private static let root = String(#filePath.dropLast("/Tests/SessionsTests/DigitTests.swift".count))

  static let files =
    ["sessions", "tutorials"].flatMap { folder in
      FormatTests.names(in: "\(root)/\(folder)").filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" }
    }.sorted() + ["README.md"]

  /// An answer of a file, as it is compared.
  private struct Answer {
    let entry: Transcript.Entry
    let comparison: Comparison
    /// Where its digits stand: line and place in the line.
    let digits: [(line: Int, place: Int)]
  }

  private func answers(_ transcript: Transcript) -> [Answer] {
    transcript.blocks.flatMap { block -> [Answer] in
      guard case .cell(let cell) = block, !cell.words.isSkipped, !cell.words.isSlow,
        [.numbers, .exact].contains(cell.words.check)
      else { return [] }
      let comparison = Comparison(
        tolerance: cell.words.tolerance ?? transcript.header.tolerance, absolute: transcript.header.absolute,
        check: cell.words.check)
      // Where something is left out, other digits may be meant to pass.
      return cell.entries.filter { entry in !entry.output.contains { $0.contains("…") } }.map { entry in
        let digits = entry.output.enumerated().flatMap { line, text in
          text.enumerated().filter { $0.element.isASCII && $0.element.isNumber }.map { (line, $0.offset) }
        }
        return Answer(entry: entry, comparison: comparison, digits: digits)
      }.filter { !$0.digits.isEmpty }
    }
  }

  @Test("is found in every session, lesson and README, and the report names its line and shows both", arguments: files)
  func found(file: String) throws {
    let transcript = try Transcript(String(decoding: FormatTests.bytes("\(Self.root)/\(file)"), as: UTF8.self))
    let answers = answers(transcript)
    var dice = Dice(file.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    var found = 0
    for answer in answers {
      let (line, place) = dice.pick(answer.digits)
      var output = answer.entry.output
      var characters = Array(output[line])
      let old = try #require(characters[place].wholeNumberValue)
      characters[place] = Character("\((old + 1 + dice.below(9)) % 10)")
      output[line] = String(characters)
      // The answers given are those of the file: that the program gives them is what `nabla check` shows.
      let given = answer.entry.output
      #expect(
        Comparison(check: answer.comparison.check).difference(expected: output, got: given) != nil,
        "\(file):\(answer.entry.line) \(output[line])")
      guard let difference = answer.comparison.difference(expected: output, got: given) else {
        // Only a tolerance lets a digit pass.
        #expect(answer.comparison.tolerance != nil || answer.comparison.absolute != nil)
        continue
      }
      found += 1
      var entry = answer.entry
      entry.output = output
      let result = Player.Result(entry: entry, outcome: .differs(difference), lines: given)
      let report = CheckReport(files: [FileCheck(path: file, results: [result])]).lines
      #expect(report.contains { $0.contains("\(file):\(entry.line)") })
      #expect(report.contains { $0.contains("written   ") } && report.contains { $0.contains("now       ") })
    }
    #expect(found > 0 || answers.isEmpty)
  }
}
