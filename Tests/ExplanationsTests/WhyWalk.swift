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
  mutating func follow(_ question: String, most: Int = 12) {
    var waiting = [question]
    while !waiting.isEmpty, asked.count < most {
      // The nearest first: letters are remembered until another answer brings others.
      let next = waiting.removeFirst()
      guard !asked.contains(next) else { continue }
      asked.append(next)
      let text = session.answer(":why \(next)")
      answers.append((next, text))
      check(next, text)
      waiting = Self.offers(text).prefix(2) + waiting.filter { $0.contains("∂") || $0.contains("partial") }
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
      #expect(text.contains("central difference"), "no check: \(place)")
    }
    _ = PocketCalculator.check(lines, place)
  }

  private static let givens = [
    "given in your line", "drawn by ", "from ", "a weight: no line computed it", "built in", "no number depends",
  ]

  /// Whether an answer says more than a number: a law with letters, a drawing, a table; or where a number that nothing computed is from.
  static func hasFormula(_ lines: [String]) -> Bool {
    if lines.contains(where: { line in givens.contains { line.contains($0) } && !line.contains("from all that follows")
    }) {
      return true
    }
    return lines.contains { line in
      if line.contains("───") { return true }
      guard let (_, right) = line.splitOnce(" = ") else { return false }
      let law = right.splitOnce("    ")?.0 ?? right
      // More than a number, and more than the value's own text with places behind it.
      let isNumber = law.allSatisfy { $0.isNumber || ".e-+ ✓".contains($0) } || ["inf", "-inf", "nan"].contains(law)
      return !isNumber && (law.contains { "+-·/√∑⊙^²³".contains($0) } || law.contains("(") || law.contains("["))
    }
  }
}
