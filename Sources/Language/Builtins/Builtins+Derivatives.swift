import Display
import Tensors

extension BuiltinCatalogue {
  /// Derivatives as functions, and the check of a derivative.
  static let derivatives: [Builtin] = [
    Builtin(
      "jacobian(f, x)", .derivatives, "All derivatives of the elements of f(x) by those of x.",
      formula: "J_{ij} = \\frac{\\partial f_i}{\\partial x_j}",
      shapes: "shape of f(x), then shape of x; of a record one for each field",
      example: ("jacobian(x -> [x[0]*x[1], x[0]], [2, 3])", "[3, 2; 1, 0]")
    ) { call in try call.jacobian() },
    Builtin(
      "hessian(f, x)", .derivatives, "All second derivatives of the scalar f(x).",
      formula: "H_{ij} = \\frac{\\partial^2 f}{\\partial x_i \\partial x_j}",
      shapes: "shape of x twice; of a record one for each two fields, H.W.b",
      example: ("hessian(x -> x[0]^2 * x[1], [3, 5])", "[10, 6; 6, 0]")
    ) { call in try call.hessian() },
    Builtin(
      "gradcheck(f, x, step: 1e-5)", .derivatives,
      "Whether the gradient of f at x agrees with central differences, and how well.",
      formula: "\\frac{f(x + h e_i) - f(x - h e_i)}{2h}", shapes: "x: a tensor, record or network",
      derivative: "none: it compares",
      example: ("gradcheck(x -> sum(x^3), [1, 2])", "1")
    ) { call in try call.gradcheck() },
  ]
}

extension BuiltinCall {
  /// The operand with variables for its numbers, and what f gives for it.
  private func applied() throws -> (variables: [Tensor], result: Value) {
    let function = try function(0)
    switch self[1] {
    case .number, .tensor, .range, .record, .list: break
    case .network:
      throw machine.failure(
        "E0303", "\(builtin.name) wants a tensor or a record for x, this is a network", at: argumentSite(1),
        notes: [.init("hint", "of one weight: \(builtin.name)(W -> { n = net; n[0].W = W; loss(n) }, net[0].W)")])
    default: throw wrong(1, "a tensor or a record")
    }
    guard let leaves = self[1].leaves(type) else { throw wrong(1, "numbers") }
    let variables = leaves.map { $0.variable() }
    var rest = variables[...]
    let x = self[1].isStructure ? self[1].replacingLeaves(&rest) : .tensor(variables[0])
    return (variables, try machine.differentiating { try call(function, [x]) })
  }

  fileprivate func jacobian() throws -> Value {
    let (variables, result) = try applied()
    guard let y = result.tensor(variables.first?.elementType ?? type) else {
      throw fail("E0703", "jacobian wants a tensor, f gives \(result.article)")
    }
    let isNested = machine.gradientDepth > 0
    var parts = try variables.map { Value(try machine.jacobian(of: y, by: $0, keepingGraph: isNested)) }[...]
    return self[1].replacingLeafValues(&parts)
  }

  fileprivate func hessian() throws -> Value {
    let (variables, result) = try applied()
    guard let y = result.tensor(variables.first?.elementType ?? type), y.count == 1 else {
      throw fail(
        "E0703", "hessian wants one number, f gives \(result.outline)",
        notes: [.init("hint", "sum(…) makes one number of many; jacobian(f', x) is for f' of each")])
    }
    let isNested = machine.gradientDepth > 0
    let slopes = gradients(of: y, withRespectTo: variables, keepingGraph: true)
    var rows = try slopes.map { slope in
      var parts = try variables.map { Value(try machine.jacobian(of: slope, by: $0, keepingGraph: isNested)) }[...]
      return self[1].replacingLeafValues(&parts)
    }[...]
    return self[1].replacingLeafValues(&rows)
  }

  /// Compares the gradient with central differences, at up to 1,000 numbers.
  fileprivate func gradcheck() throws -> Value {
    let function = try function(0)
    guard case .function(let f) = function else { throw wrong(0, "a function") }
    // In f64, whatever the session has: differences of f32 are mostly rounding.
    guard let given = self[1].leaves(.float64) else { throw wrong(1, "numbers") }
    let leaves = given.map { $0.cast(to: .float64).detached }
    func with(_ tensors: [Tensor]) -> Value {
      if case .range = self[1] { return Value(tensors[0]) }
      var rest = tensors[...]
      return self[1].replacingLeaves(&rest)
    }
    let exact = try machine.gradient(of: f, by: [], [with(leaves)], [], site)
    let slopes = (exact.leaves(.float64) ?? []).flatMap { $0.cast(to: .float64).elements }
    let step = try number("step")
    let total = leaves.reduce(0) { $0 + $1.count }
    let stride = max(1, (total + 999) / 1000)
    var (agree, checked, worst, worstPlace) = (0, 0, 0.0, 0)
    var place = 0
    for (index, leaf) in leaves.enumerated() {
      for element in 0..<leaf.count {
        defer { place += 1 }
        guard place % stride == 0 else { continue }
        try machine.poll()
        func value(_ change: Double) throws -> Double {
          var elements = leaf.elements
          elements[element] += change
          var all = leaves
          all[index] = Tensor(elements, shape: leaf.shape)
          let result = try site.apply(function, [with(all)])
          guard let y = result.tensor(.float64), y.count == 1 else {
            throw fail("E0703", "gradcheck wants one number, f gives \(result.outline)")
          }
          return y[flat: 0]
        }
        let h = step * max(1, abs(leaf[flat: element]))
        let difference = (try value(h) - value(-h)) / (2 * h)
        let error = abs(difference - slopes[place]) / max(1, abs(difference), abs(slopes[place]))
        checked += 1
        if error <= 1e-6 { agree += 1 }
        if !(error <= worst) { (worst, worstPlace) = (error, place) }
      }
    }
    let mark = agree == checked ? Line("✓", .success) : Line("✗", .error)
    var lines: [Line] = ["  \(agree) of \(checked) derivatives agree with central differences within 1e-6 \(mark)"]
    if agree < checked { lines.append("  the farthest: element \(worstPlace)") }
    if !machine.isQuiet { machine.output(Document(lines)) }
    return Value(agree == checked)
  }
}

extension Value {
  /// The same value with other values in the place of its leaves, taken one after the other.
  fileprivate func replacingLeafValues(_ next: inout ArraySlice<Value>) -> Value {
    switch self {
    case .record(let record): .record(record.with(record.values.map { $0.replacingLeafValues(&next) }))
    case .list(let items): .list(items.map { $0.replacingLeafValues(&next) })
    default: next.popFirst() ?? self
    }
  }
}
