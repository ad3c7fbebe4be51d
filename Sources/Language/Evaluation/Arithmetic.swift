import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A binary operator in a text: what it does to values that are not both numbers, and what its errors need to say.
struct BinaryNode {
  let machine: Machine
  let op: BinaryOperator
  let whole: Expression
  let source: SourceText
  /// What the operator is called and what it stands between, where it is not that of `whole`.
  private let written: Written?

  private final class Written {
    let parts: (symbol: String, left: Expression, right: Expression)

    init(_ symbol: String, _ left: Expression, _ right: Expression) { parts = (symbol, left, right) }
  }

  /// The operator of an expression.
  init(_ machine: Machine, _ op: BinaryOperator, _ whole: Expression, _ source: SourceText) {
    (self.machine, self.op, self.whole, self.source, written) = (machine, op, whole, source, nil)
  }

  /// An operator that is written otherwise: the minus of `-x`, the built-in `maximum(x, y)`.
  init(
    _ machine: Machine, _ op: BinaryOperator, _ symbol: String, _ whole: Expression, _ left: Expression,
    _ right: Expression, _ source: SourceText
  ) {
    (self.machine, self.op, self.whole, self.source) = (machine, op, whole, source)
    written = Written(symbol, left, right)
  }

  private var parts: (symbol: String, left: Expression, right: Expression) {
    if let written { return written.parts }
    if case .binary(let op, let left, let right) = whole.kind { return (op.symbol, left, right) }
    return ("", whole, whole)
  }
  var symbol: String { parts.symbol }
  var left: Expression { parts.left }
  var right: Expression { parts.right }

  var site: Fault.Site { Fault.Site(source: source, range: whole.range) }

  /// What the operator gives.
  @inline(never)
  func combine(_ a: Value, _ b: Value) throws -> Value {
    switch (a, b) {
    case (.number(let x), .number(let y)): return try numbers(x, y)
    case (.tensor(let x), .tensor(let y)): return try tensors(x, y)
    case (.tensor(let x), .number(let y)):
      if op == .power, symbol.isEmpty, y == -1, x.rank >= 2 { throw inverse() }
      return try tensors(x, Tensor(y, x.elementType))
    case (.number(let x), .tensor(let y)): return try tensors(Tensor(x, y.elementType), y)
    default: break
    }
    switch op {
    case .rangeUpTo, .rangeThrough: return try range(a, b)
    case .compose: return try machine.compose(a, b, self)
    case .join: return try join(a, b)
    case .equal, .notEqual:
      if let same = sameKind(a, b) { return Value(same == (op == .equal)) }
    default: break
    }
    switch (a, b) {
    case (.record(let x), .record(let y)):
      guard x.names == y.names else {
        throw fail(
          "E0208", "the records have different fields", "fields  \(x.names.joined(separator: " "))",
          "fields  \(y.names.joined(separator: " "))")
      }
      return .record(x.with(try zip(x.values, y.values).map { try combine($0, $1) }))
    case (.record(let x), _) where b.isSpread: return .record(x.with(try x.values.map { try combine($0, b) }))
    case (_, .record(let y)) where a.isSpread: return .record(y.with(try y.values.map { try combine(a, $0) }))
    case (.list(let x), .list(let y)) where x.count == y.count:
      return .list(try zip(x, y).map { try combine($0, $1) })
    case (.list(let x), _) where b.isSpread: return .list(try x.map { try combine($0, b) })
    case (_, .list(let y)) where a.isSpread: return .list(try y.map { try combine(a, $0) })
    case (.network(let x), _), (_, .network(let x)): return try networks(a, b, like: x)
    default: break
    }
    let other: ElementType? =
      if case .tensor(let x) = a { x.elementType } else if case .tensor(let y) = b { y.elementType } else { nil }
    let type = other ?? machine.elementType
    guard let x = a.tensor(type), let y = b.tensor(type) else { throw unsuitable(a, b) }
    return try tensors(x, y)
  }

  private func numbers(_ x: Double, _ y: Double) throws -> Value {
    switch op {
    case .add: return .number(x + y)
    case .subtract: return .number(x - y)
    case .multiply, .matrixProduct: return .number(x * y)
    case .divide: return .number(x / y)
    case .remainder: return .number(x - y * (x / y).rounded(.down))
    case .power: return .number(power(x, y))
    case .equal: return Value(x == y)
    case .notEqual: return Value(x != y)
    case .less: return Value(x < y)
    case .lessOrEqual: return Value(x <= y)
    case .greater: return Value(x > y)
    case .greaterOrEqual: return Value(x >= y)
    case .approximate: return Value(machine.settings.isNear(x, y))
    case .and: return Value(x != 0 && y != 0)
    case .or: return Value(x != 0 || y != 0)
    case .rangeUpTo, .rangeThrough: return try range(.number(x), .number(y))
    case .join: return .tensor(Tensor([x, y], machine.elementType))
    case .compose: return try machine.compose(.number(x), .number(y), self)
    case .pipe: return .nothing
    }
  }

  private func tensors(_ x: Tensor, _ y: Tensor) throws -> Value {
    do {
      switch op {
      case .add: return Value(try Add().apply(x, y))
      case .subtract: return Value(try Subtract().apply(x, y))
      case .multiply: return Value(try Multiply().apply(x, y))
      case .divide: return Value(try Divide().apply(x, y))
      case .remainder: return Value(try Remainder().apply(x, y))
      case .power: return Value(try Engine.power(x, y))
      case .matrixProduct: return Value(try x.product(y))
      case .equal: return Value(try Engine.compare(.equal, x, y))
      case .notEqual: return Value(try Engine.compare(.notEqual, x, y))
      case .less: return Value(try Engine.compare(.less, x, y))
      case .lessOrEqual: return Value(try Engine.compare(.lessOrEqual, x, y))
      case .greater: return Value(try Engine.compare(.greater, x, y))
      case .greaterOrEqual: return Value(try Engine.compare(.greaterOrEqual, x, y))
      case .approximate: return Value(try Engine.near(x, y, machine.settings))
      case .and:
        return Value(Engine.condition(try Multiply().apply(Engine.truths(x), Engine.truths(y))))
      case .or:
        return Value(Engine.truths(try Add().apply(Engine.truths(x), Engine.truths(y))))
      case .join: return Value(try Engine.join([x, y]))
      case .rangeUpTo, .rangeThrough: return try range(Value(x), Value(y))
      case .compose: return try machine.compose(.tensor(x), .tensor(y), self)
      case .pipe: return .nothing
      }
    } catch let error as ShapeError {
      throw shapeFault(error, x, y)
    }
  }

  private func range(_ a: Value, _ b: Value) throws -> Value {
    guard let first = a.plainNumber, let last = b.plainNumber, let start = Int(exactly: first),
      let end = Int(exactly: last), abs(start) < 1 << 53, abs(end) < 1 << 53
    else { throw fail("E0207", "a range goes from one whole number to another", a.outline, b.outline) }
    return .range(IntegerRange(start: start, count: end - start + (op == .rangeThrough ? 1 : 0)))
  }

  private func join(_ a: Value, _ b: Value) throws -> Value {
    if case .string(let x) = a, case .string(let y) = b { return .string(x + y) }
    if case .list(let x) = a, case .list(let y) = b { return .list(x + y) }
    guard let x = a.tensor(machine.elementType), let y = b.tensor(machine.elementType) else { throw unsuitable(a, b) }
    return try tensors(x, y)
  }

  /// Whether two values that are no tensors are the same; nil where that cannot be said.
  private func sameKind(_ a: Value, _ b: Value) -> Bool? {
    switch (a, b) {
    case (.string(let x), .string(let y)): x == y
    case (.range(let x), .range(let y)): x == y
    default: nil
    }
  }

  private func networks(_ a: Value, _ b: Value, like network: NetworkValue) throws -> Value {
    func leaves(_ value: Value) throws -> [Value] {
      switch value {
      case .network(let other):
        guard other.leaves.map(\.shape) == network.leaves.map(\.shape) else {
          throw fail("E0208", "the networks have different weights", "", "")
        }
        return other.leaves.map { .tensor($0) }
      case _ where value.isSpread: return network.leaves.map { _ in value }
      default: throw unsuitable(a, b)
      }
    }
    let results = try zip(leaves(a), leaves(b)).map { try combine($0, $1) }
    return .network(network.replacing(results.map { $0.tensor(machine.elementType) ?? Tensor(0) }))
  }

  // MARK: Errors

  private func fail(_ code: String, _ message: String, _ a: String, _ b: String) -> Fault {
    var labels: [Diagnostic.Label] = []
    if left.range != whole.range, !a.isEmpty { labels.append(.init(left.range, a)) }
    if !b.isEmpty { labels.append(.init(right.range, b)) }
    return machine.failure(code, message, at: site, labels: labels)
  }

  func unsuitable(_ a: Value, _ b: Value) -> Fault {
    let text = symbol.isEmpty ? op.word : symbol
    var fault = fail("E0207", "\(text) does not work for \(a.article) and \(b.article)", a.article, b.article)
    if case (.string, .string) = (a, b), symbol == "+" {
      let joined = machine.suggestion(
        replacing: [(SourceRange(left.range.end, right.range.start), " ++ ")], in: source)
      if let joined { fault.diagnostic.suggestions = [joined] }
    }
    return fault
  }

  private func inverse() -> Fault {
    let name = source.text(left.range)
    let suggestions = [
      machine.suggestion(replacing: [(whole.range, "inv(\(name))")], in: source),
      machine.suggestion(
        replacing: [(whole.range, left.children.isEmpty ? "1/\(name)" : "1/(\(name))")], in: source, kind: .or,
        remark: { "element by element, gives " + $0 }),
    ].compactMap { $0 }
    return machine.failure(
      "E0209", "⁻¹ of a matrix can mean its inverse or one over each element", at: site, suggestions: suggestions)
  }
}

extension BinaryOperator {
  /// The operator's sign, for messages where nothing was typed.
  var word: String {
    switch self {
    case .power: "^"
    case .multiply: "*"
    default: "this operator"
    }
  }
}

extension Value {
  /// Whether the value is combined with every leaf of a record or network.
  var isSpread: Bool {
    switch self {
    case .number: true
    case .tensor(let tensor): tensor.rank == 0
    default: false
    }
  }
}

/// x to the power y, exact for the small whole powers that formulas have.
func power(_ x: Double, _ y: Double) -> Double {
  if y == 2 { return x * x }
  if y == 1 { return x }
  if y == -1 { return 1 / x }
  if y == 0.5 { return x.squareRoot() }
  return pow(x, y)
}

/// `if c then a else b` in a text.
final class ChoiceNode {
  let machine: Machine
  let whole: Expression
  let condition: Expression
  let yes: Expression
  let no: Expression
  let source: SourceText

  init(
    _ machine: Machine, _ whole: Expression, _ condition: Expression, _ yes: Expression, _ no: Expression,
    _ source: SourceText
  ) {
    self.machine = machine
    self.whole = whole
    self.condition = condition
    self.yes = yes
    self.no = no
    self.source = source
  }

  /// The truth of a condition that is one number; nil if it is a tensor of several.
  func truth(_ value: Value) throws -> Bool? {
    switch value {
    case .number(let number): return number != 0
    case .tensor(let tensor): return tensor.rank == 0 ? tensor[flat: 0] != 0 : nil
    case .range: return nil
    default:
      return try machine.truth(value, at: Fault.Site(source: source, range: condition.range))
    }
  }

  /// Element by element: one value where the condition holds, the other where not.
  func select(_ condition: Value, _ a: Value, _ b: Value) throws -> Value {
    let type: ElementType =
      if case .tensor(let x) = a { x.elementType } else if case .tensor(let y) = b { y.elementType } else {
        machine.elementType
      }
    guard let c = condition.tensor(type), let x = a.tensor(type), let y = b.tensor(type) else {
      throw machine.failure(
        "E0207", "a tensor of conditions chooses between numbers, not between \(a.article) and \(b.article)",
        at: Fault.Site(source: source, range: whole.range))
    }
    do {
      return Value(try Engine.select(c, x, y))
    } catch {
      throw machine.shapeFault(
        error,
        [
          Operand(self.condition, condition, source), Operand(yes, a, source), Operand(no, b, source),
        ], doing: "if … then … else", at: Fault.Site(source: source, range: whole.range))
    }
  }
}
