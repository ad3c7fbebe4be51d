import Display

/// How the numbers of one printed line are written: significant digits, and more decimals for terms that would not add up.
struct Digits {
  var format: NumberFormat
  /// Added to the decimals of terms.
  var more = 0

  /// With so many digits more than the session shows.
  init(_ style: Style, more: Int = 0) {
    format = NumberFormat(digits: style.digits + more, precision: style.precision)
    self.more = min(more, 3)
  }

  func text(_ number: Double, decimals: Int?) -> String {
    decimals.map { format.shortText(number, decimals: $0 + more) } ?? format.text(number)
  }

  /// The number that the printed digits are.
  func printed(_ number: Double, decimals: Int?) -> Double {
    number.isFinite ? Double(text(number, decimals: decimals)) ?? number : number
  }
}

extension Calculation {
  /// How tightly the outermost operation binds: 1 a sum, 2 a product or quotient, 3 a sign, 4 a power, 5 an atom.
  private enum Strength: Int {
    case sum = 1
    case product, sign, power, atom
  }

  /// The calculation with its names.
  package func text(_ style: Style = .plain) -> String { written(Digits(style), isStart: true).text }

  /// The text in numbers; `isStart` where a bare minus may stand.
  func text(_ digits: Digits) -> String { written(digits, isStart: true).text }

  private func written(_ digits: Digits, isStart: Bool) -> (text: String, strength: Strength) {
    switch self {
    case .number(let number): return Self.signed(digits.text(number, decimals: nil))
    case .term(let number, let decimals): return Self.signed(digits.text(number, decimals: decimals))
    case .read(let name, _), .named(let name, _):
      let isOpen = name.contains("∑") || name.contains(" ") && !name.isClosed
      return (name, isOpen ? .sum : name.contains("/") && !name.isClosed ? .atom : .atom)
    case .negative(let inner):
      let (text, strength) = inner.written(digits, isStart: false)
      return ("-" + (strength.rawValue <= Strength.sign.rawValue ? "(\(text))" : text), .sign)
    case .sum(let terms):
      guard terms.count > 1 else { return terms.first?.written(digits, isStart: isStart) ?? ("0", .atom) }
      var result = ""
      for (index, term) in terms.enumerated() { term.append(to: &result, digits, isFirst: index == 0) }
      return (result, .sum)
    case .product(let factors):
      guard factors.count > 1 else { return factors.first?.written(digits, isStart: isStart) ?? ("1", .atom) }
      let texts = factors.enumerated().map { index, factor in
        var (text, strength) = factor.written(digits, isStart: isStart && index == 0)
        if case .series = factor { strength = .sum }
        let isBare = index == 0 && isStart && strength == .sign && factor.isNumber
        // A quotient inside a product keeps its parentheses: a·(b / c).
        if case .quotient = factor { strength = .sum }
        return strength.rawValue < Strength.power.rawValue && !isBare ? "(\(text))" : text
      }
      return (texts.joined(separator: "·"), .product)
    case .quotient(let above, let below):
      let first = above.written(digits, isStart: isStart)
      let second = below.written(digits, isStart: false)
      let isBare = first.strength.rawValue >= Strength.product.rawValue && (first.strength != .sign || isStart)
      return (
        (isBare ? first.text : "(\(first.text))") + " / "
          + (second.strength.rawValue >= Strength.power.rawValue ? second.text : "(\(second.text))"), .product
      )
    case .power(let base, let exponent):
      let (text, strength) = base.written(digits, isStart: false)
      let inner = strength == .atom ? text : "(\(text))"
      if case .number(let number) = exponent, let whole = Int(exactly: number), (0..<1000).contains(whole) {
        return (inner + String(String(whole).map { "⁰¹²³⁴⁵⁶⁷⁸⁹"[$0] }), .power)
      }
      let (raised, level) = exponent.written(digits, isStart: true)
      return (inner + "^" + (level.rawValue >= Strength.sign.rawValue ? raised : "(\(raised))"), .power)
    case .call("√", let arguments, _) where arguments.count == 1:
      let (text, strength) = arguments[0].written(digits, isStart: true)
      return ("√" + (strength == .atom ? text : "(\(text))"), .power)
    case .call("|", let arguments, _) where arguments.count == 1:
      return ("|" + arguments[0].written(digits, isStart: true).text + "|", .atom)
    case .call(let name, let arguments, _):
      return (
        name + "(" + arguments.map { $0.written(digits, isStart: true).text }.joined(separator: ", ") + ")", .atom
      )
    case .series(let series):
      let (text, strength) = series.body.written(digits, isStart: false)
      return ("∑[\(series.letters)] " + (strength == .sum ? "(\(text))" : text), .product)
    }
  }

  /// A term behind others: its sign becomes the operator.
  private func append(to result: inout String, _ digits: Digits, isFirst: Bool) {
    var (text, strength) = written(digits, isStart: isFirst)
    var sign = "+"
    if case .negative(let inner) = self, !isFirst {
      (text, strength) = inner.written(digits, isStart: false)
      sign = "-"
      if strength == .sign || strength == .sum { text = "(\(text))" }
    } else if isNumber, strength == .sign, !isFirst {
      (text, sign) = (String(text.dropFirst()), "-")
    } else if isNumber, value == 0, value.sign == .minus, !isFirst {
      sign = "-"
    } else if strength == .sum {
      text = isFirst ? text : "(\(text))"
    } else if strength == .sign, !isFirst {
      text = "(\(text))"
    }
    result += isFirst ? text : " \(sign) \(text)"
  }

  private static func signed(_ text: String) -> (String, Strength) { (text, text.hasPrefix("-") ? .sign : .atom) }
}

extension String {
  private static let pairs: [Character: Character] = ["(": ")", "[": "]"]

  /// Whether every operator in it stands in brackets or brackets close it: `(h ++ x)[k]`, `f(a + b)`.
  fileprivate var isClosed: Bool {
    var depth = 0
    for character in self {
      if Self.pairs[character] != nil { depth += 1 }
      if character == ")" || character == "]" { depth -= 1 }
      if character == " ", depth == 0 { return false }
    }
    return true
  }

  fileprivate subscript(digit: Character) -> Character {
    self[index(startIndex, offsetBy: digit.wholeNumberValue ?? 0)]
  }
}
