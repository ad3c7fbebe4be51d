extension Unicode.Scalar {
  /// The columns a terminal gives this scalar: none to a combining mark, two to East Asian wide and fullwidth, one to
  /// all else (R13). A control character has the width of the text that is shown in its place.
  package var displayWidth: Int {
    if value < 0x7F && value >= 0x20 { return 1 }
    if let shown = shownInstead { return shown.unicodeScalars.count }
    if value < 0x300 { return value == 0xAD ? 0 : 1 }
    if isCombining { return 0 }
    return WideScalars.contains(value) ? 2 : 1
  }

  private var isCombining: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return true
    // Joiners and variation selectors shape their neighbours and take no room.
    case .format: return true
    default: return (0x1160...0x11FF).contains(value)
    }
  }

  /// The text shown instead of a character that would move the cursor, change the terminal or reorder the line; `nil`
  /// for all characters that only show themselves.
  var shownInstead: String? {
    switch value {
    case 0x09: return " "
    case 0x00...0x1F: return String(Character(Unicode.Scalar(0x2400 + value)!))
    case 0x7F: return "␡"
    case 0x80...0x9F, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
      0xE0000...0xE007F:
      return "\\u{" + String(value, radix: 16) + "}"
    default: return nil
    }
  }
}

extension String {
  /// The columns a terminal gives this text, its control characters taken as they are shown.
  package var displayWidth: Int {
    if isPlainASCII { return utf8.count }
    var width = 0
    for scalar in unicodeScalars { width += scalar.displayWidth }
    return width
  }

  /// The same text with its control characters shown as text: `␛[31m`, `\u{202e}`. A tab becomes a space.
  package var visible: String {
    if isPlainASCII { return self }
    if unicodeScalars.allSatisfy({ $0.shownInstead == nil }) { return self }
    var result = ""
    for scalar in unicodeScalars {
      if let shown = scalar.shownInstead { result += shown } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  /// Whether there is nothing in it but the printed characters of ASCII, one column each.
  var isPlainASCII: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }

  /// The text with spaces after it until it is `columns` wide.
  package func padded(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - displayWidth))
  }

  /// The text with spaces before it until it is `columns` wide.
  package func leftPadded(to columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - displayWidth)) + self
  }

  /// The text between spaces that make it `columns` wide, the odd one after it.
  package func centered(in columns: Int) -> String {
    let free = max(0, columns - displayWidth)
    return String(repeating: " ", count: free / 2) + self + String(repeating: " ", count: free - free / 2)
  }

  /// The text if it fits into `columns`, else its beginning and `…`.
  package func cut(to columns: Int, style: Style = .plain) -> String {
    if displayWidth <= columns { return self }
    let ellipsis = style.glyph("…", "...")
    let room = columns - ellipsis.displayWidth
    if room < 0 { return String(ellipsis.prefix(max(0, columns))) }
    var result = ""
    var width = 0
    for character in self {
      let next = String(character).displayWidth
      if width + next > room { break }
      result.append(character)
      width += next
    }
    return result + ellipsis
  }

  /// The text broken at spaces into lines of at most `columns`; a word longer than a line is broken where it must be.
  package func wrapped(to columns: Int) -> [String] {
    precondition(columns > 0)
    var lines: [String] = []
    for paragraph in split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      var width = 0
      for word in paragraph.split(separator: " ") {
        var word = String(word)
        var wordWidth = word.displayWidth
        if !line.isEmpty && width + 1 + wordWidth <= columns {
          line += " " + word
          width += 1 + wordWidth
          continue
        }
        if !line.isEmpty { lines.append(line) }
        while wordWidth > columns {
          let head = word.firstColumns(columns)
          lines.append(head)
          word = String(word.dropFirst(head.count))
          wordWidth = word.displayWidth
        }
        (line, width) = (word, wordWidth)
      }
      lines.append(line)
    }
    return lines
  }

  /// The longest beginning that fits into `columns`, at least one character.
  private func firstColumns(_ columns: Int) -> String {
    var result = ""
    var width = 0
    for character in self {
      width += String(character).displayWidth
      if width > columns && !result.isEmpty { break }
      result.append(character)
    }
    return result
  }
}

/// The scalars that East Asian terminals draw two columns wide: `W` and `F` of Unicode's EastAsianWidth.
private enum WideScalars {
  static func contains(_ value: UInt32) -> Bool {
    if value < 0x1100 { return false }
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(value)
  }

  private static let ranges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
    0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
    0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
    0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
    0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
    0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x303E,
    0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAD9,
    0xFE10...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x1F004...0x1F004,
    0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320, 0x1F32D...0x1F335,
    0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0,
    0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D,
    0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4,
    0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6DF,
    0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945,
    0x1F947...0x1F9FF, 0x1FA70...0x1FAF6, 0x20000...0x3FFFD,
  ]
}
