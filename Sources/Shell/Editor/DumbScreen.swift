import Display

/// One row on a terminal that knows carriage return and nothing else: the line with the cursor, scrolled sideways to fit.
struct DumbScreen {
  private var shown = ""
  private var width = 0

  /// What to write so that `cells` is seen with the cursor before cell `cursor`; nothing when it is there already.
  mutating func paint(_ cells: [Unicode.Scalar], cursor: Int, columns: Int) -> String {
    var start = 0
    while cells[start..<cursor].reduce(0, { $0 + Layout.width(of: $1) }) > columns - 2 { start += columns / 2 }
    start = min(start, cursor)
    var before = String.UnicodeScalarView()
    var all = String.UnicodeScalarView()
    var used = 0
    for (index, scalar) in cells[start...].enumerated() {
      used += Layout.width(of: scalar)
      if used >= columns {
        used -= Layout.width(of: scalar)
        break
      }
      let isControl = scalar.value < 0x20 || scalar.value == 0x7F
      let glyph: [Unicode.Scalar] =
        isControl
        ? ["^", Unicode.Scalar(UInt8(scalar.value) ^ 0x40)] : Array(String(Character(scalar)).visible.unicodeScalars)
      all.append(contentsOf: glyph)
      if start + index < cursor { before.append(contentsOf: glyph) }
    }
    // The text again up to the cursor is the only way to get there.
    let blanks = String(repeating: " ", count: max(0, width - used))
    let needsReturn = !blanks.isEmpty || before.count != all.count
    let text = String(all) + blanks + (needsReturn ? "\r" + String(before) : "")
    guard text != shown else { return "" }
    shown = text
    width = used
    return "\r" + text
  }
}
