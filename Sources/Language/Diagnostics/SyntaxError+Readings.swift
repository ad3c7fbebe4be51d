// What the parser says of what could be read in two ways, and of other notations.

extension SyntaxError {
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
