/// How the numbers of one tensor are printed: all with the same number of digits after the point, so that their points
/// align (R3).
///
/// The largest number decides. Zeros at the end that all share are dropped where all numbers are exact at that length.
/// If a number that is not zero would print as zero, or if the largest one is out of the range of plain notation, all
/// go to e-notation.
package struct NumberFamily: Sendable, Hashable {
  package enum Notation: Sendable, Hashable {
    case plain(decimals: Int)
    case scientific(decimals: Int)
  }

  package let notation: Notation
  package let format: NumberFormat

  /// The common notation of the finite ones among `numbers`.
  package init(of numbers: some Collection<Double>, format: NumberFormat) {
    self.format = format
    let finite = numbers.filter(\.isFinite)
    let largest = finite.reduce(0) { max($0, $1.magnitude) }
    if largest == 0 {
      notation = .plain(decimals: 0)
      return
    }
    let exact = finite.map { DecimalDigits($0, format.precision) }
    let exponent = DecimalDigits(largest, format.precision).rounded(significant: format.digits).exponent
    let isOutOfRange = exponent < -4 || exponent >= 9 || exponent >= 6 && !exact.allSatisfy(\.isWhole)
    let decimals = format.decimals(for: largest)
    let rounded = exact.map { $0.rounded(decimals: decimals) }
    if isOutOfRange || zip(exact, rounded).contains(where: { !$0.isZero && $1.isZero }) {
      notation = .scientific(decimals: Self.scientificDecimals(exact, finite, format))
      return
    }
    let areExact = zip(finite, rounded).allSatisfy {
      ($0 - $1.value).magnitude <= format.precision.exactness * largest
    }
    notation = .plain(decimals: areExact ? rounded.map(\.decimals).max() ?? 0 : decimals)
  }

  /// The fewest digits after the point, at least one, that give every number exactly; at most the session's.
  private static func scientificDecimals(
    _ exact: [DecimalDigits], _ numbers: [Double], _ format: NumberFormat
  ) -> Int {
    let most = max(1, format.digits - 1)
    for count in 1..<max(2, most) {
      let areExact = zip(exact, numbers).allSatisfy {
        format.isExact($0.rounded(significant: count + 1).value, $1)
      }
      if areExact { return min(count, most) }
    }
    return most
  }

  /// One number of the family.
  package func text(_ number: Double) -> String {
    switch notation {
    case .plain(let decimals): format.text(number, decimals: decimals)
    case .scientific(let decimals): format.scientificText(number, decimals: decimals)
    }
  }

  package var isScientific: Bool {
    if case .scientific = notation { true } else { false }
  }
}
