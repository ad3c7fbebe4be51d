extension Parser {
  /// A command, or a statement.
  mutating func line() throws(Failure) -> Statement {
    if current.kind == .command {
      let token = current
      advance()
      return Statement(.command(trimmed(source.text(token.range))), token.range)
    }
    return try statement()
  }

  private func trimmed(_ text: String) -> String {
    String(text.reversed().drop { $0.isWhitespace }.reversed())
  }

  /// After a statement: a new line, `;`, the `}` of its block, or an error.
  mutating func endOfStatement() throws(Failure) {
    if current.isEnd || current.startsLine || at(.semicolon) { return }
    if at(.closeBrace), let opening = openBrackets.last, tokens[opening].kind == .sign(.openBrace) { return }
    throw failHere(.afterStatement(self))
  }

  mutating func statement() throws(Failure) -> Statement {
    let start = position
    if case .keyword(let keyword) = current.kind, next.sign == .bind {
      throw fail(.reserved(keyword.rawValue, current.range))
    }
    switch current.kind {
    case .keyword(.for): return try forLoop()
    case .keyword(.while):
      advance()
      let condition = try condition()
      return Statement(.whileLoop(condition, try block()), range(from: start))
    case .keyword(.repeat):
      advance()
      let count = try expression()
      return Statement(.repeatLoop(count, try block()), range(from: start))
    case .keyword(.if): return try conditional()
    case .command: throw fail(.commandInside(current.range))
    default: return try binding(from: try expression(), start: start)
    }
  }

  private mutating func forLoop() throws(Failure) -> Statement {
    let start = position
    advance()
    var names = [try bindableName(.loopVariable)]
    while take(.comma) { names.append(try bindableName(.loopVariable)) }
    guard take(.in) else { throw failHere(.missing("in", after: self)) }
    let sequence = try expression()
    return Statement(.forLoop(names, in: sequence, try block()), range(from: start))
  }

  /// The condition of `if` or `while`, where a single `=` is a slip.
  private mutating func condition() throws(Failure) -> Expression {
    let condition = try expression()
    if at(.bind), !endsHere { throw fail(.bindInCondition(condition, current.range)) }
    return condition
  }

  /// `if c { … } else { … }`, or a line that begins with `if c then a else b`.
  private mutating func conditional() throws(Failure) -> Statement {
    let start = position
    advance()
    let first = try condition()
    if at(.then), !endsHere {
      let whole = try climb(from: try choice(first, start: start), .pipe, below: .lambda)
      return try binding(from: whole, start: start)
    }
    if !at(.openBrace) || endsHere { throw failHere(.ifNeedsBody(first, self)) }
    var arms = [Conditional.Arm(first, try block())]
    var otherwise: Block?
    while take(.else) {
      if !take(.if) {
        otherwise = try block()
        break
      }
      let next = try condition()
      arms.append(Conditional.Arm(next, try block()))
    }
    return Statement(.conditional(Conditional(arms, otherwise: otherwise)), range(from: start))
  }

  /// `{ statement; … }`
  mutating func block() throws(Failure) -> Block {
    guard at(.openBrace), !endsHere else { throw failHere(.missingBlock(self)) }
    let start = position
    let depth = subscriptDepth
    subscriptDepth = 0
    let surroundings = try open()
    var statements: [Statement] = []
    while !at(.closeBrace) {
      if at(.semicolon) {
        advance()
        continue
      }
      if current.isEnd || at(.closeParenthesis) || at(.closeBracket) {
        throw failHere(.notClosed(tokens[start], self))
      }
      let next = try statement()
      try endOfStatement()
      statements.append(next)
    }
    try close(surroundings)
    subscriptDepth = depth
    return Block(statements, range(from: start))
  }

  /// What a function or lambda does.
  mutating func body(_ expression: (inout Parser) throws(Failure) -> Expression) throws(Failure) -> Body {
    at(.openBrace) && !endsHere ? .block(try block()) : .expression(try expression(&self))
  }

  /// Goes on after the first expression of a statement: a list of targets, a `=`, a `where`, or nothing.
  private mutating func binding(from first: Expression, start: Int) throws(Failure) -> Statement {
    var others: [Expression] = []
    while take(.comma) { others.append(try expression()) }
    guard at(.bind), !endsHere else {
      if let last = others.last { throw fail(.listNeedsBrackets(first.range.union(last.range), in: self)) }
      return Statement(.expression(first), range(from: start))
    }
    let sign = current.range
    if others.isEmpty, case .call(let callee, let arguments) = first.kind {
      return try definition(of: callee, arguments, start: start)
    }
    var targets = [try target(first, sign: sign)]
    for expression in others { targets.append(try target(expression, sign: sign)) }
    advance()
    var values = [try value(after: sign)]
    while take(.comma) { values.append(try value(after: sign)) }
    if values.count > 1, values.count != targets.count {
      let range = values[0].range.union(values[values.count - 1].range)
      throw fail(
        targets.count == 1 ? .listNeedsBrackets(range, in: self) : .countsDiffer(targets.count, values.count, range))
    }
    if at(.bind), !endsHere { throw fail(.secondBind(current.range)) }
    let indices = try whereClause(targets)
    return Statement(.bind(targets, values, where: indices), range(from: start))
  }

  private mutating func value(after sign: SourceRange) throws(Failure) -> Expression {
    if at(.openBrace) { throw fail(.blockAsValue(current.range)) }
    return try expression()
  }

  private mutating func whereClause(_ targets: [Target]) throws(Failure) -> [Index] {
    let word = current.range
    guard take(.where) else { return [] }
    for target in targets {
      guard case .indexed = target else { throw fail(.whereWithoutIndex(word, target.range)) }
    }
    return try indices()
  }

  /// `f(x, η: 0.1) = …` and `f'(x) = …`
  private mutating func definition(
    of callee: Expression, _ arguments: [Argument], start: Int
  ) throws(Failure) -> Statement {
    var isDerivative = false
    var named = callee
    if case .derivative(let function) = callee.kind { (named, isDerivative) = (function, true) }
    guard let name = named.name else { throw fail(.cannotDefine(callee.range)) }
    try check(name, .function)
    var parameters: [Parameter] = []
    for argument in arguments {
      guard let parameter = argument.label ?? argument.value.name else {
        throw fail(.badParameter(argument.range))
      }
      try check(parameter, .parameter)
      if parameters.contains(where: { $0.name == parameter }) { throw fail(.twice(parameter)) }
      parameters.append(Parameter(parameter, default: argument.label == nil ? nil : argument.value))
    }
    advance()
    let body = try body { parser throws(Failure) in try parser.expression() }
    if at(.bind), !endsHere { throw fail(.secondBind(current.range)) }
    if at(.where), !endsHere { throw fail(.whereWithoutIndex(current.range, callee.range)) }
    return Statement(
      .define(FunctionDefinition(name, isDerivative: isDerivative, parameters, body)), range(from: start))
  }
}
