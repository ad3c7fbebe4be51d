import Tensors

extension Lowering {
  /// `f'`: the derivative given by hand if there is one, else the exact one.
  func derivative(_ inner: Expression, _ whole: Expression, _ scope: Scope) throws -> Code {
    let code = try expression(inner, scope)
    let (machine, site, text) = (machine, site(whole.range), source.text(inner.range))
    var byHand: Code?
    if case .name(let name) = inner.kind {
      if let slot = scope.place(name + "'") {
        byHand = { frame in frame[slot] }
      } else if scope.place(name) == nil {
        let cell = machine.cell(name + "'")
        machine.readers.last?.read(cell)
        byHand = { _ in cell.value }
      }
    }
    return { frame in
      if let byHand {
        let value = try byHand(frame)
        if !value.isNothing { return value }
      }
      let value = try code(frame)
      guard case .function(let function) = value else {
        throw machine.notDifferentiable(value, text, site, isPrime: true)
      }
      return .function(Function(.derivative(function), name: function.name + "'"))
    }
  }

  /// `∇f`, `∇[w,b] f`.
  func gradient(_ names: [Name], _ function: Expression, _ whole: Expression, _ scope: Scope) throws -> Code {
    let code = try expression(function, scope)
    let (machine, site, text) = (machine, site(whole.range), source.text(function.range))
    return { frame in
      let value = try code(frame)
      guard case .function(let function) = value else {
        throw machine.notDifferentiable(value, text, site, isPrime: false)
      }
      let known = function.parameterNames
      for name in names where !known.contains(name.text) {
        throw machine.failure(
          "E0302", "\(function.name.isEmpty ? "the function" : function.name) has no argument \(name.text)",
          at: Fault.Site(source: site.source, range: name.range), notes: [.init("signature", function.signature)])
      }
      return .function(Function(.gradient(function, names.map(\.text)), name: "∇" + function.name))
    }
  }
}

extension Machine {
  fileprivate func notDifferentiable(_ value: Value, _ text: String, _ site: Fault.Site, isPrime: Bool) -> Fault {
    var suggestions: [Diagnostic.Suggestion] = []
    if isPrime, case .tensor = value {
      let replacement = text + (style.ascii ? ".T" : "ᵀ")
      suggestions = [suggestion(replacing: [(site.range, replacement)], in: site.source)].compactMap { $0 }
    }
    return failure(
      "E0701", "\(isPrime ? "f'" : "∇f") is for functions, \(text.firstLine) is \(value.article)", at: site,
      suggestions: suggestions)
  }

  /// Runs `body` as the inside of a derivative: gradients taken in it can be differentiated again.
  func differentiating<Result>(_ body: () throws -> Result) throws -> Result {
    gradientDepth += 1
    defer { gradientDepth -= 1 }
    return try body()
  }

  /// The gradient of a scalar function by its first argument or by the named ones.
  func gradient(
    of function: Function, by names: [String], _ values: [Value], _ labels: [String?], _ site: CallSite
  ) throws -> Value {
    let parameters = function.parameterNames
    /// For each argument the parameter it is for.
    var targets: [String?] = []
    var next = 0
    for index in values.indices {
      if index < labels.count, let label = labels[index] {
        targets.append(label)
      } else {
        targets.append(next < parameters.count ? parameters[next] : nil)
        next += 1
      }
    }
    var chosen: [Int] = []
    for name in names {
      guard let index = targets.firstIndex(of: name) else {
        throw failure(
          "E0302", "∇[\(name)] wants a value for \(name)", at: site.site,
          notes: [.init("signature", function.signature)])
      }
      chosen.append(index)
    }
    if names.isEmpty {
      guard !values.isEmpty else { throw site.wrongCount(0, function) }
      chosen = [0]
    }
    var arguments = values
    var variables: [Tensor] = []
    var counts: [Int] = []
    for index in chosen {
      guard let leaves = values[index].leaves(elementType) else {
        throw failure("E0702", "no derivative by \(values[index].article)", at: site.site(ofArgument: index))
      }
      let own = leaves.map { $0.variable() }
      var rest = own[...]
      arguments[index] = values[index].replacingLeaves(&rest)
      variables += own
      counts.append(own.count)
    }
    let result = try differentiating { try site.apply(function, arguments, labels) }
    let y = try scalar(result, of: function, site)
    let found = y.map { gradients(of: $0, withRespectTo: variables, keepingGraph: gradientDepth > 0) }
    var flows = (found ?? variables.map { Tensor.zeros($0.shape, $0.elementType) })[...]
    if gradientDepth == 0 { flows = flows.map(\.detached)[...] }
    let results = chosen.map { values[$0].replacingLeaves(&flows) }
    if names.isEmpty { return results[0] }
    return .record(Record(names: names, values: results))
  }

  /// The one number a function gave; nil if nothing flows through it.
  private func scalar(_ value: Value, of function: Function, _ site: CallSite) throws -> Tensor? {
    switch value {
    case .number: return nil
    case .tensor(let tensor) where tensor.count == 1: return tensor.isTracked ? tensor : nil
    default:
      let name = function.name.isEmpty ? "the function" : function.name
      throw failure(
        "E0703", "∇ wants one number, \(name) gives \(value.outline)", at: site.site,
        notes: [.init("hint", "sum(…) makes one number of many; jacobian(f, x) has all derivatives")])
    }
  }

  /// The derivative of a function, element by element.
  func derivative(of function: Function, _ values: [Value], _ labels: [String?], _ site: CallSite) throws -> Value {
    guard let first = values.first, labels.first.flatMap({ $0 }) == nil else { throw site.wrongCount(0, function) }
    if first.isStructure {
      guard let leaves = first.leaves(elementType) else { throw noDerivative(first, site) }
      var found = try leaves.map { leaf -> Tensor in
        var arguments = values
        arguments[0] = Value(leaf)
        let value = try derivative(of: function, arguments, labels, site)
        return value.tensor(leaf.elementType) ?? leaf
      }[...]
      return first.replacingLeaves(&found)
    }
    guard let tensor = first.tensor(elementType) else { throw noDerivative(first, site) }
    let x = tensor.variable()
    var arguments = values
    arguments[0] = .tensor(x)
    let result = try differentiating { try site.apply(function, arguments, labels) }
    let name = function.name.isEmpty ? "the function" : function.name
    guard let shape = result.shape, shape == x.shape || shape == .scalar && !result.isTracked else {
      throw failure(
        "E0704", "f' is for functions of each element, \(name) gives \(result.outline) for \(first.outline)",
        at: site.site, notes: [.init("hint", "∇\(name) is the gradient, jacobian(\(name), x) has all the derivatives")])
    }
    guard case .tensor(let y) = result, y.isTracked else {
      return Value(Tensor.zeros(x.shape, x.elementType))
    }
    let slope = gradients(of: y, withRespectTo: [x], keepingGraph: gradientDepth > 0)[0]
    if x.count > 1 && mixes(y, x, slope) {
      throw failure(
        "E0704", "f' is for functions of each element, \(name) mixes elements", at: site.site,
        suggestions: mixedSuggestion(function, site),
        notes: [.init("hint", "one element of \(name)(x) depends on several of x")])
    }
    return Value(gradientDepth == 0 ? slope.detached : slope)
  }

  private func mixedSuggestion(_ function: Function, _ site: CallSite) -> [Diagnostic.Suggestion] {
    guard !function.name.isEmpty, !function.name.contains("'"), let argument = site.arguments.first else { return [] }
    let text = site.source.text(argument.value.range)
    return [suggestion(replacing: [(site.range, "jacobian(\(function.name), \(text))")], in: site.source)]
      .compactMap { $0 }
  }

  private func noDerivative(_ value: Value, _ site: CallSite) -> Fault {
    failure("E0702", "no derivative by \(value.article)", at: site.site(ofArgument: 0))
  }

  /// Whether some element of `y` depends on another element of `x` than its own.
  ///
  /// If none does, the pullback of any weights is the weights times the slope; with weights that look random a function that mixes
  /// elements cannot pass.
  private func mixes(_ y: Tensor, _ x: Tensor, _ slope: Tensor) -> Bool {
    var generator = RandomGenerator(seed: 0x6e61_626c_61)
    let weights = (0..<x.count).map { _ in 0.5 + generator.uniform(Double.self) }
    let seed = Tensor(weights, shape: x.shape, y.elementType)
    let flow = gradients(of: y, withRespectTo: [x], seed: seed)[0].elements
    let own = slope.detached.elements
    let scale = own.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    // Beside the slope's own digits, those of terms that cancel: they are of the size of y.
    let size = y.detached.elements.reduce(1) { $1.isFinite ? max($0, abs($1)) : $0 }
    let tolerance = x.elementType == .float64 ? 1e-9 * scale + 1e-14 * size : 1e-4 * scale + 1e-6 * size
    for index in own.indices where own[index].isFinite && flow[index].isFinite {
      if abs(flow[index] - weights[index] * own[index]) > tolerance { return true }
    }
    return false
  }

  /// All derivatives of `y`'s elements by those of `x`: shape of `y`, then that of `x`.
  func jacobian(of y: Tensor, by x: Tensor, keepingGraph: Bool) throws -> Tensor {
    try jacobians(of: y, by: [x], keepingGraph: keepingGraph)[0]
  }

  /// The Jacobian by each of several variables, in one walk for each element of `y`, or, where these are fewer, of the variables.
  func jacobians(of y: Tensor, by variables: [Tensor], keepingGraph: Bool) throws -> [Tensor] {
    let shapes = try variables.map { try Shape(checking: y.shape.dimensions + $0.shape.dimensions) }
    for (shape, x) in zip(shapes, variables) { try MemoryLimit.check(shape, x.elementType) }
    guard y.isTracked, y.count > 0 else { return zip(shapes, variables).map { .zeros($0, $1.elementType) } }
    let count = variables.reduce(0) { $0 + $1.count }
    let parts =
      count < y.count
      ? try columns(of: y, by: variables, keepingGraph: keepingGraph)
      : try rows(of: y, by: variables, keepingGraph: keepingGraph)
    return zip(parts, shapes).map { $0.reshaped(to: $1) }
  }

  /// For each variable a matrix with a row for every element of `y`.
  private func rows(of y: Tensor, by variables: [Tensor], keepingGraph: Bool) throws -> [Tensor] {
    var rows = [[Tensor]](repeating: [], count: variables.count)
    for index in 0..<y.count {
      try poll()
      let seed = Tensor.filled(y.shape, y.elementType) { $0 == index ? 1 : 0 }
      let flows = gradients(of: y, withRespectTo: variables, seed: seed, keepingGraph: keepingGraph)
      for (place, flow) in flows.enumerated() { rows[place].append(flow) }
    }
    return try rows.map { try Tensor.stack($0) }
  }

  /// The same from the other side: what flows back is linear in what is sent, so its derivatives by that are the columns.
  private func columns(of y: Tensor, by variables: [Tensor], keepingGraph: Bool) throws -> [Tensor] {
    // Numbers without a pattern, so that none of what flows back cancels.
    var generator = RandomGenerator(seed: 0x6e61_626c_61)
    let sent = Tensor((0..<y.count).map { _ in 0.5 + generator.uniform(Double.self) }, shape: y.shape, y.elementType)
    let seed = sent.variable()
    let flows = gradients(of: y, withRespectTo: variables, seed: seed, keepingGraph: true)
    return try zip(flows, variables).map { flow, x in
      guard x.count > 0 else { return Tensor.zeros([y.count, 0], x.elementType) }
      let columns = try (0..<x.count).map { index in
        try poll()
        guard flow.isTracked else { return Tensor.zeros([y.count], y.elementType) }
        let one = Tensor.filled(x.shape, x.elementType) { $0 == index ? 1 : 0 }
        return gradients(of: flow, withRespectTo: [seed], seed: one, keepingGraph: keepingGraph)[0]
          .reshaped(to: [y.count])
      }
      return try Permute([1, 0]).apply(Tensor.stack(columns))
    }
  }
}

extension Value {
  var isTracked: Bool { if case .tensor(let tensor) = self { tensor.isTracked } else { false } }
}
