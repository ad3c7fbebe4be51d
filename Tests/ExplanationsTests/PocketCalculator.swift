import Display
import Testing

@testable import Explanations

/// A pocket calculator: it knows numbers as they are printed, and nothing of how they were made.
struct PocketCalculator {
  private var text: [Character]
  private var place = 0

  /// The value of a printed line; nil if something in it is no number, such as a name.
  static func value(_ line: String) -> Double? {
    var calculator = PocketCalculator(text: Array(line.filter { $0 != " " }))
    guard let value = calculator.sum(), calculator.place == calculator.text.count else { return nil }
    return value
  }

  private var next: Character? { place < text.count ? text[place] : nil }

  private mutating func take(_ character: Character) -> Bool {
    guard next == character else { return false }
    place += 1
    return true
  }

  private mutating func sum() -> Double? {
    guard var value = product() else { return nil }
    while let sign = next, sign == "+" || sign == "-" {
      place += 1
      guard let other = product() else { return nil }
      value += sign == "+" ? other : -other
    }
    return value
  }

  private mutating func product() -> Double? {
    let isNegative = take("-")
    guard var value = power() else { return nil }
    if isNegative { value = -value }
    while let sign = next, sign == "·" || sign == "/" {
      place += 1
      guard let other = power() else { return nil }
      value = sign == "·" ? value * other : value / other
    }
    return value
  }

  private mutating func power() -> Double? {
    guard let value = atom() else { return nil }
    if take("²") { return value * value }
    if take("³") { return value * value * value }
    return value
  }

  private mutating func atom() -> Double? {
    if take("(") {
      guard let value = sum(), take(")") else { return nil }
      return value
    }
    if take("√") { return atom().map { $0.squareRoot() } }
    if let character = next, character.isLetter { return function() }
    var digits = ""
    while let character = next {
      let isExponent = digits.last == "e" && (character == "-" || character == "+")
      guard character.isNumber && character.isASCII || character == "." || character == "e" || isExponent else { break }
      digits.append(character)
      place += 1
    }
    return Double(digits)
  }

  private mutating func function() -> Double? {
    var name = ""
    while let character = next, character.isLetter {
      name.append(character)
      place += 1
    }
    guard let rule = elementaryFunction(name), take("(") else { return nil }
    var arguments: [Double] = []
    repeat {
      guard let argument = sum() else { return nil }
      arguments.append(argument)
    } while take(",")
    return take(")") ? rule(arguments) : nil
  }
}

extension PocketCalculator {
  /// Every `=` between two lines or sides of numbers; how many were looked at.
  static func check(_ lines: [String], _ name: String) -> Int {
    var (count, before) = (0, [Double?]())
    var signs: [Bool] = []
    var texts: [String] = []
    // A rung that goes on below is one line.
    var whole: [String] = []
    for line in lines {
      let text = line.drop { $0 == " " }
      if line.count - text.count > 8, let sign = text.first, "+-·/".contains(sign), !text.contains("────"),
        whole.last?.contains(" = ") == true
      {
        whole[whole.count - 1] += " " + text
      } else {
        whole.append(line)
      }
    }
    for line in whole {
      guard let (left, right) = line.splitOnce(" = ") ?? line.splitOnce(" ≈ ") else {
        (before, signs, texts) = ([], [], [])
        continue
      }
      // What follows a wide gap is a remark.
      let rung = right.splitOnce("    ")?.0 ?? right
      let isFirst = left.contains { $0 != " " }
      if isFirst { (before, signs, texts) = ([], [], []) }
      signs.append(line.contains(" ≈ "))
      before.append(PocketCalculator.value(rung))
      texts.append(rung)
      guard before.count > 1, let result = before[before.count - 1],
        texts[texts.count - 1].allSatisfy({ $0.isNumber || ".e-".contains($0) })
      else { continue }
      // Every rung gives the result, unless digits were lost on the way from it.
      for rung in 0..<before.count - 1 {
        guard let value = before[rung], !signs[(rung + 1)...].contains(true) else { continue }
        count += 1
        #expect(
          Calculation.agree(value, result, .plain), "\(name): \(texts[rung]) = \(texts[texts.count - 1])")
      }
    }
    return count
  }
}
