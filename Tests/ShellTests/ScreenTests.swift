import Testing

@testable import Shell

@Suite("Where characters stand and how they get there")
struct ScreenTests {
  init() { Terminal.prepareLocale() }

  private func layout(_ text: String, at cursor: Int, columns: Int = 10) -> Layout {
    Layout(text: Array(text.unicodeScalars), cursor: cursor, columns: columns, firstPrompt: 4, restPrompt: 4)
  }

  @Test("A full row leaves the cursor at the start of the next")
  func fullRow() {
    let full = layout("123456", at: 6)
    #expect((full.cursorRow, full.cursorColumn) == (1, 0))
    #expect(full.rows.map(\.width) == [10, 0])
    let inside = layout("123456", at: 5)
    #expect((inside.cursorRow, inside.cursorColumn) == (0, 9))
  }

  @Test("A wide character that does not fit goes to the next row, the cursor with it")
  func wideAtTheEdge() {
    let wide = layout("12345深", at: 5)
    #expect((wide.cursorRow, wide.cursorColumn) == (1, 0))
    #expect(wide.rows.map(\.width) == [9, 2])
  }

  @Test("Each line of the text begins behind its prompt")
  func lines() {
    let lines = layout("a\nbc", at: 3)
    #expect((lines.cursorRow, lines.cursorColumn) == (1, 5))
    #expect(lines.rows.map(\.beginsLine) == [true, true])
  }

  @Test("Marks take no room and control characters two cells")
  func widths() {
    #expect(layout("e\u{301}x", at: 3).cursorColumn == 6)
    #expect(layout("\u{1}", at: 1).cursorColumn == 6)
  }

  @Test("Painting one picture over another shows the second, and nothing of the first", arguments: 0..<200)
  func repainting(seed: UInt64) {
    var random = SmallRandom(state: seed &+ 1)
    let columns = 12
    var screen = Screen()
    var terminal = ToyTerminal(columns: columns, rows: 8)
    for _ in 0..<6 {
      let picture = random.picture(columns: columns)
      terminal.feed(screen.paint(picture, columns: columns))
      let top = terminal.row - picture.cursorRow
      let shown = (0..<picture.rows.count).map { terminal.text(top + $0) }
      #expect(shown == picture.rows.map(\.text))
      #expect(terminal.column == picture.cursorColumn)
      #expect((top + picture.rows.count..<terminal.lines.count).allSatisfy { terminal.text($0).isEmpty })
    }
    terminal.feed(screen.erase())
    #expect((terminal.row..<terminal.lines.count).allSatisfy { terminal.text($0).isEmpty })
  }
}

/// Knuth's linear congruence: enough to draw pictures.
private struct SmallRandom {
  var state: UInt64
  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
  mutating func picture(columns: Int) -> Picture {
    var rows: [Picture.Row] = []
    for _ in 0...next(5) {
      let width = next(4) == 0 ? columns : next(columns)
      let text = String(repeating: String("abc"["abc".index("abc".startIndex, offsetBy: next(3))]), count: width)
      rows.append(Picture.Row(text: text, width: width))
    }
    return Picture(rows: rows, cursorRow: next(rows.count), cursorColumn: next(columns))
  }
}

/// As much of a terminal as the painter uses: it wraps late, scrolls, and erases.
private struct ToyTerminal {
  let columns: Int
  let rows: Int
  /// All rows there ever were; the last `rows` are on the screen.
  var lines: [[Character]]
  var row = 0
  var column = 0
  private var wrapsNext = false

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    lines = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  func text(_ row: Int) -> String {
    var line = lines[row]
    while line.last == " " { line.removeLast() }
    return String(line)
  }

  mutating func feed(_ output: String) {
    var rest = Array(output.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\r": (column, wrapsNext) = (0, false)
      case "\n": lineFeed()
      case "\u{1B}":
        _ = rest.popFirst()
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(digits.count)
        let count = Int(String(String.UnicodeScalarView(digits)))
        control(rest.popFirst() ?? " ", count)
      default:
        if wrapsNext {
          column = 0
          lineFeed()
        }
        lines[row][column] = Character(scalar)
        wrapsNext = column == columns - 1
        if !wrapsNext { column += 1 }
      }
    }
  }

  private mutating func lineFeed() {
    wrapsNext = false
    row += 1
    if row == lines.count { lines.append(Array(repeating: " ", count: columns)) }
  }

  private mutating func control(_ final: Unicode.Scalar, _ count: Int?) {
    wrapsNext = false
    switch final {
    case "A": row = max(lines.count - rows, row - (count ?? 1))
    case "B": row = min(lines.count - 1, row + (count ?? 1))
    case "C": column = min(columns - 1, column + (count ?? 1))
    case "K": for cell in column..<columns { lines[row][cell] = " " }
    case "J":
      for cell in column..<columns { lines[row][cell] = " " }
      for below in row + 1..<max(row + 1, lines.count) { lines[below] = Array(repeating: " ", count: columns) }
    default: break
    }
  }
}
