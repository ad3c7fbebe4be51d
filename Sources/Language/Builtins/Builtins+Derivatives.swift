import Display
import Tensors

extension BuiltinCatalogue {
  /// Derivatives as functions, and the check of a derivative.
  static let derivatives: [Builtin] = [
    Builtin(
      "jacobian(f, x)", .derivatives, "All derivatives of the elements of f(x) by those of x.",
      formula: "J_{ij} = \\frac{\\partial f_i}{\\partial x_j}", shapes: "shape of f(x), then shape of x",
      example: ("jacobian(x -> [x[0]*x[1], x[0]], [2, 3])", "[3, 2; 1, 0]")
    ) { call in
      let function = try call.function(0)
      let x = try call.tensor(1).variable()
      let machine = call.machine
      let result = try machine.differentiating { try call.call(function, [.tensor(x)]) }
      guard let y = result.tensor(x.elementType) else {
        throw call.fail("E0703", "jacobian wants a tensor, f gives \(result.article)")
      }
      return Value(try machine.jacobian(of: y, by: x, keepingGraph: machine.gradientDepth > 0))
    },
    Builtin(
      "hessian(f, x)", .derivatives, "All second derivatives of the scalar f(x).",
      formula: "H_{ij} = \\frac{\\partial^2 f}{\\partial x_i \\partial x_j}", shapes: "shape of x twice",
      example: ("hessian(x -> x[0]^2 * x[1], [3, 5])", "[10, 6; 6, 0]")
    ) { call in
      let function = try call.function(0)
      let x = try call.tensor(1).variable()
      let machine = call.machine
      let result = try machine.differentiating { try call.call(function, [.tensor(x)]) }
      guard let y = result.tensor(x.elementType), y.count == 1 else {
        throw call.fail("E0703", "hessian wants one number, f gives \(result.outline)")
      }
      let slope = gradients(of: y, withRespectTo: [x], keepingGraph: true)[0]
      return Value(try machine.jacobian(of: slope, by: x, keepingGraph: machine.gradientDepth > 0))
    },
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
    var line: Line = "  \(agree) of \(checked) derivatives agree with central differences within 1e-6 \(mark)"
    if agree < checked { line.append("   the farthest: element \(worstPlace)") }
    if !machine.isQuiet { machine.output(Document([line])) }
    return Value(agree == checked)
  }
}
