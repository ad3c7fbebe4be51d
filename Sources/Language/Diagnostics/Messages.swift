// The words of every error of the syntax. The parser knows where and what; what it says stands here and nowhere else.

extension SyntaxError {
  // MARK: Characters, numbers, strings

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

  // MARK: Something is missing

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
      return SyntaxError(
        "E0022", "a block stands in { }", at: parser.current.range, edits: [Edit(parser.current.range, " {")])
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

  // MARK: Something cannot stand here

  /// The current token has no place; says the best that can be said about it.
  static func unexpected(_ parser: Parser) -> SyntaxError {
    let token = parser.current
    switch token.kind {
    case .end: return missing("something", after: parser)
    case .sign(let sign) where sign.isClosing: return closesNothing(token, parser)
    case .keyword(.else):
      return SyntaxError(
        "E0022", "an else without its if", at: token.range,
        notes: [Diagnostic.Note("after a block", "else stands beside its }, on the same line")])
    case .keyword(.then): return SyntaxError("E0022", "a then without its if", at: token.range)
    case .keyword(.where):
      return SyntaxError("E0025", "where stands at the end of an index equation, on its line", at: token.range)
    case .keyword(.in):
      return SyntaxError("E0008", "in stands in for, in ∑[k in …] and after where", at: token.range)
    case .command: return commandInside(token.range)
    default: return SyntaxError("E0008", "\(parser.shown(token)) cannot stand here", at: token.range)
    }
  }

  /// A statement was read, and something follows it on its line.
  static func afterStatement(_ parser: Parser) -> SyntaxError {
    let token = parser.current
    switch token.kind {
    case .number, .string, .name, .sign(.openParenthesis), .sign(.openBracket), .sign(.nabla), .sign(.partial),
      .sign(.root), .sign(.sum), .sign(.product):
      return missingOperator(parser)
    case .sign(.bind):
      return secondBind(token.range)
    case .keyword(.not), .keyword(.if):
      return SyntaxError("E0012", "no operator before \(parser.shown(token))", at: token.range)
    case .superscript:
      return SyntaxError(
        "E0014", "two exponents, one after the other", at: parser.previous.range.union(token.range))
    case .sign(.colon) where parser.next.kind == .sign(.bind):
      let both = token.range.union(parser.next.range)
      return SyntaxError("E0024", "names are bound with =", at: both, edits: [Edit(both, "=")])
    case .sign(.colon):
      return SyntaxError(
        "E0008", ": names a field or an argument, inside ( )", at: token.range,
        notes: [Diagnostic.Note("a command", "stands on a line of its own")])
    case .sign(.comma):
      return SyntaxError("E0017", "a list needs brackets", at: token.range)
    case .sign(.question):
      return SyntaxError(
        "E0024", "a choice is written if c then a else b", at: token.range)
    case .sign(.openBrace):
      return SyntaxError("E0022", "a block stands after f(x) =, x ->, for, while, repeat, if", at: token.range)
    default: return unexpected(parser)
    }
  }

  private static func missingOperator(_ parser: Parser) -> SyntaxError {
    let before = parser.previous
    let token = parser.current
    let range = before.range.union(token.range)
    let gap = SourceRange(before.range.end, token.range.start)
    var edits: [Edit] = []
    if before.kind == .name, !token.touches {
      edits.append(
        Edit(range, "\(parser.source.text(before.range))(\(parser.source.text(token.range)))", remark: "a call"))
    }
    if token.kind != .string, before.kind != .string { edits.append(Edit(gap, " * ", remark: "a product")) }
    return SyntaxError(
      "E0012", "no operator between \(parser.shown(before)) and \(parser.shown(token))", at: range, edits: edits)
  }

  static func commandInside(_ range: SourceRange) -> SyntaxError {
    SyntaxError("E0026", "a command stands on a line of its own, outside of brackets", at: range)
  }

  static func needsParentheses(_ word: String, _ range: SourceRange) -> SyntaxError {
    SyntaxError("E0008", "\(word) needs parentheses around it here, (\(word) …)", at: range)
  }

  static func secondBind(_ range: SourceRange) -> SyntaxError {
    SyntaxError(
      "E0016", "a second = in one statement", at: range, edits: [Edit(range, "==", remark: "compares")])
  }

  // MARK: Brackets

  static func notClosed(_ opening: Token, _ parser: Parser) -> SyntaxError {
    let token = parser.current
    let bracket = parser.shown(opening)
    let closing: String
    if case .sign(let sign) = opening.kind, let match = sign.closing { closing = match.rawValue } else { closing = ")" }
    if token.kind == .end {
      return SyntaxError("E0009", "\(bracket) is not closed", at: opening.range, asksForMore: true)
    }
    if case .sign(let sign) = token.kind, sign.isClosing {
      return SyntaxError(
        "E0010", "\(sign.rawValue) does not close \(bracket)", at: token.range,
        labels: [
          Diagnostic.Label(opening.range, "opened here"), Diagnostic.Label(token.range, "\(closing) is expected"),
        ],
        edits: [Edit(token.range, closing), Edit(token.range, closing + sign.rawValue)])
    }
    let separator = bracket == "{" ? "a new line or ;" : bracket == "[" ? ", ; or ]" : ", or )"
    let gap = SourceRange(parser.previous.range.end, token.range.start)
    return SyntaxError(
      "E0009", "no \(separator) between \(parser.shown(parser.previous)) and \(parser.shown(token))", at: token.range,
      labels: [Diagnostic.Label(opening.range, "opened here"), Diagnostic.Label(token.range, "not expected")],
      edits: bracket == "{" ? [] : [Edit(gap, ", "), Edit(gap, " * ")])
  }

  private static func closesNothing(_ token: Token, _ parser: Parser) -> SyntaxError {
    if let opening = parser.openBrackets.last { return notClosed(parser.tokens[opening], parser) }
    return SyntaxError(
      "E0010", "\(parser.shown(token)) closes nothing", at: token.range, edits: [Edit(token.range, "")])
  }

  static func spaceBeforeBracket(_ base: Expression, _ parser: Parser) -> SyntaxError {
    let gap = SourceRange(base.range.end, parser.current.range.start)
    let bracket = parser.shown(parser.current)
    var edits: [Edit] = []
    if parser.isInTensor { edits.append(Edit(gap, ", ", remark: "two elements")) }
    if case .number = base.kind {
    } else if gap.count > 0 {
      edits.append(Edit(gap, "", remark: bracket == "(" ? "a call" : "an element"))
    }
    if bracket == "(" { edits.append(Edit(gap, " * ", remark: "a product")) }
    return SyntaxError(
      "E0013", "a space before \(bracket)", at: base.range.union(parser.current.range), edits: edits)
  }

  static func emptyParentheses(_ range: SourceRange) -> SyntaxError {
    SyntaxError("E0007", "nothing between ( and )", at: range)
  }

  static func emptySubscripts(_ range: SourceRange) -> SyntaxError {
    SyntaxError("E0007", "no index between [ and ]", at: range, edits: [Edit(range, "[:]", remark: "all of it")])
  }

  static func tooDeep(_ range: SourceRange) -> SyntaxError {
    SyntaxError("E0011", "more than \(Parser.nestingLimit) levels inside each other", at: range)
  }

  static func tooLong(_ range: SourceRange) -> SyntaxError {
    SyntaxError(
      "E0011", "more than \(Parser.depthLimit) operations in a row", at: range,
      notes: [Diagnostic.Note("instead", "sum([a, b, …]), or several lines")])
  }

  // MARK: Two readings

  static func divisionByCoefficient(
    _ left: Expression, _ sign: Token, number: Token, _ right: Expression, _ parser: Parser
  ) -> SyntaxError {
    let source = parser.source
    let whole = left.range.union(right.range)
    let fraction = source.text(SourceRange(sign.range.start, number.range.end))
    let product = source.text(right.range)
    let rest = source.text(SourceRange(number.range.end, right.range.end))
    return SyntaxError(
      "E0014", "\(source.short(whole)) reads two ways", at: whole,
      edits: [
        Edit(right.range, "(\(product))", remark: "the product is below"),
        Edit(SourceRange(sign.range.start, right.range.end), "\(fraction) * \(rest)", remark: "the fraction first"),
      ])
  }

  static func powerWithCoefficient(_ base: Expression, _ number: Token, _ right: Expression, _ parser: Parser)
    -> SyntaxError
  {
    let source = parser.source
    let whole = base.range.union(right.range)
    let exponent = number.range.union(right.range)
    let gap = SourceRange(number.range.end, right.range.start)
    return SyntaxError(
      "E0014", "\(source.short(whole)) reads two ways", at: whole,
      edits: [
        Edit(exponent, "(\(source.text(exponent)))", remark: "all of it is the exponent"),
        Edit(gap, " * ", remark: "the power first"),
      ])
  }

  static func numberWithE(_ range: SourceRange, number: String) -> SyntaxError {
    SyntaxError(
      "E0014", "\(number)e reads two ways", at: range,
      edits: [
        Edit(range, "\(number) * e", remark: "times 2.7183"),
        Edit(range, "\(number)e0", remark: "the number, its exponent is missing"),
      ])
  }

  static func raisedFunction(_ base: Expression, _ raised: Token, _ parser: Parser) -> SyntaxError {
    let source = parser.source
    let start = base.range.start
    guard let end = parser.endOfBracket(at: parser.position) else {
      return SyntaxError("E0014", "a bracket after a power reads two ways", at: base.range.union(raised.range))
    }
    let whole = SourceRange(start, end)
    let name = source.text(base.range)
    let bracket = source.text(SourceRange(raised.range.end, end))
    let power = source.text(raised.range)
    return SyntaxError(
      "E0014", "\(source.short(whole)) reads two ways", at: whole,
      edits: [
        Edit(whole, name + bracket + power, remark: "the power of the value"),
        parser.at(.openParenthesis)
          ? Edit(whole, name + power + " * " + bracket, remark: "a product")
          : Edit(whole, "(\(name + power))\(bracket)", remark: "an element of the power"),
      ])
  }

  static func chained(_ test: Expression, _ op: Operator, _ parser: Parser) -> SyntaxError {
    let source = parser.source
    guard case .binary(_, let left, let middle) = test.kind else { return unexpected(parser) }
    let range = left.range.union(parser.current.range)
    let last = SourceRange(middle.range.end, middle.range.end)
    return SyntaxError(
      "E0015", "comparisons do not chain", at: range,
      edits: [
        Edit(last, " and \(source.text(middle.range))", remark: "both hold"),
        Edit(test.range, "(\(source.text(test.range)))", remark: "compares the 0 or 1 of the first"),
      ])
  }

  static func signInTensor(_ left: Expression, _ sign: Token, _ right: Expression, _ parser: Parser) -> SyntaxError {
    let source = parser.source
    let range = left.range.union(right.range)
    let text = source.text(sign.range)
    let number = source.text(right.range)
    let gap = SourceRange(left.range.end, right.range.end)
    return SyntaxError(
      "E0014", "\(source.short(range)) reads two ways inside [ ]", at: range,
      edits: [
        Edit(gap, ", \(text)\(number)", remark: "two elements"),
        Edit(gap, " \(text) \(number)", remark: text == "+" ? "one, the sum" : "one, the difference"),
      ])
  }

  static func clingsToPartial(_ partial: Expression, _ variable: Expression, _ parser: Parser) -> SyntaxError {
    let source = parser.source
    let token = parser.current
    var end = token.range.end
    if parser.at(.openParenthesis) || parser.at(.openBracket) {
      end = parser.endOfBracket(at: parser.position) ?? end
    } else if parser.at(.period) || parser.at(.caret) {
      end = parser.next.range.end
    }
    let whole = SourceRange(partial.range.start, end)
    return SyntaxError(
      "E0014", "\(source.short(whole)) reads two ways", at: whole,
      edits: [Edit(partial.range, "(\(source.text(partial.range)))", remark: "of the derivative")],
      notes: [
        Diagnostic.Note("by another", "bind what stands after ∂ to a name first, then compute with it")
      ])
  }

  // MARK: = and ==, lists, names

  static func bindInCondition(_ condition: Expression?, _ range: SourceRange) -> SyntaxError {
    SyntaxError("E0016", "= binds a name; a condition compares with ==", at: range, edits: [Edit(range, "==")])
  }

  static func bindInCall(_ argument: Argument, _ range: SourceRange, _ parser: Parser) -> SyntaxError {
    var edits: [Edit] = []
    if argument.label == nil, argument.value.name != nil {
      edits.append(
        Edit(SourceRange(argument.range.end, parser.next.range.start), ": ", remark: "an argument by its name"))
    }
    edits.append(Edit(range, "==", remark: "compares"))
    return SyntaxError("E0024", "an argument is named with :, not with =", at: range, edits: edits)
  }

  static func bindInParentheses(_ item: Argument, _ range: SourceRange, _ parser: Parser) -> SyntaxError {
    var edits = [Edit(range, "==", remark: "compares")]
    if item.label == nil, item.value.name != nil {
      edits.append(Edit(SourceRange(item.range.end, parser.next.range.start), ": ", remark: "a record"))
    }
    return SyntaxError("E0016", "= cannot stand in brackets", at: range, edits: edits)
  }

  static func listNeedsBrackets(_ range: SourceRange, in parser: Parser) -> SyntaxError {
    let text = parser.source.text(range)
    return SyntaxError(
      "E0017", "a list needs brackets", at: range,
      edits: [Edit(range, "(\(text))", remark: "a list"), Edit(range, "[\(text)]", remark: "a tensor")])
  }

  static func countsDiffer(_ targets: Int, _ values: Int, _ range: SourceRange) -> SyntaxError {
    SyntaxError("E0017", "\(targets) names on the left, \(values) values on the right", at: range)
  }

  static func reserved(_ word: String, _ range: SourceRange) -> SyntaxError {
    SyntaxError(
      "E0019", "\(word) is a word of the language and cannot be a name", at: range,
      edits: [Edit(range, word + "1")])
  }

  static func twice(_ name: Name) -> SyntaxError {
    SyntaxError("E0019", "\(name.text) stands here twice", at: name.range)
  }

  static func cannotDefine(_ range: SourceRange) -> SyntaxError {
    SyntaxError(
      "E0018", "this cannot stand left of =", at: range,
      notes: [Diagnostic.Note("on the left", "x, z[i,j], θ.W, f(x), f'(x)")])
  }

  static func transposeOnLeft(_ range: SourceRange, of name: String) -> SyntaxError {
    SyntaxError(
      "E0018", "a transpose cannot be defined", at: range,
      notes: [Diagnostic.Note("instead", "define \(name) as the transpose of the right side")])
  }

  static func expressionOnLeft(
    _ expression: Expression, _ op: Operator, _ left: Expression, _ sign: SourceRange, _ parser: Parser
  ) -> SyntaxError {
    var edits = [Edit(sign, "==", remark: "compares")]
    if op.kind.isComparison { edits = [] }
    return SyntaxError("E0018", "an expression cannot stand left of =", at: expression.range, edits: edits)
  }

  static func badPlace(_ range: SourceRange, _ text: String?) -> SyntaxError {
    SyntaxError(
      "E0020", "left of = an index is i, t+1, a whole number, or (a value)", at: range,
      edits: text.map { [Edit(range, "(\($0))", remark: "at this one place")] } ?? [])
  }

  static func badParameter(_ range: SourceRange) -> SyntaxError {
    SyntaxError(
      "E0018", "a parameter is a name, or a name and its value, η: 0.1", at: range)
  }

  static func badLambda(_ range: SourceRange) -> SyntaxError {
    SyntaxError("E0023", "left of -> stand names: x -> …, (x, y) -> …", at: range)
  }

  static func blockAsValue(_ range: SourceRange) -> SyntaxError {
    SyntaxError(
      "E0022", "a block is no value", at: range, notes: [Diagnostic.Note("a function", "f() = { … }, then f()")])
  }

  static func someFieldsNamed(_ range: SourceRange) -> SyntaxError {
    SyntaxError("E0021", "name every field or none", at: range)
  }

  static func fieldNamedT(_ range: SourceRange) -> SyntaxError {
    SyntaxError("E0021", ".T is the transpose; a field needs another name", at: range)
  }

  static func whereWithoutIndex(_ word: SourceRange, _ target: SourceRange) -> SyntaxError {
    SyntaxError(
      "E0025", "where belongs to an index equation, z[i] = …", at: word,
      labels: [Diagnostic.Label(target, "has no index"), Diagnostic.Label(word, "says the range of an index")])
  }

  // MARK: Other notations

  static func colonSlice(_ range: SourceRange, _ parser: Parser) -> SyntaxError {
    let source = parser.source
    // From the item's beginning to the next comma or bracket.
    var place = parser.position
    while place < parser.tokens.count - 1, place < parser.position + 8 {
      if [.sign(.comma), .sign(.closeBracket)].contains(parser.tokens[place].kind) { break }
      place += 1
    }
    let item = SourceRange(range.start, max(range.end, parser.tokens[max(place - 1, 0)].range.end))
    let parts = source.text(item).split(separator: ":", omittingEmptySubsequences: false).map { String($0).trimmed }
    var edits: [Edit] = []
    if parts.count == 2 {
      let start = parts[0].isEmpty ? "0" : parts[0].fromTheEnd
      edits = [
        parts[1].isEmpty ? Edit(item, "\(start)...end") : Edit(item, "\(start)..<\(parts[1].fromTheEnd)")
      ]
    }
    return SyntaxError("E0024", "a range is written 0..<3, or 0...2", at: item, edits: edits)
  }

  static func gradientArguments(_ sign: Token, _ function: Expression, _ parser: Parser) -> SyntaxError {
    SyntaxError(
      "E0024", "the gradient is taken of a function, then called", at: parser.current.range,
      edits: [Edit(SourceRange(parser.current.range.start, parser.next.range.start), ")(")])
  }

  static func halfPartial(_ range: SourceRange, _ parser: Parser) -> SyntaxError {
    SyntaxError(
      "E0007", "a derivative has two parts, ∂L/∂W or partial(L, W)", at: range, asksForMore: true)
  }

  static func higherPartial(_ sign: Token, _ parser: Parser) -> SyntaxError {
    SyntaxError(
      "E0024", "second derivatives are written f''(x), hessian(f, x)", at: sign.range.union(parser.current.range))
  }

  static func partialOfNoName(_ range: SourceRange, _ parser: Parser) -> SyntaxError {
    if parser.current.kind == .end { return missing("a name", after: parser) }
    return SyntaxError(
      "E0007", "∂ stands before a name: bind the value to one first", at: range)
  }
}

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
  fileprivate func short(_ range: SourceRange) -> String {
    let text = text(range).split(whereSeparator: \.isNewline).joined(separator: " ")
    return text.count <= 24 ? text : text.prefix(23) + "…"
  }
}

extension String {
  /// A subscript that counts from the back, as nabla says it: `-1` is `end`, `-2` is `end-1`.
  fileprivate var fromTheEnd: String {
    guard first == "-", let count = Int(dropFirst()), count > 0 else { return self }
    return count == 1 ? "end" : "end-\(count - 1)"
  }
}
