// What the parser says where something is missing.

extension SyntaxError {
  static func missingValue(_ parser: Parser) -> SyntaxError {
    let token = parser.current
    let before = parser.position > 0 && !(token.startsLine && parser.lineBreaksCount) ? parser.previous : nil
    switch token.kind {
    case .end:
      return missing("a value", after: parser)
    case .keyword(.end):
      return SyntaxError("E0008", "end stands only inside [ ], where it is the last index", at: token.range)
    case .keyword(.if):
      return needsParentheses("if", token.range)
    case .keyword(let word) where token.startsLine && (word == .then || word == .else || word == .where):
      return unexpected(parser)
    case .keyword(let word) where before == nil || word == .for || word == .while || word == .repeat:
      return SyntaxError("E0008", "\(word.rawValue) cannot stand here", at: token.range)
    case .sign(.closeParenthesis), .sign(.closeBracket), .sign(.closeBrace):
      if parser.openBrackets.isEmpty { return closesNothing(token, parser) }
      guard let opening = parser.openBrackets.last.map({ parser.tokens[$0] }), case .sign(let sign) = opening.kind,
        let closing = sign.closing, token.kind == .sign(closing)
      else { return notClosed(parser.openBrackets.last.map { parser.tokens[$0] } ?? token, parser) }
    case .sign(.bind) where before == nil:
      return SyntaxError("E0018", "nothing stands left of =", at: token.range)
    case .sign(.star) where before?.kind == .sign(.star):
      let both = (before?.range ?? token.range).union(token.range)
      return SyntaxError("E0024", "powers are written with ^", at: both, edits: [Edit(both, "^")])
    case .sign(.slash) where before?.kind == .sign(.slash):
      let both = (before?.range ?? token.range).union(token.range)
      return SyntaxError(
        "E0024", "// is written floor(a / b)", at: both, edits: [Edit(both, "/", remark: "not rounded")])
    case .sign(.prime):
      return singleQuote(token, parser)
    case .sign(.bind):
      if let before, case .sign(let sign) = before.kind, [.plus, .minus, .star, .slash, .at].contains(sign) {
        return compoundBind(before, token, parser)
      }
    case .sign(let sign) where before == nil && sign != .comma && sign != .colon && parser.infix(token) != nil:
      return SyntaxError(
        "E0007", "no value before \(sign.rawValue)", at: token.range,
        notes: parser.position > 0 ? [Diagnostic.Note("to go on", "end the line before with \(sign.rawValue)")] : [])
    default: break
    }
    guard let before else { return unexpected(parser) }
    return SyntaxError(
      "E0007", "no value between \(parser.shown(before)) and \(parser.shown(token))",
      at: before.range.union(token.range))
  }

  private static func singleQuote(_ opening: Token, _ parser: Parser) -> SyntaxError {
    let line = parser.source.lineRange(parser.source.lineIndex(at: opening.range.start))
    let closing = parser.tokens[(parser.position + 1)...].prefix { $0.range.end <= line.end }
      .first { $0.kind == .sign(.prime) }
    let edits = closing.map { closing in
      let inside = parser.source.text(SourceRange(opening.range.end, closing.range.start))
      return [Edit(opening.range.union(closing.range), "\"\(inside)\"")]
    }
    return SyntaxError("E0024", "a string stands in double quotes", at: opening.range, edits: edits ?? [])
  }

  private static func compoundBind(_ sign: Token, _ bind: Token, _ parser: Parser) -> SyntaxError {
    let both = sign.range.union(bind.range)
    let line = parser.source.lineRange(parser.source.lineIndex(at: both.start))
    let name = parser.source.text(SourceRange(line.start, both.start)).trimmed
    return SyntaxError(
      "E0024", "a name is bound again with =", at: both,
      edits: [Edit(both, "= \(name) \(parser.source.text(sign.range))")])
  }

  /// Something has to follow what was read last.
  static func missing(_ what: String, after parser: Parser) -> SyntaxError {
    guard parser.position > 0 else { return unexpected(parser) }
    let before = parser.previous
    // With a bracket open, that is the thing to say.
    if parser.current.kind == .end, let opening = parser.openBrackets.last, !endsInOperator(parser) {
      return notClosed(parser.tokens[opening], parser)
    }
    return SyntaxError(
      "E0007", "\(what) is missing after \(parser.shown(before))", at: before.range, asksForMore: true)
  }

  private static func endsInOperator(_ parser: Parser) -> Bool {
    switch parser.previous.kind {
    case .sign(let sign): sign.continuesLine && !sign.isOpening && sign != .comma
    case .keyword: true
    default: false
    }
  }

  static func missingName(_ role: Parser.Role, _ parser: Parser) -> SyntaxError {
    let what =
      switch role {
      case .index: "an index"
      case .loopVariable: "the name of the variable"
      case .parameter: "the name of a parameter"
      case .variable, .function: "a name"
      }
    if parser.current.kind == .end { return missing(what, after: parser) }
    return SyntaxError("E0007", "\(what) is expected, not \(parser.shown(parser.current))", at: parser.current.range)
  }

  static func missingField(_ base: Expression, _ parser: Parser) -> SyntaxError {
    if parser.current.kind == .number {
      let range = parser.previous.range.union(parser.current.range)
      return SyntaxError(
        "E0007", "a field has a name; a place stands in [ ]", at: range,
        edits: [Edit(range, "[\(parser.source.text(parser.current.range))]")])
    }
    return SyntaxError("E0007", "the name of a field is missing after the point", at: parser.previous.range)
  }

  static func missingIndices(_ sign: Token, _ parser: Parser) -> SyntaxError {
    let word = parser.source.text(sign.range)
    return SyntaxError(
      "E0007", "\(word) needs its index, \(word)[k] …", at: sign.range, asksForMore: true)
  }

  static func missingFunction(_ sign: Token, _ parser: Parser) -> SyntaxError {
    let word = parser.source.text(sign.range)
    return SyntaxError(
      "E0007", "the name of a function is missing after \(word)", at: sign.range, asksForMore: true)
  }

  static func missingBlock(_ parser: Parser) -> SyntaxError {
    if parser.current.startsLine || parser.current.kind == .end {
      return SyntaxError(
        "E0022", "a { is missing at the end of this line", at: parser.previous.range, asksForMore: true)
    }
    if parser.at(.bind) { return bindInCondition(nil, parser.current.range) }
    if case .sign(.colon) = parser.current.kind {
      let colon = parser.current.range
      let line = parser.source.lineRange(parser.source.lineIndex(at: colon.start))
      let body = SourceRange(colon.end, line.end)
      let text = parser.source.text(body).trimmed
      let edit = text.isEmpty ? Edit(colon, " {") : Edit(SourceRange(colon.start, line.end), " { \(text) }")
      return SyntaxError("E0022", "a block stands in { }", at: colon, edits: [edit])
    }
    return SyntaxError("E0022", "a { is expected, not \(parser.shown(parser.current))", at: parser.current.range)
  }

  static func ifNeedsBody(_ condition: Expression, _ parser: Parser) -> SyntaxError {
    SyntaxError(
      "E0022", "after its condition, if has then or {", at: condition.range,
      notes: [Diagnostic.Note("a value", "if c then a else b"), Diagnostic.Note("steps", "if c { … } else { … }")],
      asksForMore: true)
  }

  static func missingElse(_ word: SourceRange, _ parser: Parser) -> SyntaxError {
    let hint =
      parser.at(.else)
      ? [Diagnostic.Note("on two lines", "let the first end with then or else")]
      : [Diagnostic.Note("without one", "if c { … }")]
    return SyntaxError("E0022", "an else is missing: if c then a else b", at: word, notes: hint, asksForMore: true)
  }
}
