import CEditLine

/// What the keys do that libedit has no function for.
extension LineEditor {
  // MARK: Enter

  /// Accepts the text and answers true, or begins a new line while a bracket is open.
  ///
  /// Two empty lines at the end accept all the same, so that the user can be told which bracket is open.
  func enter() -> Bool {
    let scalars = scalars
    let before = Self.string(scalars[..<cursor])
    let isInside = scalars[cursor...].contains("\n") && assistant.isIncomplete(before)
    let hasGivenUp = before.hasSuffix("\n") && Self.line(around: cursor, in: scalars).upperBound == scalars.count
    if isInside || !hasGivenUp && assistant.isIncomplete(Self.string(scalars)) {
      beginLine()
      return false
    }
    accepted = Self.string(scalars)
    finishPainting(scalars)
    return true
  }

  /// Breaks the line at the cursor, indented by two for every open bracket, else like the line above; a line of
  /// blanks becomes empty.
  func beginLine() {
    let scalars = scalars
    let line = Self.line(around: cursor, in: scalars)
    let before = scalars[line.lowerBound..<cursor]
    if terminal.isDumb { leaveDumbLine() }
    if !before.isEmpty, before.allSatisfy({ $0 == " " }) {
      deleteBackward(before.count)
      insert("\n")
      return
    }
    let depth = Self.openBrackets(in: scalars[..<cursor])
    let indent = depth > 0 ? 2 * depth : before.prefix { $0 == " " }.count
    insert("\n" + String(repeating: " ", count: indent))
  }

  /// Types a closing bracket; one that is the first in its line stands as far out as what it closes.
  func typeClosing(_ bracket: Unicode.Scalar) {
    let scalars = scalars
    let before = scalars[Self.line(around: cursor, in: scalars).lowerBound..<cursor]
    let indent = 2 * max(0, Self.openBrackets(in: scalars[..<cursor]) - 1)
    if before.count > indent, before.allSatisfy({ $0 == " " }) { deleteBackward(before.count - indent) }
    insert(String(Character(bracket)))
  }

  /// How many brackets are open at the end of `scalars`, strings and comments aside.
  static func openBrackets(in scalars: some Sequence<Unicode.Scalar>) -> Int {
    var depth = 0
    var isString = false
    var isComment = false
    var isEscaped = false
    for scalar in scalars {
      if scalar == "\n" {
        isString = false
        isComment = false
      } else if isString {
        if scalar == "\"", !isEscaped { isString = false }
        isEscaped = scalar == "\\" && !isEscaped
      } else if !isComment {
        switch scalar {
        case "\"":
          isString = true
          isEscaped = false
        case "#": isComment = true
        case "(", "[", "{": depth += 1
        case ")", "]", "}": depth = max(0, depth - 1)
        default: break
        }
      }
    }
    return depth
  }

  // MARK: Moving

  func moveToLineStart() { cursor = Self.line(around: cursor, in: scalars).lowerBound }

  func moveToLineEnd() {
    let end = Self.line(around: cursor, in: scalars).upperBound
    if cursor == end, takeHint(upTo: { $0.count }) { return }
    cursor = end
  }

  func moveRight() {
    if !takeHint(upTo: { $0.count }) { cursor += 1 }
  }

  func moveWordRight() {
    func wordEnd(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
      func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
      }
      let blanks = scalars.prefix { !isWord($0) }.count
      return blanks + scalars.dropFirst(blanks).prefix(while: isWord).count
    }
    if takeHint(upTo: { wordEnd($0[...]) }) { return }
    cursor += wordEnd(scalars[cursor...])
  }

  /// Types the first scalars of the hint; false when none is shown.
  private func takeHint(upTo count: ([Unicode.Scalar]) -> Int) -> Bool {
    guard !hint.isEmpty, cursor == scalars.count else { return false }
    let offered = Array(hint.unicodeScalars)
    insert(Self.string(offered.prefix(count(offered))))
    hint = ""
    return true
  }

  // MARK: Changing

  func insertPending() {
    insert(insertion)
    insertion = ""
  }

  /// Ctrl-D: true when the text is empty and the session should end.
  func deleteOrEnd() -> Bool {
    let count = scalars.count
    if count == 0 { return true }
    if cursor < count {
      cursor += 1
      deleteBackward(1)
    }
    return false
  }

  /// Cuts to the end of the line into libedit's kill ring, or joins the next line.
  ///
  /// libedit's own function cuts to the end of the text, so the lines below are set aside while it runs.
  func killLine() {
    let scalars = scalars
    let position = cursor
    let end = Self.line(around: position, in: scalars).upperBound
    guard end < scalars.count else {
      queue.append(Code.killRow)
      return
    }
    guard end > position else {
      cursor += 1
      deleteBackward(1)
      return
    }
    insertion = Self.string(scalars[end...])
    cursor = scalars.count
    deleteBackward(scalars.count - end)
    cursor = position
    queue += [Code.killRow, Code.restoreTail]
  }

  func restoreTail() {
    let position = cursor
    insertPending()
    cursor = position
  }

  func undoChange() {
    guard let (scalars, cursor) = undo.back() else { return ring() }
    replaceText(Self.string(scalars), cursor: cursor)
  }

  func clearScreen() {
    if terminal.isDumb { return }
    Terminal.write("\u{1B}[H\u{1B}[2J")
    screen.forget()
  }

  func ring() { Terminal.write("\u{7}") }

  // MARK: Pasting

  /// What a paste types: no prompts, no control characters, no line break at its end.
  ///
  /// A paste whose first line begins with a prompt is a transcript: its lines without prompt are answers and fall away.
  static func pasted(_ text: String) -> String {
    var lines: [[Unicode.Scalar]] = [[]]
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{2028}", "\u{2029}": lines.append([])
      case "\t": lines[lines.count - 1] += [" ", " ", " ", " "]
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value): break
      default: lines[lines.count - 1].append(scalar)
      }
    }
    let isBlank: ([Unicode.Scalar]) -> Bool = { $0.allSatisfy { $0 == " " } }
    if let first = lines.first(where: { !isBlank($0) }), withoutPrompt(first) != nil {
      lines = lines.compactMap(withoutPrompt)
    }
    while lines.count > 1, let last = lines.last, isBlank(last) { lines.removeLast() }
    return lines.map(string).joined(separator: "\n")
  }

  /// The line behind its prompt; nil when it has none.
  private static func withoutPrompt(_ line: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    let rest = line.drop { $0 == " " }
    for prompt in [">>>", "..>"] where rest.starts(with: prompt.unicodeScalars) {
      let typed = rest.dropFirst(3)
      if typed.isEmpty || typed.first == " " { return Array(typed.dropFirst()) }
    }
    return nil
  }
}
