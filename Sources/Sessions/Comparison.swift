/// Compares what a session file says with what the shell answers now.
///
/// Numbers are compared as numbers: at the digits written, and within the tolerance where there is one. Runs of spaces count as
/// one, since the width of a column follows its numbers. A line `…` stands for any lines, `…` behind a space at the end of a line
/// for the rest of the answer up to the next line written, and `0.84…` for a number that begins so.
package struct Comparison {
  /// The relative difference allowed; nil asks for the digits written.
  package var tolerance: Double?
  /// The absolute difference allowed beside it.
  package var absolute: Double?
  package var check: Transcript.BlockWords.Check

  package init(
    tolerance: Double? = nil, absolute: Double? = nil, check: Transcript.BlockWords.Check = .numbers
  ) {
    self.tolerance = tolerance
    self.absolute = absolute
    self.check = check
  }

  /// The first place where two answers differ.
  package struct Difference: Equatable, Sendable {
    /// The line written, and the line now; nil where one of them has ended.
    package var expected: String?
    package var got: String?
    /// The numbers that differ, if it is numbers that differ.
    package var numbers: (expected: Double, got: Double)?
    /// Which line of the expected output.
    package var index: Int
    /// The characters of the line now, from the first that differs to the end of its number or word.
    package var place: Range<Int>?

    package static func == (a: Difference, b: Difference) -> Bool {
      a.expected == b.expected && a.got == b.got && a.index == b.index
    }
  }

  /// The first difference, or nil if the answers agree.
  package func difference(expected: [String], got: [String]) -> Difference? {
    if check == .none { return nil }
    let expected = Self.withoutBlankEnds(expected)
    let got = Self.withoutBlankEnds(got)
    if check == .shape { return shapeDifference(expected, got) }
    // Both sides line by line; where the file elides lines, the first agreement of the rest decides.
    var furthest = Difference(expected: expected.first, got: got.first, numbers: nil, index: 0)
    var reached = -1
    var dead = Set<Int>()
    func match(_ i: Int, _ j: Int) -> Bool {
      if i == expected.count { return j == got.count || note(nil, got[j], nil, i) }
      let key = i * (got.count + 1) + j
      if dead.contains(key) { return false }
      let line = expected[i]
      let elidesRest = check != .exact && (Self.isElision(line) || line.hasSuffix(" …") || line.hasSuffix(" ..."))
      if elidesRest {
        if !Self.isElision(line) {
          guard j < got.count else { return note(line, nil, nil, i) }
          let outcome = compare(trimmedEnd(line.dropLast(line.hasSuffix("…") ? 1 : 3)), got[j], prefix: true)
          guard outcome.agree else { return note(line, got[j], outcome, i) }
        }
        let first = Self.isElision(line) ? j : j + 1
        if first <= got.count { for k in first...got.count where match(i + 1, k) { return true } }
        dead.insert(key)
        return false
      }
      guard j < got.count else { return note(line, nil, nil, i) }
      let outcome = compare(line, got[j], prefix: false)
      if outcome.agree && match(i + 1, j + 1) { return true }
      dead.insert(key)
      return outcome.agree ? false : note(line, got[j], outcome, i)
    }
    func note(_ line: String?, _ now: String?, _ outcome: Outcome?, _ index: Int) -> Bool {
      if index > reached {
        reached = index
        furthest = Difference(
          expected: line, got: now, numbers: outcome?.numbers, index: index, place: outcome?.place)
      }
      return false
    }
    return match(0, 0) ? nil : furthest
  }

  /// Only the first line up to its shape counts.
  private func shapeDifference(_ expected: [String], _ got: [String]) -> Difference? {
    func head(_ lines: [String]) -> Substring? {
      guard let line = lines.first, let end = line.firstIndex(of: "]") else { return lines.first.map { $0[...] } }
      return line[...end]
    }
    return head(expected) == head(got)
      ? nil : Difference(expected: expected.first, got: got.first, numbers: nil, index: 0)
  }

  private static func isElision(_ line: String) -> Bool {
    let bare = trimmed(line)
    return bare == "…" || bare == "..."
  }

  private static func withoutBlankEnds(_ lines: [String]) -> [String] {
    var lines = lines.map { line in String(line.reversed().drop { $0 == " " || $0 == "\r" || $0 == "\r\n" }.reversed())
    }
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  // MARK: One line

  private struct Outcome {
    var agree = true
    var numbers: (expected: Double, got: Double)?
    var place: Range<Int>?
  }

  private func compare(_ expected: String, _ got: String, prefix: Bool) -> Outcome {
    if check == .exact {
      return expected == got ? Outcome() : Outcome(agree: false, place: Self.difference(expected, got, from: 0))
    }
    var left = Pieces(expected)
    var right = Pieces(got)
    while true {
      let start = right.position
      let (a, b) = (left.next(), right.next())
      if case .end = a { if prefix { return Outcome() } }
      switch (a, b) {
      case (.end, .end): return Outcome()
      case (.text(let p), .text(let q)):
        if p == q { continue }
        if prefix, q.hasPrefix(p), case .end = left.next() { return Outcome() }
        return Outcome(agree: false, place: Self.difference(p, q, from: start))
      case (.number(let p), .number(let q)):
        guard agree(p, q) else {
          return Outcome(
            agree: false, numbers: (p.value, q.value), place: Self.difference(p.text, q.text, from: start))
        }
      default: return Outcome(agree: false, place: start..<max(start + 1, right.position))
      }
    }
  }

  /// Where a piece that stands at `start` begins to differ from the one written, to its end.
  private static func difference(_ written: String, _ now: String, from start: Int) -> Range<Int> {
    let common = zip(written, now).prefix { $0 == $1 }.count
    let count = now.count
    return start + min(common, max(0, count - 1))..<start + max(count, 1)
  }

  private func agree(_ expected: Pieces.Number, _ got: Pieces.Number) -> Bool {
    let (e, g) = (expected.value, got.value)
    if e == g || e.isNaN && g.isNaN { return true }
    var difference = (e - g).magnitude
    if expected.isElided {
      if got.text.hasPrefix(expected.text) { return true }
      // Any number that begins so: up to one unit of the last digit further from 0.
      let end = e + (expected.text.hasPrefix("-") ? -1 : 1) * (expected.lastPlace == 0 ? 1 : expected.lastPlace)
      difference = min(difference, (end - g).magnitude)
      return difference <= max((tolerance ?? 0) * e.magnitude, absolute ?? 0) && (tolerance != nil || absolute != nil)
    }
    if let tolerance, difference <= tolerance * e.magnitude { return true }
    if let absolute, difference <= absolute { return true }
    return difference <= expected.lastPlace * 0.500001
  }
}

/// A line cut into numbers and what stands between them.
private struct Pieces {
  enum Piece {
    case text(String)
    case number(Number)
    case end
  }

  struct Number {
    var text: String
    var value: Double
    /// What one unit of the last digit written is worth.
    var lastPlace: Double
    /// Whether `…` stands for further digits.
    var isElided: Bool
  }

  private let characters: [Character]
  private(set) var position = 0

  init(_ line: String) { characters = Array(line) }

  mutating func next() -> Piece {
    guard position < characters.count else { return .end }
    if let number = number(at: position) { return .number(number) }
    var text = ""
    while position < characters.count, !startsNumber(position) {
      let character = characters[position]
      if character != " " || text.last != " " { text.append(character) }
      position += 1
    }
    return .text(text)
  }

  private func isDigit(_ index: Int) -> Bool {
    index < characters.count && ("0"..."9").contains(characters[index])
  }

  /// Digits, or a minus before digits, that do not continue a word.
  private func startsNumber(_ index: Int) -> Bool {
    if index > 0 {
      let before = characters[index - 1]
      if before.isLetter || before == "_" || before.isNumber || before == "." { return false }
      if characters[index] == "-" && (before == ")" || before == "]") { return false }
    }
    return isDigit(index) || characters[index] == "-" && isDigit(index + 1)
  }

  private mutating func number(at start: Int) -> Number? {
    guard startsNumber(start) else { return nil }
    var index = start + (characters[start] == "-" ? 1 : 0)
    var text = characters[start] == "-" ? "-" : ""
    while isDigit(index) || isComma(index) {
      if characters[index] != "," { text.append(characters[index]) }
      index += 1
    }
    var decimals = 0
    if index < characters.count, characters[index] == ".", isDigit(index + 1) {
      text.append(".")
      index += 1
      while isDigit(index) {
        text.append(characters[index])
        index += 1
        decimals += 1
      }
    }
    var exponent = 0
    if index < characters.count, characters[index] == "e" {
      var end = index + 1
      if end < characters.count, characters[end] == "-" || characters[end] == "+" { end += 1 }
      if isDigit(end) {
        while isDigit(end) { end += 1 }
        let written = String(characters[(index + 1)..<end])
        exponent = Int(written) ?? 0
        text += "e" + written
        index = end
      }
    }
    let elided = index < characters.count && characters[index] == "…"
    if elided { index += 1 }
    position = index
    let whole = decimals == 0 && exponent == 0
    return Number(
      text: text, value: Double(text) ?? .nan, lastPlace: whole ? 0 : pow10(exponent - decimals), isElided: elided)
  }

  /// A comma between groups of three digits, as in 1,179,776.
  private func isComma(_ index: Int) -> Bool {
    index < characters.count && characters[index] == "," && isDigit(index + 1) && isDigit(index + 2)
      && isDigit(index + 3) && !isDigit(index + 4)
  }

  private func pow10(_ exponent: Int) -> Double {
    var value = 1.0
    for _ in 0..<min(abs(exponent), 400) { value *= 10 }
    return exponent < 0 ? 1 / value : value
  }
}
