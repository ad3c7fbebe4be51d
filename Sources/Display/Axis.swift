#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One axis of a plot: its range, and the round numbers marked on it.
struct Axis: Sendable {
  let low, high: Double
  let ticks: [Double]

  /// The axis for some numbers; what is not finite is left aside.
  /// - Parameter count: about how many ticks there should be.
  /// - Parameter widened: whether the range reaches to the ticks around the numbers.
  init(_ numbers: some Sequence<Double>, ticks count: Int, widened: Bool) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for number in numbers where number.isFinite {
      low = min(low, number)
      high = max(high, number)
    }
    if low > high { (low, high) = (0, 1) }
    if low == high {
      let half = low == 0 ? 0.5 : low.magnitude / 2
      (low, high) = (max(low - half, -.greatestFiniteMagnitude), min(high + half, .greatestFiniteMagnitude))
    }
    let step = Self.roundStep((high - low) / Double(max(1, count)))
    guard let step, (low / step).magnitude < 1e15, (high / step).magnitude < 1e15 else {
      (self.low, self.high, ticks) = (low, high, [low, high])
      return
    }
    // A hair's breadth, so that 0.3 / 0.1 is 3.
    let hair = widened ? 1e-9 : -1e-9
    let first = Int((low / step + hair).rounded(widened ? .down : .up))
    let last = Int((high / step - hair).rounded(widened ? .up : .down))
    let marks = first <= last ? (first...last).map { Double($0) * step } : [low, high]
    (self.low, self.high) = widened ? (min(low, marks.first!), max(high, marks.last!)) : (low, high)
    ticks = marks
  }

  /// Where a number stands, from 0 at the low end to 1 at the high end.
  func place(_ number: Double) -> Double { Self.place(number, from: low, to: high) }

  /// Where a number stands between two others, from 0 to 1; it holds for the largest and the smallest numbers there
  /// are.
  static func place(_ number: Double, from low: Double, to high: Double) -> Double {
    let length = high - low
    let place = length.isFinite ? (number - low) / length : (number / 2 - low / 2) / (high / 2 - low / 2)
    return place.isNaN ? 0 : min(max(place, 0), 1)
  }

  /// 1, 2 or 5 times a power of ten, at least `raw`.
  private static func roundStep(_ raw: Double) -> Double? {
    guard raw.isFinite, raw > 1e-300 else { return nil }
    let power = floor(log10(raw))
    for factor in [1.0, 2, 5, 10] {
      let step = power < 0 ? factor / pow(10, -power) : factor * pow(10, power)
      if step >= raw * (1 - 1e-12) { return step }
    }
    return nil
  }

  /// The ticks as they are printed, all with the same number of decimals.
  func labels(_ style: Style) -> [String] {
    let family = NumberFamily(of: ticks, format: NumberFormat(digits: max(6, style.digits)))
    return ticks.map(family.text)
  }
}
