extension Parser {
  /// A sign, a root, a big operator, a coefficient, or a power.
  mutating func factor() throws(Failure) -> Expression {
    let start = position
    switch current.kind {
    case .sign(.minus), .sign(.plus), .sign(.root):
      let sign = current
      advance()
      try enter()
      let inner = try factor()
      leave()
      if sign.kind == .sign(.plus) { return inner.at(range(from: start)) }
      if sign.kind == .sign(.minus) { return try checked(make(.negate(inner), range(from: start))) }
      return try checked(
        make(.call(make(.name("sqrt"), sign.range), [Argument(nil, inner)]), range(from: start)))
    default:
      if let big = bigOperator { return try sum(big) }
      if isCoefficient(at: position) { return try coefficient() }
      return try power()
    }
  }

  /// The big operator that begins here, if one does: `∑`, or its word with a bracket at it.
  private var bigOperator: BigOperator? {
    if at(.sum) { return .sum }
    if at(.product) { return .prod }
    guard current.isName, next.sign == .openBracket, next.touches else { return nil }
    return BigOperator(rawValue: text(of: current))
  }

  private mutating func sum(_ big: BigOperator) throws(Failure) -> Expression {
    let start = position
    advance()
    guard at(.openBracket) else { throw failHere(.missingIndices(tokens[start], self)) }
    let surroundings = try open()
    let indices = try indices()
    try close(surroundings)
    try enter()
    let body = try binary(.term)
    leave()
    return try checked(make(.big(big, indices, body), range(from: start)))
  }

  /// Whether a number stands here that multiplies what it touches: `3x`, `2(a + b)`, `2∑[k] …`.
  func isCoefficient(at place: Int) -> Bool {
    guard tokens[place].kind == .number, place + 1 < tokens.count, tokens[place + 1].touches else { return false }
    switch tokens[place + 1].kind {
    case .name: return true
    case .sign(let sign): return [.openParenthesis, .root, .sum, .product, .nabla, .partial].contains(sign)
    default: return false
    }
  }

  private mutating func coefficient() throws(Failure) -> Expression {
    let token = current
    let number = try number()
    if current.isName, text(of: current) == "e" {
      throw fail(.numberWithE(token.range.union(current.range), number: text(of: token)))
    }
    try enter()
    let right = try factor()
    leave()
    let op = Operator(.multiply, range: SourceRange(token.range.end, token.range.end))
    return try checked(make(.binary(op, number, right), number.range.union(right.range)))
  }

  private mutating func number() throws(Failure) -> Expression {
    let token = current
    guard let value = Decimal.value(source.bytes[token.range.start..<token.range.end]), value.isFinite else {
      throw fail(.numberTooLarge(token.range))
    }
    advance()
    return make(.number(value), token.range)
  }

  // MARK: Powers

  private mutating func power() throws(Failure) -> Expression {
    let start = position
    var base = try postfix()
    if current.kind == .superscript, !endsHere {
      try refusePartial(base, start: start)
      let token = current
      advance()
      if current.touches, at(.openParenthesis) || at(.openBracket) { throw fail(.raisedFunction(base, token, self)) }
      let op = Operator(.power, range: token.range)
      base = try checked(make(.binary(op, base, try exponent(of: token)), base.range.union(token.range)))
    }
    guard at(.caret), !endsHere else { return base }
    try refusePartial(base, start: start)
    let token = current
    advance()
    let right = try exponent(base)
    let op = Operator(.power, .caret, range: token.range)
    return try checked(make(.binary(op, base, right), base.range.union(right.range)))
  }

  /// What raised signs say: a number or a letter, perhaps with a minus.
  private mutating func exponent(of token: Token) throws(Failure) -> Expression {
    var text = String(source.text(token.range).compactMap { Symbols.raisedText[$0] })
    let isNegative = text.first == "-"
    if isNegative { text.removeFirst() }
    let inner: Expression
    if text.first?.isLetter == true {
      inner = make(.name(text), token.range)
    } else if let value = Double(text), value.isFinite {
      inner = make(.number(value), token.range)
    } else {
      throw fail(.numberTooLarge(token.range))
    }
    return isNegative ? make(.negate(inner), token.range) : inner
  }

  private mutating func exponent(_ base: Expression) throws(Failure) -> Expression {
    let start = position
    if at(.minus) {
      advance()
      try enter()
      let inner = try exponent(base)
      leave()
      return try checked(make(.negate(inner), range(from: start)))
    }
    if isCoefficient(at: position) {
      let number = current
      advance()
      let right = try power()
      throw fail(.powerWithCoefficient(base, number, right, self))
    }
    try enter()
    let result = try power()
    leave()
    return result
  }

  // MARK: What clings to an operand

  private mutating func postfix() throws(Failure) -> Expression {
    let start = position
    var result = try primary()
    while !endsHere, case .sign(let sign) = current.kind {
      switch sign {
      case .openParenthesis, .openBracket:
        if !current.touches { throw fail(.spaceBeforeBracket(result, self)) }
        try refusePartial(result, start: start)
        if sign == .openParenthesis {
          let arguments = try arguments()
          result = make(.call(result, arguments), range(from: start))
        } else {
          let items = try subscripts()
          result = make(.index(result, items), range(from: start))
        }
      case .period:
        if previous.kind == .number, current.touches { throw fail(.pointWithoutDigit(result, current)) }
        try refusePartial(result, start: start)
        advance()
        guard let word = word() else { throw failHere(.missingField(result, self)) }
        result =
          word.text == "T"
          ? make(.transpose(result), range(from: start)) : make(.field(result, word), range(from: start))
      case .prime:
        try refusePartial(result, start: start)
        advance()
        result = make(.derivative(result), range(from: start))
      case .transpose:
        try refusePartial(result, start: start)
        advance()
        result = make(.transpose(result), range(from: start))
      default:
        return result
      }
      result = try checked(result)
    }
    return result
  }

  /// `∂L/∂Wᵀ` reads two ways: what follows `∂L/∂W` directly is refused unless that is in parentheses.
  private mutating func refusePartial(_ expression: Expression, start: Int) throws(Failure) {
    guard case .partial(_, let variable) = expression.kind, tokens[start].kind == .sign(.partial) else { return }
    throw fail(.clingsToPartial(expression, variable, self))
  }

  /// A word after a point or before a colon: keywords too.
  private mutating func word() -> Name? {
    let token = current
    switch token.kind {
    case .name: break
    case .keyword: break
    default: return nil
    }
    if endsHere { return nil }
    advance()
    return Name(text(of: token), token.range)
  }

  private mutating func label() -> Name? {
    guard next.sign == .colon, let label = word() else { return nil }
    advance()
    return label
  }

  /// `(a, η: 0.1; b)`
  private mutating func arguments() throws(Failure) -> [Argument] {
    let surroundings = try open()
    var result: [Argument] = []
    while !at(.closeParenthesis) {
      let label = label()
      result.append(Argument(label, try expression()))
      if at(.bind) { throw fail(.bindInCall(result[result.count - 1], current.range, self)) }
      if !take(.comma), !take(.semicolon) { break }
    }
    try close(surroundings)
    return result
  }

  /// `[i, :, ..., new, 0..<3]`
  private mutating func subscripts() throws(Failure) -> [Subscript] {
    let surroundings = try open()
    subscriptDepth += 1
    if at(.closeBracket) { throw fail(.emptySubscripts(previous.range.union(current.range))) }
    var result: [Subscript] = []
    while !at(.closeBracket) {
      result.append(try item())
      if at(.colon) { throw fail(.colonSlice(result[result.count - 1].range.union(current.range), self)) }
      if !take(.comma) { break }
    }
    try close(surroundings)
    subscriptDepth -= 1
    return result
  }

  private mutating func item() throws(Failure) -> Subscript {
    let token = current
    switch token.kind {
    case .sign(.colon):
      advance()
      if !at(.comma), !at(.closeBracket), !current.isEnd {
        throw fail(.colonSlice(token.range.union(current.range), self))
      }
      return Subscript(.all, token.range)
    case .keyword(.new):
      advance()
      return Subscript(.new, token.range)
    case .sign(.through):
      advance()
      return Subscript(.rest, token.range)
    default:
      let value = try expression()
      return Subscript(.value(value), value.range, isParenthesized: value.range == lastParentheses)
    }
  }

  // MARK: Operands

  private mutating func primary() throws(Failure) -> Expression {
    let token = current
    switch token.kind {
    case .number: return try number()
    case .string:
      let text = try unescaped(token)
      advance()
      return make(.string(text), token.range)
    case .keyword(.end) where subscriptDepth > 0:
      advance()
      return make(.end, token.range)
    case .name:
      let text = text(of: token)
      if text == "partial", next.sign == .openParenthesis { return try partialInWords() }
      if text == "grad" { return try gradient() }
      advance()
      return make(.name(text), token.range)
    case .sign(.nabla): return try gradient()
    case .sign(.partial): return try partial()
    case .sign(.openParenthesis): return try parentheses()
    case .sign(.openBracket): return try tensor()
    default: throw failHere(.missingValue(self))
    }
  }

  /// The text of a string between its quotes, escapes resolved.
  private mutating func unescaped(_ token: Token) throws(Failure) -> String {
    var text: [UInt8] = []
    var place = token.range.start + 1
    while place < token.range.end - 1 {
      let byte = source.bytes[place]
      place += 1
      if byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D || byte == 0x7F {
        throw fail(.unreadable(.control(UInt32(byte)), SourceRange(place - 1, place), text: ""))
      }
      guard byte == 0x5C else {
        text.append(byte)
        continue
      }
      switch source.bytes[place] {
      case 0x22, 0x5C: text.append(source.bytes[place])
      case 0x6E: text.append(0x0A)
      case 0x74: text.append(0x09)
      default:
        let width = source.scalar(at: place).map { UTF8.width($0) } ?? 1
        throw fail(.badEscape(SourceRange(place - 1, place + width), source))
      }
      place += 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A group, a list, a record, or the parameters of a lambda.
  private mutating func parentheses() throws(Failure) -> Expression {
    let start = position
    let surroundings = try open()
    var items: [Argument] = []
    var hasComma = false
    while !at(.closeParenthesis) {
      let label = label()
      items.append(Argument(label, try expression()))
      if at(.bind) { throw fail(.bindInParentheses(items[items.count - 1], current.range, self)) }
      guard take(.comma) else { break }
      hasComma = true
    }
    try close(surroundings)
    let whole = range(from: start)
    let labels = items.compactMap(\.label)
    if !labels.isEmpty {
      if labels.count < items.count { throw fail(.someFieldsNamed(whole)) }
      for (place, label) in labels.enumerated() {
        if label.text == "T" { throw fail(.fieldNamedT(label.range)) }
        if labels[..<place].contains(label) { throw fail(.twice(label)) }
      }
      return try checked(make(.record(items), whole))
    }
    if items.count == 1, !hasComma {
      lastParentheses = whole
      return items[0].value.at(whole)
    }
    if items.isEmpty, !at(.arrow) { throw fail(.emptyParentheses(whole)) }
    return try checked(make(.list(items.map(\.value)), whole))
  }

  private mutating func tensor() throws(Failure) -> Expression {
    let start = position
    let surroundings = try open(inTensor: true)
    var rows: [[Expression]] = []
    if !at(.closeBracket) {
      var row: [Expression] = []
      while true {
        row.append(try expression())
        if take(.comma) {
          if !at(.closeBracket) { continue }
        } else if take(.semicolon) {
          rows.append(row)
          row = []
          continue
        }
        break
      }
      rows.append(row)
    }
    try close(surroundings)
    return try checked(make(.tensor(rows), range(from: start)))
  }

  // MARK: Derivatives

  /// `∇f`, `∇[w,b] f`, `grad(f)`
  private mutating func gradient() throws(Failure) -> Expression {
    let start = position
    advance()
    try enter()
    var names: [Name] = []
    if at(.openBracket) {
      let surroundings = try open()
      repeat { names.append(try bindableName(.parameter)) } while take(.comma)
      try close(surroundings)
    }
    let function: Expression
    switch current.kind {
    case .sign(.nabla): function = try gradient()
    case .sign(.openParenthesis):
      let surroundings = try open()
      let opening = position - 1
      let inner = try expression()
      if at(.comma) { throw fail(.gradientArguments(tokens[start], inner, self)) }
      try close(surroundings)
      function = inner.at(range(from: opening))
    case .name where text(of: current) == "grad": function = try gradient()
    case .name:
      var path = make(.name(text(of: current)), current.range)
      let first = position
      advance()
      while at(.period), current.touches, text(of: next) != "T" {
        advance()
        guard let field = word() else { throw failHere(.missingField(path, self)) }
        path = try checked(make(.field(path, field), range(from: first)))
      }
      function = path
    default: throw failHere(.missingFunction(tokens[start], self))
    }
    leave()
    return try checked(make(.gradient(names, function), range(from: start)))
  }

  /// `∂L/∂W`
  private mutating func partial() throws(Failure) -> Expression {
    let start = position
    advance()
    if current.kind == .superscript || at(.caret) { throw fail(.higherPartial(tokens[start], self)) }
    let value = try path()
    guard take(.slash), at(.partial) else { throw failHere(.halfPartial(range(from: start), self)) }
    advance()
    let variable = try path()
    return try checked(make(.partial(value, by: variable), range(from: start)))
  }

  /// `partial(L, W)`
  private mutating func partialInWords() throws(Failure) -> Expression {
    let start = position
    advance()
    let surroundings = try open()
    let value = try path()
    guard take(.comma) else { throw failHere(.halfPartial(range(from: start), self)) }
    let variable = try path()
    try close(surroundings)
    return try checked(make(.partial(value, by: variable), range(from: start)))
  }

  /// A name with subscripts and fields.
  private mutating func path() throws(Failure) -> Expression {
    guard current.isName else { throw failHere(.partialOfNoName(current.range, self)) }
    let start = position
    var result = make(.name(text(of: current)), current.range)
    advance()
    while current.touches, !endsHere {
      if at(.openBracket) {
        let items = try subscripts()
        result = try checked(make(.index(result, items), range(from: start)))
      } else if at(.period), case .name = next.kind, text(of: next) != "T" {
        advance()
        let field = Name(text(of: current), current.range)
        advance()
        result = try checked(make(.field(result, field), range(from: start)))
      } else {
        break
      }
    }
    return result
  }
}
