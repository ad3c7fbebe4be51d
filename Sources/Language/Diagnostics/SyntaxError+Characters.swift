// What the parser says of characters, numbers and strings it cannot read.

extension SyntaxError {
  static func unreadable(_ reason: LexicalError, _ range: SourceRange, text: String) -> SyntaxError {
    switch reason {
    case .invalidUTF8:
      return SyntaxError("E0002", "these bytes are not UTF-8", at: range)
    case .control(let value):
      return SyntaxError("E0001", "a control character, \(codePoint(value)), cannot stand here", at: range)
    case .unknown(let value):
      return unknown(value, range, text: text)
    case .openString:
      var error = SyntaxError("E0003", "a string without its closing \"", at: range)
      error.diagnostic.range = SourceRange(range.start, range.start + 1)
      error.isOpenString = true
      return error
    case .badExponent:
      let plain = String(text.map { Symbols.raisedText[$0] ?? "?" })
      let edits = plain.contains("?") ? [] : [Edit(range, "^(\(plain))")]
      return SyntaxError(
        "E0006", "raised signs are one number or one letter, perhaps with a minus", at: range, edits: edits)
    case .hexadecimal:
      let value = UInt64(text.dropFirst(2), radix: 16)
      return SyntaxError(
        "E0005", "numbers are written in decimal", at: range, edits: value.map { [Edit(range, "\($0)")] } ?? [])
    }
  }

  private static func unknown(_ value: UInt32, _ range: SourceRange, text: String) -> SyntaxError {
    let scalar = Unicode.Scalar(value).map { Character($0) } ?? "?"
    switch scalar {
    case "“", "”", "„", "«", "»", "‘", "‚", "`":
      return SyntaxError("E0001", "strings stand between straight quotes, \"…\"", at: range, edits: [Edit(range, "\"")])
    case "!":
      return SyntaxError(
        "E0024", "! is not an operator", at: range, edits: [Edit(range, "not "), Edit(range, " != ")])
    case "&", "∧":
      return SyntaxError(
        "E0024", "\(scalar) is written and", at: range,
        edits: [Edit(range, " and "), Edit(SourceRange(range.start, range.end + 1), "and")])
    case "∨":
      return SyntaxError("E0024", "∨ is written or", at: range, edits: [Edit(range, " or ")])
    case "|":
      return SyntaxError(
        "E0024", "| is not an operator", at: range, edits: [Edit(SourceRange(range.start, range.end + 1), "or")],
        notes: [Diagnostic.Note("or is", "a or b"), Diagnostic.Note("size is", "abs(x), norm(x)")])
    case "¬":
      return SyntaxError("E0024", "¬ is written not", at: range, edits: [Edit(range, "not ")])
    case "$", "\\":
      return SyntaxError(
        "E0001", "\(scalar) means nothing here", at: range,
        notes: scalar == "\\" ? [Diagnostic.Note("a symbol", "\\alpha, then Tab")] : [])
    default:
      let isSeen = Unicode.Scalar(value).map { isVisible($0) } ?? false
      return SyntaxError(
        "E0001",
        isSeen ? "\(scalar) (\(codePoint(value))) means nothing here" : "\(codePoint(value)) means nothing here",
        at: range)
    }
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .nonspacingMark, .enclosingMark, .spacingMark: false
    default: true
    }
  }

  private static func codePoint(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  static func badEscape(_ range: SourceRange, _ source: SourceText) -> SyntaxError {
    SyntaxError(
      "E0004", "\(source.text(range)) is no escape: there are \\\" \\\\ \\n \\t", at: range,
      edits: [Edit(range, "\\" + source.text(range), remark: "a backslash")])
  }

  static func numberTooLarge(_ range: SourceRange) -> SyntaxError {
    SyntaxError("E0005", "larger than any number", at: range, edits: [Edit(range, "∞")])
  }

  static func pointWithoutDigit(_ number: Expression, _ point: Token) -> SyntaxError {
    let range = number.range.union(point.range)
    return SyntaxError(
      "E0005", "a number's point has a digit after it", at: range,
      edits: [Edit(SourceRange(point.range.end, point.range.end), "0"), Edit(point.range, "")])
  }
}
