import CEditLine

/// The text being edited, which libedit keeps.
extension LineEditor {
  /// The scalars of the text.
  var scalars: [Unicode.Scalar] {
    let line = el_wline(editLine)!.pointee
    return UnsafeBufferPointer(start: line.buffer, count: line.lastchar - line.buffer).map(Self.scalar)
  }

  /// How many scalars stand before the cursor.
  var cursor: Int {
    get {
      let line = el_wline(editLine)!.pointee
      return line.cursor - line.buffer
    }
    set { editline_set_cursor(editLine, newValue) }
  }

  var text: String { Self.string(scalars) }

  /// Puts `text` at the cursor, which goes behind it.
  func insert(_ text: String) {
    var wide = text.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
    wide.append(0)
    _ = el_winsertstr(editLine, wide)
  }

  /// Takes away `count` scalars before the cursor.
  func deleteBackward(_ count: Int) { el_deletestr(editLine, Int32(count)) }

  /// Replaces all of the text; the cursor goes to `cursor`, else to the end.
  func replaceText(_ text: String, cursor: Int? = nil) {
    let count = scalars.count
    self.cursor = count
    deleteBackward(count)
    if !text.isEmpty { insert(text) }
    if let cursor { self.cursor = cursor }
  }

  static func scalar(_ character: wchar_t) -> Unicode.Scalar {
    Unicode.Scalar(UInt32(bitPattern: character)) ?? "\u{FFFD}"
  }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// The scalars of the line of the text that `position` is in, without its line break.
  static func line(around position: Int, in scalars: [Unicode.Scalar]) -> Range<Int> {
    let start = scalars[..<position].lastIndex(of: "\n").map { $0 + 1 } ?? 0
    return start..<(scalars[position...].firstIndex(of: "\n") ?? scalars.count)
  }
}

/// Earlier states of the text, for Ctrl-_.
struct UndoStack {
  private var states: [(scalars: [Unicode.Scalar], cursor: Int)] = []

  /// Notes the text as it is before the next key; letters of one word are one step.
  mutating func note(_ scalars: [Unicode.Scalar], cursor: Int) {
    if let last = states.last {
      if last.scalars == scalars {
        states[states.count - 1].cursor = cursor
        return
      }
      if states.count > 1, cursor > 0, isWord(scalars[cursor - 1]), scalars.count == last.scalars.count + 1,
        cursor == last.cursor + 1, last.cursor > 0, isWord(last.scalars[last.cursor - 1])
      {
        states.removeLast()
      }
    }
    states.append((scalars, cursor))
    if states.count > 500 { states.removeFirst() }
  }

  /// The state before the one on top.
  mutating func back() -> (scalars: [Unicode.Scalar], cursor: Int)? {
    guard states.count > 1 else { return nil }
    states.removeLast()
    return states.last
  }

  private func isWord(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic || scalar == "_" }
}
