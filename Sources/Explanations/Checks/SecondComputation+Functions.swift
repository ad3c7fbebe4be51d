import Language
import Tensors

/// Functions of the user: their lines one after the other, loops and choices too.
extension SecondComputation {
  mutating func call(_ user: UserFunction, _ name: String, _ arguments: [Language.Argument]) throws(Refusal)
    -> PlainNumbers
  {
    guard indices.isEmpty else { throw .unknown(name) }
    var known: [String: Value] = [:]
    for (name, value) in user.capturedValues { known[name] = value }
    for (index, parameter) in user.parameterNames.enumerated() {
      let given =
        arguments.first { $0.label?.text == parameter }
        ?? (index < arguments.count && arguments[index].label == nil ? arguments[index] : nil)
      if let given {
        // Networks and functions are handed on as they are.
        switch given.value.name.flatMap({ value($0.text) }) {
        case .network(let network)?: known[parameter] = .network(network)
        case .function(let function)?: known[parameter] = .function(function)
        default: known[parameter] = Value(try compute(given.value).tensor)
        }
      } else if let text = user.defaultText(of: parameter),
        case .expression(let expression)? = Parser.parse(SourceText(text)).statements.first?.kind
      {
        known[parameter] = Value(try compute(expression).tensor)
      } else {
        throw .unknown(name)
      }
    }
    let outer = value
    var inner = SecondComputation(budget: budget) { known[$0] ?? outer($0) }
    defer { budget = inner.budget }
    switch user.definition {
    case .expression(let body): return try inner.compute(body)
    case .block(let block):
      guard let result = try inner.run(block.statements) else { throw .unknown(name) }
      return result
    }
  }

  /// Statements one after the other; the value of the last one.
  private mutating func run(_ statements: [Statement]) throws(Refusal) -> PlainNumbers? {
    var last: PlainNumbers?
    for statement in statements {
      try spend(1)
      last = try run(statement)
    }
    return last
  }

  private mutating func run(_ statement: Statement) throws(Refusal) -> PlainNumbers? {
    switch statement.kind {
    case .expression(let expression): return try compute(expression)
    case .bind(let targets, let values, _):
      guard targets.count == values.count else { throw .unknown("several names at once") }
      var found: [(name: String, numbers: PlainNumbers)] = []
      for (target, value) in Swift.zip(targets, values) {
        guard case .name(let name) = target else { throw .unknown("a part of something") }
        found.append((name.text, try compute(value)))
      }
      for own in found { bind(own.name, own.numbers) }
      return found.last?.numbers
    case .forLoop(let names, let range, let block):
      guard names.count == 1 else { throw .unknown("a loop over more than one") }
      for number in try numbers(of: range) {
        bind(names[0].text, PlainNumbers(number))
        _ = try run(block.statements)
      }
      return nil
    case .whileLoop(let condition, let block):
      while try holds(condition) { _ = try run(block.statements) }
      return nil
    case .repeatLoop(let count, let block):
      let times = try compute(count)
      guard times.isNumber, let whole = Int(exactly: times.values[0]), whole < 1_000_000 else { throw .tooLarge }
      for _ in 0..<whole { _ = try run(block.statements) }
      return nil
    case .conditional(let conditional):
      for arm in conditional.arms where try holds(arm.condition) { return try run(arm.block.statements) }
      return try conditional.otherwise.map { block throws(Refusal) in try run(block.statements) } ?? nil
    default: throw .unknown("this kind of line")
    }
  }

  private mutating func holds(_ condition: Expression) throws(Refusal) -> Bool {
    let numbers = try compute(condition)
    guard numbers.isNumber else { throw .unknown("a condition") }
    return numbers.values[0] != 0
  }

  /// What a loop goes through.
  private mutating func numbers(of range: Expression) throws(Refusal) -> [Double] {
    if case .binary(let op, let low, let high) = range.kind, op.symbol == "..<" || op.symbol == "..." {
      let (start, end) = (try compute(low), try compute(high))
      guard start.isNumber, end.isNumber, end.values[0] - start.values[0] < 1e6 else { throw .tooLarge }
      let last = end.values[0] + (op.symbol == "..." ? 1 : 0)
      return Array(stride(from: start.values[0], to: last, by: 1))
    }
    let all = try compute(range)
    guard all.shape.count == 1 else { throw .unknown("the range of a loop") }
    return all.values
  }

  /// `if c then a else b`: of a number the branch that is taken, else number by number.
  mutating func choice(_ condition: Expression, _ yes: Expression, _ no: Expression) throws(Refusal) -> PlainNumbers {
    let test = try compute(condition)
    if test.isNumber { return try compute(test.values[0] != 0 ? yes : no) }
    let (a, b) = (try compute(yes), try compute(no))
    let taken = try zip(test, a) { $0 != 0 ? $1 : 0 }
    let other = try zip(test, b) { $0 != 0 ? 0 : $1 }
    // What is not taken counts for nothing, whatever it is.
    return try zip(taken, other) { $0 + $1 }
  }

  /// A comparison, 1 where it holds; nil for what is none.
  static func comparison(_ symbol: String) -> ((Double, Double) -> Double)? {
    switch symbol {
    case "<": { $0 < $1 ? 1 : 0 }
    case ">": { $0 > $1 ? 1 : 0 }
    case "<=", "≤": { $0 <= $1 ? 1 : 0 }
    case ">=", "≥": { $0 >= $1 ? 1 : 0 }
    case "==": { $0 == $1 ? 1 : 0 }
    case "!=", "≠": { $0 != $1 ? 1 : 0 }
    default: nil
    }
  }
}

extension PlainNumbers {
  fileprivate var tensor: Tensor { Tensor(values, shape: Shape(shape), .float64) }
}
