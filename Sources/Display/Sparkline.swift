/// Curves and distributions in one line of block heights.
package enum Sparkline {
  /// The eight heights, and the characters that stand for them in ASCII.
  package static func heights(_ style: Style = .plain) -> [Character] {
    Array(style.glyph("▁▂▃▄▅▆▇█", ".:-=+*#@"))
  }

  /// One height a number, from the least to the greatest; a number that is not finite is blank.
  package static func text(
    _ numbers: [Double], from least: Double? = nil, to greatest: Double? = nil, _ style: Style = .plain
  )
    -> String
  {
    let finite = numbers.filter(\.isFinite)
    let low = least ?? finite.min() ?? 0
    let high = greatest ?? finite.max() ?? 0
    let heights = heights(style)
    return String(
      numbers.map { number in
        guard number.isFinite else { return " " }
        guard high > low else { return heights[0] }
        return heights[min(Int(8 * Axis.place(number, from: low, to: high)), 7)]
      })
  }

  /// A curve at no more than `width` places, the first and the last among them.
  package static func curve(_ numbers: [Double], width: Int = 20, _ style: Style = .plain) -> String {
    guard numbers.count > width, width > 1 else { return text(numbers, style) }
    let places = (0..<width).map { place in
      Int((Double(place * (numbers.count - 1)) / Double(width - 1)).rounded(.toNearestOrEven))
    }
    return text(places.map { numbers[$0] }, style)
  }

  /// How numbers are distributed, from minus to plus the largest magnitude, the middle bin round zero.
  ///
  /// Heights are the square roots of the shares, so that single numbers are seen; an empty bin is blank.
  package static func histogram(_ numbers: [Double], bins: Int = 9, _ style: Style = .plain) -> String {
    let finite = numbers.filter(\.isFinite)
    let largest = finite.reduce(0) { max($0, $1.magnitude) }
    if largest == 0 { return finite.isEmpty ? "none" : "all zero" }
    let counts = Histogram.counts(finite, from: -largest, to: largest, bins: bins)
    let most = Double(counts.max() ?? 1)
    let heights = heights(style)
    return String(
      counts.map { count in
        if count == 0 { return " " }
        let height = Int((8 * (Double(count) / most).squareRoot()).rounded(.up))
        return heights[min(max(height, 1), 8) - 1]
      })
  }
}

/// Counting numbers into bins of equal width.
package enum Histogram {
  /// How many of the numbers fall into each bin; the last bin holds its upper end.
  package static func counts(_ numbers: [Double], from low: Double, to high: Double, bins: Int) -> [Int] {
    precondition(bins > 0)
    var counts = Array(repeating: 0, count: bins)
    for number in numbers where number >= low && number <= high {
      let place = high > low ? Axis.place(number, from: low, to: high) * Double(bins) : 0
      counts[min(Int(place), bins - 1)] += 1
    }
    return counts
  }
}
