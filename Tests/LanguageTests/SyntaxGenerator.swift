import Language

/// A stream of numbers that is the same for the same seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Random trees of every kind the grammar has.
struct SyntaxGenerator {
  private var numbers: SeededNumbers
  private let alphabet: [String]

  init(seed: UInt64, names: [String] = ["x", "W₁", "θ", "hₜ", "m̂", "C̃", "ŷ", "∞", "Δ2", "a_b", "日本", "n", "t"]) {
    numbers = SeededNumbers(seed: seed)
    alphabet = names
  }

  private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &numbers) }

  private mutating func some<T>(_ least: Int, _ most: Int, _ make: (inout Self) -> T) -> [T] {
    var items: [T] = []
    for _ in 0..<least + below(most - least + 1) { items.append(make(&self)) }
    return items
  }

  private mutating func name() -> Name { Name(alphabet[below(alphabet.count)]) }

  private mutating func distinctNames(_ count: Int) -> [Name] {
    alphabet.shuffled(using: &numbers).prefix(count).map { Name($0) }
  }

  private mutating func number() -> Double {
    [0, 1, 2, 17, 0.5, 1e-6, 3.25e30, 123_456_789, 0.1, 1e300, 2.5e-300][below(11)]
  }

  private mutating func leaf(inSubscript: Bool) -> Expression {
    switch below(inSubscript ? 5 : 4) {
    case 0: Expression(.number(number()))
    case 1: Expression(.string(["", "a b", "\"\\\n\t", "é²"][below(4)]))
    case 4: Expression(.end)
    default: Expression(.name(name().text))
    }
  }

  mutating func expression(_ depth: Int = 4, inSubscript: Bool = false) -> Expression {
    if depth <= 0 { return leaf(inSubscript: inSubscript) }
    func inner(_ me: inout Self) -> Expression { me.expression(depth - 1, inSubscript: inSubscript) }
    let operators = BinaryOperator.allCases
    let kind: Expression.Kind
    switch below(20) {
    case 0: kind = .negate(inner(&self))
    case 1: kind = .not(inner(&self))
    case 2...6: kind = .binary(Operator(operators[below(operators.count)]), inner(&self), inner(&self))
    case 7: kind = .choice(condition: inner(&self), then: inner(&self), else: inner(&self))
    case 8: kind = .lambda(distinctNames(below(3)), body(depth - 1))
    case 9: kind = .call(below(3) == 0 ? Expression(.name("sqrt")) : inner(&self), some(0, 2) { $0.argument(inner) })
    case 10: kind = .index(inner(&self), some(1, 3) { $0.item(depth - 1) })
    case 11: kind = .field(inner(&self), name())
    case 12: kind = .derivative(inner(&self))
    case 13: kind = .transpose(inner(&self))
    case 14:
      let indices = distinctNames(1 + below(2)).map { Index($0, in: below(2) == 0 ? nil : inner(&self)) }
      kind = .big(BigOperator.allCases[below(BigOperator.allCases.count)], indices, inner(&self))
    case 15: kind = .gradient(distinctNames(below(3)), inner(&self))
    case 16: kind = .partial(path(depth), by: path(depth))
    case 17: kind = .list(some(1, 3, inner))
    case 18:
      let labels = distinctNames(1 + below(2))
      kind = .record(labels.map { Argument($0, inner(&self)) })
    default: kind = .tensor(some(0, 3) { $0.some(1, 3, inner) })
    }
    return Expression(kind)
  }

  /// Several statements, some of them silenced.
  mutating func program() -> [Statement] {
    some(1, 4) { me in
      var statement = me.statement()
      statement.isSilenced = me.below(3) == 0
      return statement
    }
  }

  private mutating func argument(_ inner: (inout Self) -> Expression) -> Argument {
    Argument(below(3) == 0 ? name() : nil, inner(&self))
  }

  private mutating func item(_ depth: Int) -> Subscript {
    switch below(6) {
    case 0: Subscript(.all)
    case 1: Subscript(.rest)
    case 2: Subscript(.new)
    default: Subscript(.value(expression(depth, inSubscript: true)))
    }
  }

  private mutating func path(_ depth: Int) -> Expression {
    var path = Expression(.name(name().text))
    for _ in 0..<below(3) {
      path = Expression(below(2) == 0 ? .field(path, name()) : .index(path, some(1, 2) { $0.item(depth - 1) }))
    }
    return path
  }

  private mutating func body(_ depth: Int) -> Body {
    below(4) == 0 ? .block(block(depth)) : .expression(expression(depth))
  }

  private mutating func block(_ depth: Int) -> Block { Block(some(0, 3) { $0.statement(max(0, depth - 1)) }) }

  private mutating func target(_ depth: Int, indexed: Bool) -> Target {
    if !indexed, below(3) > 0 {
      return below(2) == 0 ? .name(name()) : .field(of: path(depth), name())
    }
    let places = some(1, 3) { me in
      switch me.below(3) {
      case 0: Place(.integer(me.below(5) - 2))
      case 1: Place(.index(me.name(), offset: me.below(5) - 2))
      default: Place(.value(me.expression(depth, inSubscript: true)))
      }
    }
    return .indexed(name(), places, SourceRange(0, 0))
  }

  mutating func statement(_ depth: Int = 3) -> Statement {
    switch below(depth == 0 ? 3 : 9) {
    case 0, 1: return Statement(.expression(expression(depth)))
    case 2:
      let hasWhere = below(2) == 0
      let targets = some(1, 2) { $0.target(depth, indexed: hasWhere) }
      let values = below(2) == 0 ? [expression(depth)] : targets.map { _ in expression(depth) }
      let indices = hasWhere ? distinctNames(1 + below(2)).map { Index($0, in: expression(depth)) } : []
      return Statement(.bind(targets, values, where: indices))
    case 3, 4:
      let parameters = distinctNames(below(3)).map { Parameter($0, default: below(2) == 0 ? nil : expression(depth)) }
      let definition = FunctionDefinition(name(), isDerivative: below(4) == 0, parameters, body(depth))
      return Statement(.define(definition))
    case 5: return Statement(.forLoop(distinctNames(1 + below(2)), in: expression(depth), block(depth)))
    case 6: return Statement(.whileLoop(expression(depth), block(depth)))
    case 7: return Statement(.repeatLoop(expression(depth), block(depth)))
    default:
      let arms = some(1, 3) { Conditional.Arm($0.expression(depth), $0.block(depth)) }
      return Statement(.conditional(Conditional(arms, otherwise: below(2) == 0 ? nil : block(depth))))
    }
  }
}
