// How the parts of a text are named in an error of the syntax.

extension Parser {
  /// A token as it is named in a message.
  func shown(_ token: Token) -> String {
    switch token.kind {
    case .end: "the end"
    case .string: "a string"
    case .command: "a command"
    case .unreadable: "what cannot be read"
    default: source.short(token.range)
    }
  }

  /// Where the bracket that opens at a token is closed, if that is near.
  func endOfBracket(at place: Int) -> Int? {
    var depth = 0
    // Bounded, so that many errors in a long text cost no more than one each.
    for token in tokens[place...].prefix(200) {
      guard case .sign(let sign) = token.kind else { continue }
      if sign.isOpening { depth += 1 }
      if sign.isClosing { depth -= 1 }
      if depth == 0 { return token.range.end }
    }
    return nil
  }
}

extension SourceText {
  /// What stands in a range, on one line and not too long for a message.
  func short(_ range: SourceRange) -> String {
    let text = text(range).split(whereSeparator: \.isNewline).joined(separator: " ")
    return text.count <= 24 ? text : text.prefix(23) + "…"
  }
}

extension String {
  /// A subscript that counts from the back, as nabla says it: `-1` is `end`, `-2` is `end-1`.
  var fromTheEnd: String {
    guard first == "-", let count = Int(dropFirst()), count > 0 else { return self }
    return count == 1 ? "end" : "end-\(count - 1)"
  }
}
