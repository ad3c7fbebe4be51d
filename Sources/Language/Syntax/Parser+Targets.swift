extension Parser {
  /// What a name is to be, for the words of an error.
  enum Role {
    case variable, function, parameter, loopVariable, index
  }

  /// The names that cannot be bound although they are no keywords.
  package static let reservedNames: Set<String> = Set(BigOperator.allCases.map(\.rawValue) + ["grad", "partial"])

  mutating func check(_ name: Name, _ role: Role) throws(Failure) {
    if Self.reservedNames.contains(name.text) { throw fail(.reserved(name.text, name.range)) }
  }

  /// A name that is about to be bound.
  mutating func bindableName(_ role: Role) throws(Failure) -> Name {
    guard current.isName else {
      if case .keyword(let word) = current.kind { throw fail(.reserved(word.rawValue, current.range)) }
      throw failHere(.missingName(role, self))
    }
    let name = Name(text(of: current), current.range)
    try check(name, role)
    advance()
    return name
  }

  /// Judges an expression that turned out to stand left of a `=`.
  mutating func target(_ expression: Expression, sign: SourceRange) throws(Failure) -> Target {
    switch expression.kind {
    case .name(let text):
      let name = Name(text, expression.range)
      try check(name, .variable)
      return .name(name)
    case .index(let base, let items):
      guard let name = base.name else { throw fail(.cannotDefine(expression.range)) }
      try check(name, .variable)
      var places: [Place] = []
      for item in items { places.append(try place(item)) }
      return .indexed(name, places, expression.range)
    case .field(let base, let field):
      try checkPath(base, of: expression)
      return .field(of: base, field)
    case .transpose(let base):
      throw fail(.transposeOnLeft(expression.range, of: source.text(base.range)))
    case .binary(let op, let left, _) where op.kind != .power:
      throw fail(.expressionOnLeft(expression, op, left, sign, self))
    default:
      throw fail(.cannotDefine(expression.range))
    }
  }

  private mutating func checkPath(_ path: Expression, of whole: Expression) throws(Failure) {
    var inner = path
    while true {
      switch inner.kind {
      case .field(let base, _): inner = base
      case .index(let base, _): inner = base
      case .name(let text): return try check(Name(text, inner.range), .variable)
      default: throw fail(.cannotDefine(whole.range))
      }
    }
  }

  private mutating func place(_ item: Subscript) throws(Failure) -> Place {
    guard let value = item.value else { throw fail(.badPlace(item.range, nil)) }
    if item.isParenthesized { return Place(.value(value), item.range) }
    switch value.kind {
    case .number(let number):
      if let integer = Int(exactly: number) { return Place(.integer(integer), item.range) }
    case .negate(let inner):
      if case .number(let number) = inner.kind, let integer = Int(exactly: -number) {
        return Place(.integer(integer), item.range)
      }
    case .name(let text):
      let name = Name(text, value.range)
      try check(name, .index)
      return Place(.index(name, offset: 0), item.range)
    case .binary(let op, let left, let right) where op.kind == .add || op.kind == .subtract:
      if let name = left.name, case .number(let number) = right.kind, let integer = Int(exactly: number) {
        try check(name, .index)
        return Place(.index(name, offset: op.kind == .add ? integer : -integer), item.range)
      }
    default: break
    }
    throw fail(.badPlace(item.range, source.text(item.range)))
  }

  /// `k`, `k in 0..<3`, …: at least one.
  mutating func indices() throws(Failure) -> [Index] {
    var result: [Index] = []
    repeat {
      let name = try bindableName(.index)
      if result.contains(where: { $0.name == name }) { throw fail(.twice(name)) }
      result.append(Index(name, in: take(.in) ? try binary(.range) : nil))
    } while take(.comma)
    return result
  }
}
