/// Bars of one line.
package enum Bar {
  /// How far something has come: `━━━━━━━╸────────────`.
  package static func progress(_ fraction: Double, width: Int = 20, _ style: Style = .plain) -> String {
    let halves = Int((2 * Double(width) * clamped(fraction)).rounded(.toNearestOrEven))
    let full = String(repeating: style.glyph("━", "="), count: halves / 2)
    let tip = halves % 2 == 1 ? style.glyph("╸", ">") : ""
    return full + tip + String(repeating: style.glyph("─", "-"), count: width - halves / 2 - halves % 2)
  }

  /// How much of a whole, in full blocks: `█████`; nothing where it rounds to none.
  package static func blocks(_ share: Double, width: Int = 10, _ style: Style = .plain) -> String {
    let count = Int((Double(width) * clamped(share)).rounded(.toNearestOrEven))
    return String(repeating: style.glyph("█", "@"), count: count)
  }

  private static func clamped(_ share: Double) -> Double { share.isNaN ? 0 : min(max(share, 0), 1) }
}
