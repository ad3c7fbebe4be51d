// What the parser says about =, names, lists and what stands left of them.

extension SyntaxError {
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
}
