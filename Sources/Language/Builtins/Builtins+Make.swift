import Tensors

extension BuiltinCatalogue {
  /// What makes tensors out of nothing.
  static let make: [Builtin] = [
    Builtin(
      "zeros(n...)", .make, "A tensor of zeros.", shapes: "as given: zeros(2, 3), zeros(shape(x))",
      example: ("zeros(2, 2)", "[0, 0; 0, 0]")
    ) { call in .init(tensor: try call.filled(0)) },
    Builtin(
      "ones(n...)", .make, "A tensor of ones.", shapes: "as given: ones(2, 3), ones(shape(x))",
      example: ("ones(3)", "[1, 1, 1]")
    ) { call in .init(tensor: try call.filled(1)) },
    Builtin(
      "full(shape, value)", .make, "A tensor with the same number everywhere.", shapes: "shape: (2, 3)",
      example: ("full((2, 2), 5)", "[5, 5; 5, 5]")
    ) { call in
      let shape = try call.shape([call[0]])
      try MemoryLimit.check(shape, call.type)
      return .init(tensor: .filled(shape, try call.number(1), call.type))
    },
    Builtin(
      "eye(n, m: none)", .make, "The identity matrix: ones on the diagonal, zeros elsewhere.",
      formula: "I_{ij} = [i = j]", shapes: "n → [n, n]; n, m → [n, m]", example: ("eye(2)", "[1, 0; 0, 1]")
    ) { call in
      let n = try call.whole(0, atLeast: 0)
      let m = call[1].isNothing ? n : try call.whole(1, atLeast: 0)
      let shape = try Shape(checking: [n, m])
      try MemoryLimit.check(shape, call.type)
      return .init(tensor: .filled(shape, call.type) { $0 / max(m, 1) == $0 % max(m, 1) ? 1 : 0 })
    },
    Builtin(
      "linspace(start, end, count)", .make, "Numbers at equal distances from start to end, both included.",
      formula: "x_i = a + i \\frac{b - a}{n - 1}", shapes: "→ [count]", example: ("linspace(0, 1, 3)", "[0, 0.5, 1]")
    ) { call in
      let (a, b, n) = (try call.number(0), try call.number(1), try call.whole(2, atLeast: 0))
      let shape = try Shape(checking: [n])
      try MemoryLimit.check(shape, call.type)
      return .init(
        tensor: .filled(shape, call.type) {
          $0 == n - 1 && n > 1 ? b : a + Double($0) * (b - a) / Double(max(n - 1, 1))
        })
    },
    Builtin(
      "range(start, end: none, step: 1)", .make, "Numbers from start up to but not including end.",
      shapes: "→ [n]", example: ("range(0, 10, step: 4)", "[0, 4, 8]")
    ) { call in
      var (a, b) = (try call.number(0), 0.0)
      if call[1].isNothing { (a, b) = (0, a) } else { b = try call.number(1) }
      let step = try call.number(2)
      guard step != 0, step.isFinite, a.isFinite, b.isFinite else { throw call.wrong(2, "a step that is not 0") }
      let exact = ((b - a) / step - 1e-9).rounded(.up)
      guard exact < 9e15 else { throw ShapeError.tooManyElements(extents: [Int.max]) }
      let shape = try Shape(checking: [Int(max(0, exact))])
      try MemoryLimit.check(shape, call.type)
      return .init(tensor: .filled(shape, call.type) { a + Double($0) * step })
    },
    Builtin(
      "rand(n...)", .make, "Random numbers, uniform in [0, 1).", shapes: "as given",
      example: ("shape(rand(2, 3))", "(2, 3)")
    ) { call in
      try call.drawn {
        $0.fillUniform($1)
      } double: {
        $0.fillUniform($1)
      }
    },
    Builtin(
      "randn(n...)", .make, "Random numbers of the standard normal distribution.", shapes: "as given",
      example: ("shape(randn(2, 3))", "(2, 3)")
    ) { call in
      try call.drawn {
        $0.fillNormal($1)
      } double: {
        $0.fillNormal($1)
      }
    },
    Builtin(
      "randint(low, high, n...)", .make, "Random whole numbers from low up to but not including high.",
      shapes: "n as given", example: ("randint(3, 4, 2)", "[3, 3]")
    ) { call in
      let (low, high) = (try call.whole(0), try call.whole(1))
      guard high > low, abs(Double(low)) < 9e15, abs(Double(high)) < 9e15 else {
        throw call.wrong(1, "a number above low")
      }
      let shape = try call.shape(call.rest)
      try MemoryLimit.check(shape, call.type)
      let machine = call.machine
      return .init(tensor: .filled(shape, call.type) { _ in Double(low + machine.random.integer(below: high - low)) })
    },
    Builtin(
      "permutation(n)", .make, "The numbers below n in random order.", shapes: "→ [n]",
      example: ("sort(permutation(4))", "[0, 1, 2, 3]")
    ) { call in
      let n = try call.whole(0, atLeast: 0)
      try MemoryLimit.check(try Shape(checking: [n]), call.type)
      return .init(tensor: Tensor(call.machine.random.permutation(n).map(Double.init), call.type))
    },
    Builtin(
      "multinomial(weights, n: none)", .make,
      "Draws places, each as often as its weight says; a place may be drawn again.",
      formula: "P(k) = \\frac{w_k}{\\sum_j w_j}",
      shapes: "weights: [k] → [n], or one number without n; [m, k] → [m, n], or [m]",
      example: ("multinomial([0, 2, 0], 3)", "[1, 1, 1]")
    ) { call in
      let weights = try call.tensor(0).detached
      guard weights.rank == 1 || weights.rank == 2 else {
        throw ShapeError.rank(weights.shape, expected: "[k] or [m, k]")
      }
      let (rows, k) = (weights.rank == 1 ? 1 : weights.shape[0], weights.shape.last)
      let n = call[1].isNothing ? 1 : try call.whole(1, atLeast: 0)
      let outer = weights.rank == 1 ? [] : [rows]
      let shape = try Shape(checking: call[1].isNothing ? outer : outer + [n])
      try MemoryLimit.check(shape, call.type)
      let elements = weights.elements
      let machine = call.machine
      var drawn: [Double] = []
      drawn.reserveCapacity(shape.count)
      for row in 0..<rows {
        var total = 0.0
        let sums = (0..<k).map { place -> Double in
          total += elements[row * k + place]
          return total
        }
        guard total > 0, total.isFinite, (0..<k).allSatisfy({ elements[row * k + $0] >= 0 }) else {
          throw call.fail(
            "E0303", "weights are numbers from 0 on that are not all 0" + (rows > 1 ? "; row \(row)" : ""))
        }
        for _ in 0..<n {
          let target = min(machine.random.uniform(Double.self) * total, total.nextDown)
          // The first place whose sum lies above: found by halving; one without weight is never it.
          var (low, high) = (0, k - 1)
          while low < high {
            let middle = (low + high) / 2
            if sums[middle] > target { high = middle } else { low = middle + 1 }
          }
          drawn.append(Double(low))
        }
      }
      return .init(tensor: Tensor(drawn, shape: shape, call.type))
    },
    Builtin(
      "one_hot(labels, classes: none)", .make, "For each label a row of zeros with a one at the label's place.",
      formula: "y_{nc} = [c = t_n]", shapes: "[...] → [..., classes]",
      example: ("one_hot([1, 0], 3)", "[0, 1, 0; 1, 0, 0]")
    ) { call in
      let labels = try call.tensor(0)
      let numbers = try labels.elements.map { number -> Int in
        guard let label = Int(exactly: number) else { throw ShapeError.fractionalIndex(number) }
        return label
      }
      let classes = call[1].isNothing ? (numbers.max() ?? -1) + 1 : try call.whole(1, atLeast: 1)
      for label in numbers where label < 0 || label >= classes {
        throw call.fail("E0206", "label \(label) is outside the \(classes) classes")
      }
      let shape = try Shape(checking: labels.shape.dimensions + [classes])
      try MemoryLimit.check(shape, labels.elementType)
      return .init(
        tensor: .filled(shape, labels.elementType) { numbers[$0 / max(classes, 1)] == $0 % max(classes, 1) ? 1 : 0 })
    },
    Builtin(
      "diag(x)", .make, "The matrix with a vector on its diagonal, or the diagonal of a matrix.",
      shapes: "[n] → [n, n]; [n, m] → [min(n, m)]", derivative: "1 from each number of the result to the number it is",
      example: ("diag([1, 2])", "[1, 0; 0, 2]")
    ) { call in
      let x = try call.tensor(0)
      switch x.rank {
      case 1:
        let shape = try Shape(checking: [x.count, x.count])
        try MemoryLimit.check(shape, x.elementType)
        let n = max(x.count, 1)
        let identity = Tensor.filled(shape, x.elementType) { $0 / n == $0 % n ? 1 : 0 }
        return Value(try Multiply().apply(identity, x))
      case 2:
        let n = min(x.shape[0], x.shape[1])
        return Value(try AffineView(extents: [n], offsets: [0, 0], coefficients: [[1], [1]]).apply(x))
      default: throw ShapeError.rank(x.shape, expected: "a vector or a matrix")
      }
    },
    Builtin(
      "f32(x)", .make, "The value in single precision.", shapes: "any", derivative: "1",
      example: ("f64(f32(0.5))", "0.5")
    ) { call in try call.cast(.float32) },
    Builtin(
      "f64(x)", .make, "The value in double precision.", shapes: "any", derivative: "1",
      example: ("f64([1, 2])", "[1, 2]")
    ) { call in try call.cast(.float64) },
  ]
}

extension Value {
  init(tensor: Tensor) { self = Value(tensor) }
}

extension Tensor {
  /// A tensor whose elements are computed from their row-major places.
  static func filled(_ shape: Shape, _ type: ElementType, _ element: (Int) -> Double) -> Tensor {
    switch type {
    case .float64: Tensor(shape, as: Double.self) { out in for i in 0..<shape.count { out[i] = element(i) } }
    case .float32: Tensor(shape, as: Float.self) { out in for i in 0..<shape.count { out[i] = Float(element(i)) } }
    }
  }
}

extension BuiltinCall {
  fileprivate func filled(_ value: Double) throws -> Tensor {
    let shape = try shape(rest)
    try MemoryLimit.check(shape, type)
    return .filled(shape, value, type)
  }

  fileprivate func drawn(
    single: (inout RandomGenerator, UnsafeMutableBufferPointer<Float>) -> Void,
    double: (inout RandomGenerator, UnsafeMutableBufferPointer<Double>) -> Void
  ) throws -> Value {
    let shape = try shape(rest)
    try MemoryLimit.check(shape, type)
    let machine = machine
    switch type {
    case .float64:
      return Value(
        Tensor(shape, as: Double.self) { double(&machine.random, .init(start: $0, count: shape.count)) })
    case .float32:
      return Value(Tensor(shape, as: Float.self) { single(&machine.random, .init(start: $0, count: shape.count)) })
    }
  }

  fileprivate func cast(_ type: ElementType) throws -> Value {
    guard let leaves = self[0].leaves(machine.elementType) else { throw wrong(0, "numbers") }
    if case .number(let number) = self[0] {
      return .number(type == .float32 ? Double(Float(number)) : number)
    }
    var changed = leaves.map { $0.cast(to: type) }[...]
    if case .range = self[0] { return Value(changed.first ?? Tensor([], type)) }
    return self[0].replacingLeaves(&changed)
  }
}
