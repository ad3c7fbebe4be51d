extension Parser {
  /// How tightly an operator binds, from loose to tight.
  enum Level: Int, Comparable {
    case pipe, compose, lambda, or, and, not, test, range, sum, term, factor, power, tightest

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

    var tighter: Level { Level(rawValue: rawValue + 1) ?? .tightest }
  }

  /// Any expression.
  mutating func expression() throws(Failure) -> Expression { try binary(.pipe) }

  /// An expression whose operators all bind at least as tightly as `minimum`.
  mutating func binary(_ minimum: Level) throws(Failure) -> Expression {
    if minimum <= .lambda { return try climb(from: try lambda(), minimum, below: .lambda) }
    return try climb(from: try operand(minimum), minimum)
  }

  /// What stands before the first binary operator.
  private mutating func operand(_ minimum: Level) throws(Failure) -> Expression {
    guard at(.not) else { return try factor() }
    if minimum > .not { throw fail(.needsParentheses("not", current.range)) }
    let start = position
    advance()
    try enter()
    let inner = try binary(.not)
    leave()
    return try checked(make(.not(inner), range(from: start)))
  }

  /// Takes in operators, as long as they bind at least as tightly as `minimum` and, where `limit` is given, less than that.
  mutating func climb(
    from first: Expression, _ minimum: Level, below limit: Level? = nil
  ) throws(Failure) -> Expression {
    var left = first
    while !endsHere, let (kind, level) = infix(current), level >= minimum, limit.map({ level < $0 }) ?? true {
      let token = current
      try checkSpacing(after: left)
      advance()
      let start = position
      let right = try binary(level.tighter)
      if level == .term, kind == .divide || kind == .remainder, isCoefficient(at: start) {
        throw fail(.divisionByCoefficient(left, token, number: tokens[start], right, self))
      }
      let op = Operator(kind, token.sign, range: token.range)
      left = try checked(make(.binary(op, left, right), left.range.union(right.range)))
      if level == .test, let (_, another) = infix(current), another == .test, !endsHere {
        throw fail(.chained(left, op, self))
      }
      if level == .range, let (_, another) = infix(current), another == .range, !endsHere {
        throw fail(.unexpected(self))
      }
    }
    return left
  }

  /// `[1 -2]`: a minus that clings to what follows, after a space.
  private mutating func checkSpacing(after left: Expression) throws(Failure) {
    guard isInTensor, at(.minus) || at(.plus), !current.touches, next.touches else { return }
    let sign = current
    advance()
    let right = try binary(.term)
    throw fail(.signInTensor(left, sign, right, self))
  }

  func infix(_ token: Token) -> (BinaryOperator, Level)? {
    switch token.kind {
    case .keyword(.or): (.or, .or)
    case .keyword(.and): (.and, .and)
    case .sign(let sign):
      switch sign {
      case .pipe: (.pipe, .pipe)
      case .compose: (.compose, .compose)
      case .equal: (.equal, .test)
      case .notEqual: (.notEqual, .test)
      case .less: (.less, .test)
      case .lessOrEqual: (.lessOrEqual, .test)
      case .greater: (.greater, .test)
      case .greaterOrEqual: (.greaterOrEqual, .test)
      case .approximate: (.approximate, .test)
      case .upTo: (.rangeUpTo, .range)
      // In x[0, ...] it is a subscript of its own.
      case .through: (.rangeThrough, .range)
      case .plus: (.add, .sum)
      case .minus: (.subtract, .sum)
      case .join: (.join, .sum)
      case .star, .odot: (.multiply, .term)
      case .slash: (.divide, .term)
      case .percent: (.remainder, .term)
      case .at, .dot: (.matrixProduct, .term)
      default: nil
      }
    default: nil
    }
  }

  // MARK: Lambdas and choices

  private mutating func lambda() throws(Failure) -> Expression {
    let start = position
    if take(.if) {
      let condition = try expression()
      if at(.bind), !endsHere { throw fail(.bindInCondition(condition, current.range)) }
      return try choice(condition, start: start)
    }
    let left = try binary(.or)
    guard at(.arrow), !endsHere else {
      if case .list(let items) = left.kind, items.isEmpty { throw fail(.emptyParentheses(left.range)) }
      return left
    }
    let names = try lambdaParameters(left)
    advance()
    try enter()
    let body = try body { parser throws(Failure) in try parser.binary(.lambda) }
    leave()
    return try checked(make(.lambda(names, body), range(from: start)))
  }

  private mutating func lambdaParameters(_ left: Expression) throws(Failure) -> [Name] {
    var items = [left]
    if case .list(let list) = left.kind { items = list }
    var names: [Name] = []
    for item in items {
      guard let name = item.name else { throw fail(.badLambda(item.range)) }
      try check(name, .parameter)
      if names.contains(name) { throw fail(.twice(name)) }
      names.append(name)
    }
    return names
  }

  /// After `if c`: `then a else b`.
  mutating func choice(_ condition: Expression, start: Int) throws(Failure) -> Expression {
    guard take(.then) else { throw failHere(.missing("then", after: self)) }
    try enter()
    let yes = try expression()
    guard take(.else) else { throw failHere(.missingElse(tokens[start].range, self)) }
    let no = try binary(.lambda)
    leave()
    return try checked(make(.choice(condition: condition, then: yes, else: no), range(from: start)))
  }
}
