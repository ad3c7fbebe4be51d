/// A number as decimal digits, `±d₁.d₂d₃… · 10^exponent`, that can be rounded without a second rounding error.
///
/// It is made from the shortest decimal that reads back as the same binary number, which is the number a person typed
/// or would type: `2.675` rounds to `2.68`, though the binary number is a little below. Half goes to even.
struct DecimalDigits: Sendable, Equatable {
  var isNegative = false
  /// The digits from the first that is not zero to the last that is not zero; empty for zero.
  var digits: [UInt8] = []
  /// The power of ten of the first digit.
  var exponent = 0

  /// The digits of a finite number.
  init(_ number: Double, _ precision: Precision = .f64) {
    precondition(number.isFinite)
    if number == 0 { return }
    isNegative = number < 0
    var text = number.magnitude.description
    if precision == .f32 {
      // A number too large or too small for f32 keeps the digits it has in f64.
      let single = Float(number.magnitude)
      if single.isFinite && single != 0 { text = single.description }
    }
    var power = 0
    var pointAt: Int?
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "."): pointAt = digits.count
      case UInt8(ascii: "e"):
        power = Int(String(decoding: rest, as: UTF8.self)) ?? 0
        rest = rest[rest.endIndex...]
      default: digits.append(byte - UInt8(ascii: "0"))
      }
    }
    exponent = (pointAt ?? digits.count) - 1 + power
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    exponent -= leading
    dropTrailingZeros()
    if digits.isEmpty { (isNegative, exponent) = (false, 0) }
  }

  var isZero: Bool { digits.isEmpty }

  /// Whether no digit stands after the point.
  var isWhole: Bool { isZero || digits.count <= exponent + 1 }

  /// The nearest number with at most `count` significant digits.
  func rounded(significant count: Int) -> DecimalDigits {
    if digits.count <= count { return self }
    var result = self
    if count < 0 {
      (result.isNegative, result.digits, result.exponent) = (false, [], 0)
      return result
    }
    let dropped = digits[count...]
    result.digits.removeSubrange(count...)
    let isHalf = dropped.first == 5 && dropped.count == 1
    let goesUp = isHalf ? (result.digits.last ?? 0) % 2 == 1 : dropped.first! >= 5
    if goesUp { result.increment() }
    result.dropTrailingZeros()
    if result.digits.isEmpty { (result.isNegative, result.exponent) = (false, 0) }
    return result
  }

  /// The nearest number with at most `count` digits after the point.
  func rounded(decimals count: Int) -> DecimalDigits {
    isZero ? self : rounded(significant: exponent + 1 + count)
  }

  /// Adds one unit in the last digit kept.
  private mutating func increment() {
    var index = digits.count - 1
    while index >= 0 && digits[index] == 9 {
      digits[index] = 0
      index -= 1
    }
    if index >= 0 {
      digits[index] += 1
    } else {
      digits.insert(1, at: 0)
      exponent += 1
    }
  }

  private mutating func dropTrailingZeros() {
    while digits.last == 0 { digits.removeLast() }
  }

  /// In plain notation with `count` digits after the point, the number being no longer than that.
  func plain(decimals count: Int) -> String {
    var text = isNegative ? "-" : ""
    let first = max(exponent, 0)
    for power in stride(from: first, through: -count, by: -1) {
      if power == -1 { text += "." }
      let index = exponent - power
      text += String(isZero || index < 0 || index >= digits.count ? 0 : digits[index])
    }
    return text
  }

  /// In e-notation with `count` digits after the point, as it can be typed: `3.0e-9`.
  func scientific(decimals count: Int) -> String {
    var text = isNegative ? "-" : ""
    for index in 0...max(0, count) {
      if index == 1 { text += "." }
      text += String(index < digits.count ? digits[index] : 0)
    }
    return text + "e\(exponent)"
  }

  /// The digits after the point that plain notation needs.
  var decimals: Int { isZero ? 0 : max(0, digits.count - 1 - exponent) }

  /// The binary number nearest to it.
  var value: Double {
    isZero ? 0 : Double(scientific(decimals: digits.count - 1)) ?? .infinity
  }
}
