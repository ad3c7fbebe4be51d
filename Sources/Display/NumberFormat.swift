/// How one number is printed: the session's significant digits, and zeros only where they say something (R2).
///
/// - `1.25` is that number; `0.65900` is near it: zeros at the end are dropped where the number *is* the short decimal,
///   to
///   1e-12 of itself (1e-6 in f32), and kept where they came from rounding.
/// - Plain notation from 1e-4 to 1e6, whole numbers below 1e9 in full, all else as `3.2500e-9`, which can be typed
///   back.
/// - Half goes to even, `-0` is `0`, and what is no number is `inf`, `-inf`, `nan`.
package struct NumberFormat: Sendable, Hashable {
  /// The significant digits, at least one.
  package var digits: Int
  package var precision: Precision

  package init(digits: Int = 5, precision: Precision = .f64) {
    self.digits = max(1, digits)
    self.precision = precision
  }

  package init(_ style: Style) {
    self.init(digits: style.digits, precision: style.precision)
  }

  /// The number by the rules above.
  package func text(_ number: Double) -> String {
    guard number.isFinite else { return Self.nameOfNonFinite(number) }
    let exact = DecimalDigits(number, precision)
    if exact.isZero { return "0" }
    if exact.isWhole && exact.exponent < 9 { return exact.plain(decimals: 0) }
    let rounded = exact.rounded(significant: digits)
    let length = isExact(rounded.value, number) ? rounded.digits.count : digits
    if rounded.exponent < -4 || rounded.exponent >= 6 { return rounded.scientific(decimals: length - 1) }
    return rounded.plain(decimals: max(0, length - 1 - rounded.exponent))
  }

  /// The number with a fixed number of digits after the point.
  package func text(_ number: Double, decimals: Int) -> String {
    guard number.isFinite else { return Self.nameOfNonFinite(number) }
    return DecimalDigits(number, precision).rounded(decimals: decimals).plain(decimals: decimals)
  }

  /// The number with a fixed number of digits after the point, or fewer where it *is* that short decimal.
  package func shortText(_ number: Double, decimals: Int) -> String {
    guard number.isFinite else { return Self.nameOfNonFinite(number) }
    let rounded = DecimalDigits(number, precision).rounded(decimals: decimals)
    return rounded.plain(decimals: isExact(rounded.value, number) ? rounded.decimals : decimals)
  }

  /// The number in e-notation with a fixed number of digits after the point; zero is `0.0e0`.
  package func scientificText(_ number: Double, decimals: Int) -> String {
    guard number.isFinite else { return Self.nameOfNonFinite(number) }
    return DecimalDigits(number, precision).rounded(significant: decimals + 1).scientific(decimals: decimals)
  }

  /// The number as it stands in tables of norms: three digits, two and e-notation below 1e-3 and from 1e4, zeros kept.
  package static func norm(_ number: Double) -> String {
    guard number.isFinite else { return nameOfNonFinite(number) }
    let exact = DecimalDigits(number)
    if exact.isZero { return "0" }
    if number.magnitude < 1e-3 || number.magnitude >= 1e4 {
      return exact.rounded(significant: 2).scientific(decimals: 1)
    }
    let rounded = exact.rounded(significant: 3)
    return rounded.plain(decimals: max(0, 2 - rounded.exponent))
  }

  /// A count with commas, for tables: `1,179,776`.
  package static func count(_ number: Int) -> String {
    let text = String(number.magnitude)
    var result = number < 0 ? "-" : ""
    for (offset, digit) in text.enumerated() {
      if offset > 0 && (text.count - offset) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return result
  }

  /// A share of one in percent: `1.5 %`, `98.3 %`.
  package static func percent(_ share: Double, decimals: Int = 1) -> String {
    NumberFormat().text(100 * share, decimals: decimals) + " %"
  }

  /// The digits after the point that show a number with all significant digits of the session.
  package func decimals(for number: Double) -> Int {
    guard number.isFinite, number != 0 else { return 0 }
    return max(0, digits - 1 - DecimalDigits(number, precision).rounded(significant: digits).exponent)
  }

  /// Whether a number is the short decimal, to the precision's exactness.
  package func isExact(_ short: Double, _ number: Double) -> Bool {
    (short - number).magnitude <= precision.exactness * max(short.magnitude, number.magnitude)
  }

  static func nameOfNonFinite(_ number: Double) -> String {
    number.isNaN ? "nan" : number > 0 ? "inf" : "-inf"
  }
}

extension Style {
  /// A number at the session's digits and precision.
  package func number(_ number: Double) -> String { NumberFormat(self).text(number) }
}
