import Language
import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension SecondComputation {
  // MARK: Calls

  mutating func call(_ name: String, _ arguments: [Language.Argument]) throws(Refusal) -> PlainNumbers {
    if case .function(let function)? = value(name), case .user(let user) = function.kind {
      return try call(user, name, arguments)
    }
    if case .network(let network)? = value(name) {
      guard arguments.count == 1 else { throw .unknown(name) }
      return try run(network.network, try compute(arguments[0].value))
    }
    var inputs: [PlainNumbers] = []
    var axis: Int?
    var options: [String: Int] = [:]
    for argument in arguments {
      switch argument.label?.text {
      case nil: inputs.append(try compute(argument.value))
      case "axis":
        guard let number = Optional(try compute(argument.value)), let whole = Int(exactly: number.values[0]) else {
          throw .unknown("axis")
        }
        axis = whole
      case "stride", "padding":
        guard let label = argument.label?.text, let whole = Int(exactly: try compute(argument.value).values[0]) else {
          throw .unknown("an option")
        }
        options[label] = whole
      case let label?: throw .unknown(label + ":")
      }
    }
    guard let first = inputs.first else { throw .unknown(name) }
    if let known = try arrayCall(name, inputs, options) { return known }
    if let function = Self.functions[name], inputs.count == 1 { return map(first, function) }
    if ["sum", "mean", "max", "min", "softmax", "log_softmax"].contains(name), inputs.count == 1 {
      return try reduce(name, first, axis)
    }
    if inputs.count == 2, let loss = try loss(name, first, inputs[1]) { return PlainNumbers(loss) }
    throw .unknown(name)
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
}

extension SecondComputation {
  // MARK: Formulas

  func map(_ x: PlainNumbers, _ function: (Double) -> Double) -> PlainNumbers {
    PlainNumbers(x.shape, x.values.map(function))
  }

  mutating func spend(_ count: Int) throws(Refusal) {
    budget -= count
    if budget < 0 { throw .tooLarge }
  }

  /// Elementwise, the shorter side stretched from the back.
  mutating func zip(
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
  mutating func product(_ a: PlainNumbers, _ b: PlainNumbers) throws(Refusal) -> PlainNumbers {
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

  func transpose(_ x: PlainNumbers) throws(Refusal) -> PlainNumbers {
    guard x.shape.count == 2 else { throw .unknown("this transpose") }
    let (m, n) = (x.shape[0], x.shape[1])
    return PlainNumbers([n, m], (0..<m * n).map { x.values[$0 % m * n + $0 / m] })
  }

  func join(_ a: PlainNumbers, _ b: PlainNumbers) throws(Refusal) -> PlainNumbers {
    guard a.shape.count <= 1, b.shape.count <= 1 else { throw .unknown("++ of these shapes") }
    return PlainNumbers([a.values.count + b.values.count], a.values + b.values)
  }

  /// Sums and the like over everything or one axis; softmax over the last one.
  mutating func reduce(_ name: String, _ x: PlainNumbers, _ axis: Int?) throws(Refusal) -> PlainNumbers {
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
  mutating func loss(_ name: String, _ y: PlainNumbers, _ t: PlainNumbers) throws(Refusal) -> Double? {
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
