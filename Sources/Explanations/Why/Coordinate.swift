import Language

/// One index of an element: a number, or still a letter.
struct Coordinate {
  /// As it is written between the brackets: `0`, `k`, `1+k`.
  let text: String
  let number: Int?

  init(_ number: Int) { (text, self.number) = (String(number), number) }
  init(letter: String) { (text, number) = (letter, nil) }
  init(_ text: String, _ number: Int?) { (self.text, self.number) = (text, number) }

  /// Whether it is a small calculation, which wants a space before it.
  var isLong: Bool { number == nil && text.contains { "+-*".contains($0) } }
}

extension [Coordinate] {
  /// `[0,2]`; nothing for a number.
  var text: String { isEmpty ? "" : "[" + map(\.text).joined(separator: contains { $0.isLong } ? ", " : ",") + "]" }
  /// All of them, if none is a letter.
  var numbers: [Int]? {
    let known = compactMap(\.number)
    return known.count == count ? known : nil
  }

  /// All of them, for a law that says nothing of letters.
  func allNumbers() throws(Diagnostic) -> [Int] {
    guard let numbers else { throw Diagnostic("E0810", "letters have no number yet") }
    return numbers
  }
}
