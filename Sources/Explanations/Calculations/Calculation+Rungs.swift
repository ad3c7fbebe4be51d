import Display

/// One line in numbers, `a·b + c = d`, true as printed: typed into a calculator, what stands left of the sign gives what stands
/// right of it.
package struct PrintedEquation {
  /// `0.9·(-2.3333) + 0.1·(-23.240)`
  package let left: String
  /// `-4.4240`
  package let right: String
  /// Whether no four digits more made it true: the sign is `≈`.
  package let isApproximate: Bool
  /// The digits each number got beyond those of the session.
  let more: Int

  /// `left = right`.
  package var text: String { "\(left) \(isApproximate ? "≈" : "=") \(right)" }
}

extension Calculation {
  /// Four digits more than the session's are the most that a line gets.
  static let mostDigitsMore = 4

  /// The numbers put in, and the value: one line that obeys rule R1. A sum over an index is written out.
  package func equation(_ style: Style) -> PrintedEquation {
    inNumbers.withColumns(style).printed(style, result: value)
  }

  /// This line with the fewest digits that make it true; `result` is what stands right of the sign.
  func printed(_ style: Style, result: Double) -> PrintedEquation {
    let right = style.number(result)
    for more in 0...Self.mostDigitsMore {
      let digits = Digits(style, more: more)
      if gives(result, digits, style) {
        return PrintedEquation(left: text(digits), right: right, isApproximate: false, more: more)
      }
    }
    return PrintedEquation(
      left: text(Digits(style, more: Self.mostDigitsMore)), right: right, isApproximate: true,
      more: Self.mostDigitsMore)
  }

  /// Whether the digits as printed give the result to the digits of the session.
  private func gives(_ result: Double, _ digits: Digits, _ style: Style) -> Bool {
    guard result.isFinite else { return true }
    let value = value(digits.printed)
    return value.isFinite && Self.agree(value, result, style)
  }

  /// Whether two numbers are the same when rounded to the session's digits.
  static func agree(_ value: Double, _ result: Double, _ style: Style) -> Bool {
    let format = NumberFormat(digits: style.digits, precision: .f64)
    // Fifteen digits are what decimal arithmetic would have: a half stays a half.
    let decimal = NumberFormat(digits: 15).scientificText(value, decimals: 14)
    let (a, b) = (format.scientificText(Double(decimal) ?? value, decimals: style.digits - 1), style.number(result))
    return Double(a) == Double(b)
      || Double(a) == Double(format.scientificText(Double(b) ?? 0, decimals: style.digits - 1))
  }

  /// The tree with numbers for names and terms for sums over an index.
  var inNumbers: Calculation {
    switch self {
    case .number, .term: self
    case .read(_, let number): .number(number)
    case .named(_, let inner): inner.inNumbers
    case .series(let series): .sum((0..<series.count).map { series.term($0).inNumbers })
    case .sum(let parts):
      // A sum in a sum is one sum.
      .sum(
        parts.flatMap { part -> [Calculation] in
          let inner = part.inNumbers
          if case .sum(let more) = inner, part.isSeries { return more }
          return [inner]
        })
    default: mapChildren { $0.inNumbers }
    }
  }

  private var isSeries: Bool { if case .series = self { true } else { false } }

  /// The rewritings in numbers, from the factors to the value.
  ///
  /// The order is that of R5: factors, terms, inner result, result. A rung that says what the one before it said is left out.
  package func rungs(_ style: Style) -> [Ladder.Rung] {
    let result = value
    var stages = [inNumbers.withColumns(style)]
    if let terms = stages[0].withTerms(style) { stages.append(terms) }
    let added = stages[stages.count - 1].withSums()
    if !added.isNumber { stages.append(added) }
    while let next = stages[stages.count - 1].collapsed(), !next.isNumber { stages.append(next) }
    var rungs: [Ladder.Rung] = []
    let right = style.number(result)
    // A line that lost digits is followed by `≈`: the sign stands before what it gives.
    var isApproximate = false
    for (index, stage) in stages.enumerated() where index == 0 && hasNames || !stage.isTrivial {
      let printed = stage.printed(style, result: result)
      guard printed.left != right, printed.left != rungs.last?.value.text else { continue }
      rungs.append(Ladder.Rung(Line(printed.left), isApproximate: isApproximate))
      isApproximate = printed.isApproximate
    }
    rungs.append(Ladder.Rung(Line(right, .result), isApproximate: isApproximate))
    if rungs.contains(where: \.isApproximate), let lost = lostDigits {
      rungs[rungs.count - 1].remark = "\(lost) digits cancel"
    }
    return rungs
  }

  /// How many digits the largest sum loses when its terms cancel.
  private var lostDigits: Int? {
    var most = 0
    inNumbers.walk { part in
      guard case .sum(let terms) = part else { return }
      var (largest, total) = (terms.reduce(0) { max($0, $1.value.magnitude) }, part.value.magnitude)
      var lost = 0
      while total > 0, largest >= 10 * total, lost < 17 { (largest, lost) = (largest / 10, lost + 1) }
      most = max(most, lost)
    }
    return most > 0 ? most : nil
  }

  /// Every term of the outermost sums as one number; nil if they are numbers already or only one is not 0.
  private func withTerms(_ style: Style) -> Calculation? {
    var isChanged = false
    func change(_ part: Calculation) -> Calculation {
      guard case .sum(let terms) = part else { return part.mapChildren(change) }
      if terms.allSatisfy(\.isSigned) { return part }
      let values = terms.map(\.value)
      if values.count(where: { $0 != 0 }) < 2 && terms.count > 1 { return part }
      isChanged = true
      return Self.column(terms.map(\.asTerm), style)
    }
    let changed = change(self)
    return isChanged ? changed : nil
  }

  /// Terms with more zeros behind the point are written with powers of ten.
  private static let mostZeros = 6

  /// A sum of numbers, its terms at the decimal place of its total.
  private static func column(_ values: [Double], _ style: Style) -> Calculation {
    let total = added(values)
    let decimals = NumberFormat(style).decimals(
      for: total == 0 ? values.max { $0.magnitude < $1.magnitude } ?? 0 : total)
    let format = NumberFormat(style)
    // So small numbers stand with their powers of ten.
    if decimals > style.digits + mostZeros { return .sum(values.map { .number($0) }) }
    // What is not zero is not printed as zero: a small term keeps its own digits.
    return .sum(
      values.map {
        $0 != 0 && Double(format.text($0, decimals: decimals)) == 0 ? .number($0) : .term($0, decimals: decimals)
      })
  }

  /// Sums of nothing but numbers have terms at the place of their total from the beginning.
  private func withColumns(_ style: Style) -> Calculation {
    if case .sum(let terms) = self, terms.count > 1, terms.allSatisfy(\.isSigned) {
      return Self.column(terms.map(\.asTerm), style)
    }
    return mapChildren { $0.withColumns(style) }
  }

  /// The value as a term: -0 only where a zero is taken away.
  private var asTerm: Double {
    if case .negative = self { return value }
    return value == 0 ? 0 : value
  }

  private var isSigned: Bool {
    if case .negative(let inner) = self { return inner.isNumber }
    return isNumber
  }

  /// Every outermost sum as one number.
  private func withSums() -> Calculation {
    if case .sum = self { return .number(value) }
    return mapChildren { $0.withSums() }
  }

  /// What can be calculated next, calculated: operations on numbers alone; a sign and a root go along.
  private func collapsed() -> Calculation? {
    if isNumber { return nil }
    if case .negative(let inner) = self, inner.children.allSatisfy(\.isPlain) { return .number(value) }
    if children.allSatisfy(\.isPlain) { return .number(value) }
    return mapChildren { $0.collapsed() ?? $0 }
  }

  /// A number, or a root or power of a typed number, which is read like one.
  private var isPlain: Bool {
    switch self {
    case .number, .term: true
    case .negative(let inner): inner.isPlain
    case .call("√", let inner, _): inner[0].isNumber
    case .call(_, let arguments, _): arguments.isEmpty
    case .power(let base, let exponent): base.isNumber && exponent.isNumber
    default: false
    }
  }

  /// Whether what is printed first are names.
  private var hasNames: Bool {
    var found = false
    walk { if case .read = $0 { found = true } }
    return found
  }

  /// `1·0.41897`, which says no more than the number does.
  private var isTrivial: Bool {
    if case .product(let factors) = self, factors.allSatisfy(\.isNumber) {
      return factors.count(where: { $0.value != 1 }) < 2 && factors.contains { $0.value == 1 }
    }
    return false
  }

  /// The ladder of a named number: the calculation with its names, then rung by rung in numbers.
  ///
  /// - Parameter remark: what stands beside the result.
  package func ladder(
    _ subject: String, _ style: Style, law: [String]? = nil, remark: String = "", remarkColumn: Int? = nil
  ) -> Ladder {
    var rungs = (law ?? [text(style)]).map { Ladder.Rung(Line($0)) }
    let numbers = self.rungs(style)
    for (index, rung) in numbers.enumerated() {
      if index == 0, rung.value.text == rungs.last?.value.text {
        rungs[rungs.count - 1] = rung
      } else {
        rungs.append(rung)
      }
    }
    if !remark.isEmpty { rungs[rungs.count - 1].remark = remark }
    return Ladder(Line(subject, .name), rungs, remarkColumn: remarkColumn)
  }
}
