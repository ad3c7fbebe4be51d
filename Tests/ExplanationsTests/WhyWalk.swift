import Display
import Testing

@testable import Explanations
@testable import Shell

/// Questions followed as a student follows them: what an answer offers is asked next, until nothing is left to ask.
///
/// Every answer must have a formula, be true as printed (R1), fit the screen, and check a derivative by a central difference.
struct WhyWalk {
  let session: Session
  /// What the walk is through, for the message of a failure.
  let name: String
  private(set) var asked: [String] = []
  private(set) var answers: [(question: String, text: String)] = []

  init(_ session: Session, _ name: String) { (self.session, self.name) = (session, name) }

  /// What an answer offers, as it is typed behind the prompt.
  static func offers(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init).filter { line in
      ["next", "or", "try", "all"].contains { line.hasPrefix("  \($0) ") }
    }.flatMap { line -> [String] in
      var (found, rest) = ([String](), line[...])
      while let start = rest.firstRange(of: ":why ") {
        rest = rest[start.upperBound...]
        let end = rest.firstRange(of: "   ")?.lowerBound ?? rest.endIndex
        found.append(String(rest[..<end]))
        rest = rest[end...]
      }
      return found
    }
  }

  /// - Parameter most: how many questions are asked.
  mutating func follow(_ question: String, most: Int = 12) { follow([question], most) }

  /// Asks the last of some questions that led to each other, then what its answer offers.
  private mutating func follow(_ questions: [String], _ most: Int) {
    guard let question = questions.last, !asked.contains(question), asked.count < most else { return }
    asked.append(question)
    let text = session.answer(":why \(question)")
    answers.append((question, text))
    check(question, text)
    for (place, offer) in Self.offers(text).prefix(2).enumerated() where !asked.contains(offer) && asked.count < most {
      // Letters are remembered until another answer brings others: who comes back asks again.
      if place > 0 { for earlier in questions { _ = session.answer(":why \(earlier)") } }
      follow(questions + [offer], most)
    }
  }

  func check(_ question: String, _ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let place = "\(name)\n:why \(question)\n\(text)"
    #expect(!text.hasPrefix("error") && !text.contains("\nerror"), "\(place)")
    #expect(lines.allSatisfy { $0.displayWidth <= 80 }, "\(place)")
    #expect(Self.hasFormula(lines), "no formula: \(place)")
    #expect(!text.contains("✗"), "\(place)")
    // A number that was lost: not what comes of no number.
    #expect(!lines.contains { $0.contains(" = nan") || $0.contains("(nan") }, "\(place)")
    if question.contains("∂") || question.hasPrefix("partial") {
      // Where a loss bends, as at relu(0), no difference says anything.
      #expect(text.contains("central difference") || name == "cnn", "no check: \(place)")
    }
    _ = PocketCalculator.check(lines, place)
  }

  private static let givens = [
    "given in your line", "given where", "drawn by ", "from ", "a weight: no line computed it", "built in",
    "no number depends",
  ]

  /// Whether an answer says more than a number: a law with letters, a drawing, a table; or where a number that nothing computed is from.
  static func hasFormula(_ lines: [String]) -> Bool {
    if lines.contains(where: { line in givens.contains { line.contains($0) } && !line.contains("from all that follows")
    }) {
      return true
    }
    return lines.contains { line in
      if line.contains("───") || line.contains("⎡") || line.contains("∂²f") || line.contains("puts it in") {
        return true
      }
      if line.contains("stands where its row") || line.contains("g  gradient") || line.contains("g     gradient") {
        return true
      }
      if line.contains("---") || line.contains("matrix product") { return true }
      guard let (_, right) = line.splitOnce(" = ") else { return false }
      let law = right.splitOnce("    ")?.0 ?? right
      // More than a number, and more than the value's own text with places behind it.
      let isNumber =
        law.allSatisfy { $0.isASCII && $0.isNumber || ".e-+ ✓".contains($0) } || ["inf", "-inf", "nan"].contains(law)
      return !isNumber && (law.contains { "+-·/√∑⊙^²³".contains($0) } || law.contains("(") || law.contains("["))
    }
  }
}
