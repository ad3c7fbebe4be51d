import Language
import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Numbers in rows, with their shape: what the second computation works on, without the engine.
struct PlainNumbers {
  var shape: [Int]
  var values: [Double]

  init(_ shape: [Int], _ values: [Double]) { (self.shape, self.values) = (shape, values) }
  init(_ number: Double) { self.init([], [number]) }

  init(_ tensor: Tensor) { self.init(tensor.shape.dimensions, tensor.detached.elements) }

  var isNumber: Bool { shape.isEmpty }
}

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
  private var indices: [String: Int] = [:]

  /// What a part of the line gives that is only read.
  let given: (Expression) -> Value?

  init(
    budget: Int = 4_000_000, given: @escaping (Expression) -> Value? = { _ in nil }, value: @escaping (String) -> Value?
  ) {
    (self.value, self.budget, self.given) = (value, budget, given)
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
      default: throw .unknown(op.symbol)
      }
    case .index(let base, let subscripts): return try element(try compute(base), subscripts)
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

  // MARK: Calls

  private mutating func call(_ name: String, _ arguments: [Language.Argument]) throws(Refusal) -> PlainNumbers {
    if case .function(let function)? = value(name), case .user(let user) = function.kind {
      // A function of the user's: its parameters are what the arguments are.
      guard case .expression(let body) = user.definition, user.parameters.count == arguments.count,
        arguments.allSatisfy({ $0.label == nil }), indices.isEmpty
      else { throw .unknown(name) }
      var known: [String: Tensor] = [:]
      for (parameter, argument) in Swift.zip(function.parameterNames, arguments) {
        let numbers = try compute(argument.value)
        known[parameter] = Tensor(numbers.values, shape: Shape(numbers.shape), .float64)
      }
      let outer = value
      var inner = SecondComputation(budget: budget) { known[$0].map { .tensor($0) } ?? outer($0) }
      defer { budget = inner.budget }
      return try inner.compute(body)
    }
    if case .network(let network)? = value(name) {
      guard arguments.count == 1 else { throw .unknown(name) }
      return try run(network.network, try compute(arguments[0].value))
    }
    var inputs: [PlainNumbers] = []
    var axis: Int?
    for argument in arguments {
      switch argument.label?.text {
      case nil: inputs.append(try compute(argument.value))
      case "axis":
        guard let number = Optional(try compute(argument.value)), let whole = Int(exactly: number.values[0]) else {
          throw .unknown("axis")
        }
        axis = whole
      case let label?: throw .unknown(label + ":")
      }
    }
    guard let first = inputs.first else { throw .unknown(name) }
    if let function = Self.functions[name], inputs.count == 1 { return map(first, function) }
    if ["sum", "mean", "max", "min", "softmax", "log_softmax"].contains(name), inputs.count == 1 {
      return try reduce(name, first, axis)
    }
    if inputs.count == 2, let loss = try loss(name, first, inputs[1]) { return PlainNumbers(loss) }
    throw .unknown(name)
  }

  /// A network layer by layer, as far as its layers are dense or elementwise.
  private mutating func run(_ network: Network, _ x: PlainNumbers) throws(Refusal) -> PlainNumbers {
    var x = x
    for layer in network.layers {
      if let dense = layer as? Dense {
        x = try product(x, PlainNumbers(dense.weight))
        if let bias = dense.bias { x = try zip(x, PlainNumbers(bias)) { $0 + $1 } }
      } else if layer is FunctionLayer, let function = Self.functions[layer.kind] {
        x = map(x, function)
      } else if layer is FunctionLayer, layer.kind == "softmax" || layer.kind == "log_softmax" {
        x = try reduce(layer.kind, x, nil)
      } else if layer is Dropout {
        continue
      } else if layer is Flatten {
        x.shape = [x.shape[0], x.shape.dropFirst().reduce(1, *)]
      } else {
        throw .unknown(layer.kind)
      }
    }
    return x
  }

  static let functions: [String: @Sendable (Double) -> Double] = [
    "relu": { $0 > 0 ? $0 : 0 }, "σ": { 1 / (1 + exp(-$0)) }, "sigmoid": { 1 / (1 + exp(-$0)) },
    "tanh": { $0.magnitude > 20 ? ($0 > 0 ? 1 : -1) : (exp($0) - exp(-$0)) / (exp($0) + exp(-$0)) },
    "exp": { exp($0) }, "log": { log($0) }, "ln": { log($0) }, "sqrt": { $0.squareRoot() },
    "abs": { $0 < 0 ? -$0 : $0 },
    "sin": { sin($0) }, "cos": { cos($0) }, "softplus": { $0 > 30 ? $0 : log(1 + exp($0)) },
    "silu": { $0 / (1 + exp(-$0)) }, "leaky_relu": { $0 > 0 ? $0 : 0.01 * $0 },
    "elu": { $0 > 0 ? $0 : exp($0) - 1 },
  ]

  // MARK: Formulas

  private func map(_ x: PlainNumbers, _ function: (Double) -> Double) -> PlainNumbers {
    PlainNumbers(x.shape, x.values.map(function))
  }

  private mutating func spend(_ count: Int) throws(Refusal) {
    budget -= count
    if budget < 0 { throw .tooLarge }
  }

  /// Elementwise, the shorter side stretched from the back.
  private mutating func zip(
    _ a: PlainNumbers, _ b: PlainNumbers, _ function: (Double, Double) -> Double
  ) throws(Refusal) -> PlainNumbers {
    let rank = max(a.shape.count, b.shape.count)
    let (s, t) = (
      [Int](repeating: 1, count: rank - a.shape.count) + a.shape,
      [Int](repeating: 1, count: rank - b.shape.count) + b.shape
    )
    var shape: [Int] = []
    for (m, n) in Swift.zip(s, t) {
      guard m == n || m == 1 || n == 1 else { throw .unknown("shapes") }
      shape.append(max(m, n))
    }
    let count = shape.reduce(1, *)
    try spend(count)
    var values: [Double] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      var (rest, i, j, step, other) = (index, 0, 0, 1, 1)
      for axis in stride(from: rank - 1, through: 0, by: -1) {
        let place = rest % shape[axis]
        rest /= shape[axis]
        if s[axis] > 1 { i += place * step }
        if t[axis] > 1 { j += place * other }
        step *= s[axis]
        other *= t[axis]
      }
      values.append(function(a.values[i], b.values[j]))
    }
    return PlainNumbers(shape, values)
  }

  /// Rows times columns, summed one product after the other.
  private mutating func product(_ a: PlainNumbers, _ b: PlainNumbers) throws(Refusal) -> PlainNumbers {
    guard (1...2).contains(b.shape.count), !a.shape.isEmpty, let inner = a.shape.last, inner == b.shape[0] else {
      throw .unknown("a product of these shapes")
    }
    let columns = b.shape.count == 2 ? b.shape[1] : 1
    let rows = a.values.count / max(inner, 1)
    try spend(rows * columns * inner)
    var values: [Double] = []
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for k in 0..<inner { sum += a.values[row * inner + k] * b.values[k * columns + column] }
        values.append(sum)
      }
    }
    return PlainNumbers(a.shape.dropLast() + (b.shape.count == 2 ? [columns] : []), values)
  }

  private func transpose(_ x: PlainNumbers) throws(Refusal) -> PlainNumbers {
    guard x.shape.count == 2 else { throw .unknown("this transpose") }
    let (m, n) = (x.shape[0], x.shape[1])
    return PlainNumbers([n, m], (0..<m * n).map { x.values[$0 % m * n + $0 / m] })
  }

  private func join(_ a: PlainNumbers, _ b: PlainNumbers) throws(Refusal) -> PlainNumbers {
    guard a.shape.count <= 1, b.shape.count <= 1 else { throw .unknown("++ of these shapes") }
    return PlainNumbers([a.values.count + b.values.count], a.values + b.values)
  }

  /// Sums and the like over everything or one axis; softmax over the last one.
  private mutating func reduce(_ name: String, _ x: PlainNumbers, _ axis: Int?) throws(Refusal) -> PlainNumbers {
    try spend(x.values.count)
    let isSoftmax = name.hasSuffix("softmax")
    let axis = axis ?? (isSoftmax ? x.shape.count - 1 : nil)
    let (outer, extent, inner) =
      axis.map { axis in
        (x.shape[..<axis].reduce(1, *), x.shape[axis], x.shape[(axis + 1)...].reduce(1, *))
      } ?? (1, x.values.count, 1)
    guard extent > 0 else { throw .unknown("nothing to reduce") }
    var values = isSoftmax ? x.values : []
    for i in 0..<outer {
      for j in 0..<inner {
        let places = (0..<extent).map { (i * extent + $0) * inner + j }
        let numbers = places.map { x.values[$0] }
        switch name {
        case "sum": values.append(numbers.reduce(0, +))
        case "mean": values.append(numbers.reduce(0, +) / Double(extent))
        case "max": values.append(numbers.max() ?? 0)
        case "min": values.append(numbers.min() ?? 0)
        default:
          let all = numbers.reduce(0) { $0 + exp($1) }
          for (place, number) in Swift.zip(places, numbers) {
            values[place] = name == "softmax" ? exp(number) / all : log(exp(number) / all)
          }
        }
      }
    }
    var shape = x.shape
    if !isSoftmax { if let axis { shape.remove(at: axis) } else { shape = [] } }
    return PlainNumbers(shape, values)
  }

  /// Losses by their definitions, the mean over samples; nil for a name that is no loss.
  private mutating func loss(_ name: String, _ y: PlainNumbers, _ t: PlainNumbers) throws(Refusal) -> Double? {
    let count = Double(max(1, y.values.count))
    switch name {
    case "mse": return try zip(y, t) { ($0 - $1) * ($0 - $1) }.values.reduce(0, +) / count
    case "mae": return try zip(y, t) { ($0 - $1).magnitude }.values.reduce(0, +) / count
    case "bce": return try zip(y, t) { -($1 * log($0) + (1 - $1) * log(1 - $0)) }.values.reduce(0, +) / count
    case "bce_logits":
      return try zip(y, t) { z, t in
        let p = 1 / (1 + exp(-z))
        return -(t * log(p) + (1 - t) * log(1 - p))
      }.values.reduce(0, +) / count
    case "cross_entropy":
      guard let classes = y.shape.last else { return nil }
      let p = try reduce("softmax", y, nil)
      let rows = y.values.count / classes
      if t.values.count == rows {
        return -(0..<rows).reduce(0) { $0 + log(p.values[$1 * classes + Int(t.values[$1])]) } / Double(rows)
      }
      guard t.values.count == y.values.count else { return nil }
      return -Swift.zip(t.values, p.values).reduce(0) { $0 + $1.0 * log($1.1) } / Double(rows)
    case "nll":
      guard let classes = y.shape.last, t.values.count == y.values.count / classes else { return nil }
      let rows = t.values.count
      return -(0..<rows).reduce(0) { $0 + y.values[$1 * classes + Int(t.values[$1])] } / Double(rows)
    default: return nil
    }
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
