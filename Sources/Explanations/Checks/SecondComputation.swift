import Language
import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A line computed a second, independent way: its tree walked with loops over plain numbers, every formula by its definition.
///
/// It shares nothing with the engine but the tree and the inputs. It is slow, so it gives up on what would take long, and it does
/// not know everything: what it does not know it says.
struct SecondComputation {
  /// Why a line was not computed a second time.
  enum Refusal: Error {
    /// `softplus is not known here`
    case unknown(String)
    case tooLarge
  }

  /// What a name is.
  let value: (String) -> Value?
  /// Multiplications left before it gives up.
  var budget = 4_000_000
  /// What the indices of an equation are at the moment.
  private(set) var indices: [String: Int] = [:]
  /// What a loop has bound so far: plain names, and sequences by their numbers.
  private var locals: [String: PlainNumbers] = [:]
  private var sequences: [String: [Int: PlainNumbers]] = [:]

  /// While a call carries a state from one sequence to the next: what recurrent layers begin with, and what they end with.
  var states: States?

  /// What a part of the line gives that is only read.
  let given: (Expression) -> Value?
  /// What the line gave, which says how far a sequence goes.
  let result: (String) -> Value?

  init(
    budget: Int = 4_000_000, given: @escaping (Expression) -> Value? = { _ in nil },
    result: @escaping (String) -> Value? = { _ in nil }, value: @escaping (String) -> Value?
  ) {
    (self.value, self.budget, self.given, self.result) = (value, budget, given, result)
  }

  /// What a statement binds under one name; nil for loops and what else is more than one value.
  ///
  /// - Parameter shape: of an index equation the shape it gave, which says how far its indices go.
  mutating func compute(_ statement: Statement, _ name: String, shape: Shape?) throws(Refusal) -> PlainNumbers {
    switch statement.kind {
    case .expression(let expression): return try compute(expression)
    case .bind(let targets, let values, _):
      guard let place = targets.firstIndex(where: { $0.name == name }), targets.count == values.count else {
        throw .unknown("several names at once")
      }
      guard case .indexed(_, let places, _) = targets[place] else {
        guard case .name = targets[place] else { throw .unknown("a part of something") }
        return try compute(values[place])
      }
      let names = places.compactMap(\.indexName)
      guard let shape, names.count == places.count, names.count == shape.rank, !values[place].reads(name) else {
        throw .unknown("a sequence")
      }
      var numbers: [Double] = []
      for element in 0..<shape.count {
        var rest = element
        for (axis, index) in names.enumerated().reversed() {
          indices[index] = rest % shape[axis]
          rest /= shape[axis]
        }
        numbers.append(try compute(values[place]).values[0])
      }
      indices = [:]
      return PlainNumbers(shape.dimensions, numbers)
    default: throw .unknown("a loop")
    }
  }

  /// What a line of a function binds.
  mutating func bind(_ name: String, _ numbers: PlainNumbers) { locals[name] = numbers }

  // MARK: Sequences

  /// What a loop, or an equation in which a sequence follows from itself, binds: each sequence by its numbers.
  mutating func computeSequences(_ statement: Statement) throws(Refusal) -> [String: [Int: PlainNumbers]] {
    switch statement.kind {
    case .forLoop(let names, let range, let block):
      guard names.count == 1 else { throw .unknown("a loop over more than one") }
      guard let numbers = given(range)?.numbers else { throw .unknown("the range of a loop") }
      for number in numbers.elements {
        indices[names[0].text] = Int(number)
        for inner in block.statements { try run(inner, names[0].text) }
      }
    case .bind(let targets, let values, _):
      guard targets.count == 1, values.count == 1, case .indexed(let name, let places, _) = targets[0],
        places.count == 1, case .index(let letter, let offset) = places[0].kind,
        case .sequence(let known)? = result(name.text)
      else { throw .unknown("a sequence of several axes") }
      let numbers = known.numbers.filter { !known.firstNumbers.contains($0) }
      let isDownward = (numbers.first ?? 0) < known.firstNumbers.lowerBound && !known.firstNumbers.isEmpty
      for number in isDownward ? numbers.reversed() : numbers {
        indices[letter.text] = number - offset
        sequences[name.text, default: [:]][number] = try compute(values[0])
      }
    default: throw .unknown("this kind of line")
    }
    indices = [:]
    return sequences
  }

  /// One statement of a loop's body.
  private mutating func run(_ statement: Statement, _ letter: String) throws(Refusal) {
    guard case .bind(let targets, let values, _) = statement.kind, targets.count == values.count else {
      throw .unknown("a statement inside a loop")
    }
    for (target, value) in Swift.zip(targets, values) {
      switch target {
      case .name(let name): locals[name.text] = try compute(value)
      case .indexed(let name, let places, _):
        guard places.count == 1, case .index(let own, let offset) = places[0].kind, own.text == letter,
          let time = indices[letter]
        else { throw .unknown("a place inside a loop") }
        sequences[name.text, default: [:]][time + offset] = try compute(value)
      case .field: throw .unknown("a field inside a loop")
      }
    }
  }

  /// An element of a sequence: one that was computed here, else one that was given.
  private mutating func element(of name: String, _ item: Expression) throws(Refusal) -> PlainNumbers? {
    if locals[name] != nil { return nil }
    let own = sequences[name]
    var known: ValueSequence?
    if case .sequence(let sequence)? = value(name) { known = sequence }
    guard own != nil || known != nil else { return nil }
    let number: Int
    if item.kind == .end {
      number = (own?.keys.max()).map { max($0, (known?.numbers.upperBound ?? 0) - 1) } ?? known!.numbers.upperBound - 1
    } else {
      let numbers = try compute(item)
      guard numbers.isNumber, let whole = Int(exactly: numbers.values[0]) else { throw .unknown("an index") }
      number = whole
    }
    if let computed = own?[number] { return computed }
    guard let tensor = known?[number]?.asTensor(.float64) else { throw .unknown("\(name)[\(number)]") }
    return PlainNumbers(tensor)
  }

  /// All elements of a sequence from 0 on, as one tensor.
  private func whole(_ name: String) throws(Refusal) -> PlainNumbers? {
    guard case .sequence(let sequence)? = value(name) else { return nil }
    let parts = sequence.numbers.filter { $0 >= 0 }.compactMap { sequence[$0]?.asTensor(.float64) }
    guard let first = parts.first, parts.allSatisfy({ $0.shape == first.shape }) else { throw .unknown(name) }
    return PlainNumbers([parts.count] + first.shape.dimensions, parts.flatMap { $0.detached.elements })
  }

  /// `∑[k] …` and its kin, one value of the indices after the other.
  private mutating func compute(_ op: BigOperator, _ bound: [Index], _ body: Expression) throws(Refusal) -> PlainNumbers
  {
    var extents: [Int] = []
    for index in bound {
      guard index.range == nil, let extent = extent(of: index.name.text, in: body) else { throw .unknown("a range") }
      extents.append(extent)
    }
    let before = indices
    defer { indices = before }
    var numbers: [Double] = []
    for place in 0..<extents.reduce(1, *) {
      var rest = place
      for (index, extent) in Swift.zip(bound, extents).reversed() {
        indices[index.name.text] = rest % extent
        rest /= extent
      }
      numbers.append(try compute(body).values[0])
    }
    switch op {
    case .sum: return PlainNumbers(numbers.reduce(0, +))
    case .mean: return PlainNumbers(numbers.reduce(0, +) / Double(max(1, numbers.count)))
    case .prod: return PlainNumbers(numbers.reduce(1, *))
    case .max: return PlainNumbers(numbers.max() ?? 0)
    case .min: return PlainNumbers(numbers.min() ?? 0)
    case .argmax, .argmin: throw .unknown(op.rawValue)
    }
  }

  /// How far an index goes that stands bare in a subscript.
  private func extent(of name: String, in expression: Expression) -> Int? {
    if case .index(let base, let subscripts) = expression.kind, case .name(let root) = base.kind,
      let shape = value(root)?.shape
    {
      for (axis, part) in subscripts.enumerated() where axis < shape.rank {
        if case .name(name)? = part.value?.kind { return shape[axis] }
      }
    }
    for child in expression.children { if let extent = extent(of: name, in: child) { return extent } }
    return nil
  }

  // MARK: Expressions

  mutating func compute(_ expression: Expression) throws(Refusal) -> PlainNumbers {
    switch expression.kind {
    case .number(let number): return PlainNumbers(number)
    case .name(let name):
      if let index = indices[name] { return PlainNumbers(Double(index)) }
      if let local = locals[name] { return local }
      if let whole = try whole(name) { return whole }
      if let tensor = value(name)?.asTensor(.float64) {
        try spend(tensor.count)
        return PlainNumbers(tensor)
      }
      throw .unknown(name)
    case .negate(let inner): return map(try compute(inner)) { -$0 }
    case .transpose(let inner): return try transpose(try compute(inner))
    case .binary(let op, let left, let right):
      let (a, b) = (try compute(left), try compute(right))
      switch op.kind {
      case .add: return try zip(a, b) { $0 + $1 }
      case .subtract: return try zip(a, b) { $0 - $1 }
      case .multiply: return try zip(a, b) { $0 * $1 }
      case .divide: return try zip(a, b) { $0 / $1 }
      case .power: return try zip(a, b) { pow($0, $1) }
      case .matrixProduct:
        return a.isNumber && b.isNumber ? PlainNumbers(a.values[0] * b.values[0]) : try product(a, b)
      case .join: return try join(a, b)
      default:
        guard let comparison = Self.comparison(op.symbol) else { throw .unknown(op.symbol) }
        return try zip(a, b, comparison)
      }
    case .choice(let condition, let yes, let no): return try choice(condition, yes, no)
    case .index(let base, let subscripts):
      if case .name(let name) = base.kind, let item = subscripts.first?.value, let found = try element(of: name, item) {
        return subscripts.count == 1 ? found : try element(found, Array(subscripts.dropFirst()))
      }
      if case .list(let items)? = base.name.flatMap({ value($0.text) }), let item = subscripts.first?.value {
        // A part of a list, such as the cells of a state.
        guard let number = Int(exactly: try compute(item).values[0]), items.indices.contains(number),
          let tensor = items[number].asTensor(.float64)
        else { throw .unknown("an index") }
        return try element(PlainNumbers(tensor), Array(subscripts.dropFirst()))
      }
      return try element(try compute(base), subscripts)
    case .field(let base, let name):
      if case .name(let root) = base.kind, case .record(let record)? = value(root),
        let tensor = record[name.text]?.asTensor(.float64)
      {
        return PlainNumbers(tensor)
      }
      // What was read from a file is given, not computed.
      guard let tensor = given(expression)?.asTensor(.float64) else { throw .unknown("." + name.text) }
      return PlainNumbers(tensor)
    case .call(let callee, let arguments):
      guard let name = callee.name?.text else { throw .unknown("a call") }
      return try call(name, arguments)
    case .tensor(let rows):
      let cells = try numbers(rows)
      return rows.count == 1 ? PlainNumbers([cells.count], cells) : PlainNumbers([rows.count, rows[0].count], cells)
    case .big(let op, let bound, let body): return try compute(op, bound, body)
    default: throw .unknown("this form")
    }
  }

  private mutating func numbers(_ rows: [[Expression]]) throws(Refusal) -> [Double] {
    var cells: [Double] = []
    for cell in rows.joined() {
      let number = try compute(cell)
      guard number.isNumber else { throw .unknown("a stack of tensors") }
      cells.append(number.values[0])
    }
    return cells
  }

  private mutating func element(_ base: PlainNumbers, _ subscripts: [Subscript]) throws(Refusal) -> PlainNumbers {
    guard subscripts.count <= base.shape.count else { throw .unknown("subscripts") }
    var place = 0
    for (axis, part) in subscripts.enumerated() {
      guard case .value(let index) = part.kind else { throw .unknown("a range") }
      let number = try compute(index)
      guard number.isNumber, let whole = Int(exactly: number.values[0]), (0..<base.shape[axis]).contains(whole) else {
        throw .unknown("an index")
      }
      place = place * base.shape[axis] + whole
    }
    let shape = Array(base.shape.dropFirst(subscripts.count))
    let count = shape.reduce(1, *)
    return PlainNumbers(shape, Array(base.values[place * count..<(place + 1) * count]))
  }
}

extension Target {
  fileprivate var name: String? {
    switch self {
    case .name(let name), .indexed(let name, _, _): name.text
    case .field: nil
    }
  }
}

extension Place {
  /// The index that stands there bare.
  fileprivate var indexName: String? {
    if case .index(let name, 0) = kind { name.text } else { nil }
  }
}

extension Expression {
  /// Whether a name stands in it.
  fileprivate func reads(_ name: String) -> Bool {
    if case .name(name) = kind { return true }
    return children.contains { $0.reads(name) }
  }
}
