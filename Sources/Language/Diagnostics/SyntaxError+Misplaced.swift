// What the parser says of what cannot stand where it stands, and of brackets.

extension SyntaxError {
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
    case .keyword(.for):
      return SyntaxError(
        "E0008", "for stands before its block, for i in … { … }", at: token.range,
        edits: [Edit(token.range, "where", remark: "an index equation")])
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

  /// What is written here for a word that begins a line of other languages.
  private static let insteadOf = [
    "def": "a function is defined by its formula, f(x) = …", "lambda": "a function without a name is x -> …",
    "import": "nothing is imported, every name is there: :help",
    "from": "nothing is imported, every name is there: :help",
    "return": "the last line of a block is its value", "let": "a name is bound with x = …",
    "var": "a name is bound with x = …", "const": "a name is bound with x = …",
  ]

  private static func missingOperator(_ parser: Parser) -> SyntaxError {
    let before = parser.previous
    let token = parser.current
    if before.kind == .name, let instead = insteadOf[parser.source.text(before.range)] {
      return SyntaxError("E0024", instead, at: before.range)
    }
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
    if case .keyword(.for) = token.kind {
      return SyntaxError("E0008", "many numbers are made by an equation, y[i] = … where i in …", at: token.range)
    }
    let separator = bracket == "{" ? "a new line or ;" : bracket == "[" ? ", ; or ]" : ", or )"
    let gap = SourceRange(parser.previous.range.end, token.range.start)
    return SyntaxError(
      "E0009", "no \(separator) between \(parser.shown(parser.previous)) and \(parser.shown(token))", at: token.range,
      labels: [Diagnostic.Label(opening.range, "opened here"), Diagnostic.Label(token.range, "not expected")],
      edits: bracket == "{" ? [] : [Edit(gap, ", "), Edit(gap, " * ")])
  }

  static func closesNothing(_ token: Token, _ parser: Parser) -> SyntaxError {
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
}
