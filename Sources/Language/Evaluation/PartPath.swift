import Tensors

/// The subscripts and fields after a name, as in `θ.W`, `net[0].W` or `W[0, 2]`: what a derivative is by.
struct PartPath {
  private enum Step {
    case field(Name)
    /// One number, and what may stand for `end` in it.
    case index(Code?, end: Int, SourceRange)
  }

  private let steps: [Step]
  /// For each step, the subscripts from there on applied to the tensor in a slot; nil if fields follow.
  private let rest: [(slot: Int, code: Code)?]
  private let source: SourceText

  init(_ expression: Expression, _ lowering: Lowering, _ scope: Scope) throws {
    source = lowering.source
    var expressions: [Expression] = []
    var current = expression
    walk: while true {
      switch current.kind {
      case .field(let base, _), .index(let base, _):
        expressions.append(current)
        current = base
      default: break walk
      }
    }
    expressions.reverse()
    steps = try expressions.map { step in
      guard case .index(_, let items) = step.kind else {
        if case .field(_, let name) = step.kind { return .field(name) }
        return .index(nil, end: 0, step.range)
      }
      let slot = scope.reserve()
      guard items.count == 1, let item = items[0].value else { return .index(nil, end: slot, step.range) }
      let name = Lowering.endName(slot)
      return .index(
        try lowering.expression(item.replacingEnd(by: name), scope.declaring(name, at: slot)), end: slot, item.range)
    }
    rest = try expressions.indices.map { index in
      let slot = scope.reserve()
      let hidden = "part\u{0}\(slot)"
      var whole = Expression(.name(hidden), expression.range)
      for step in expressions[index...] {
        guard case .index(_, let items) = step.kind else { return nil }
        whole = Expression(.index(whole, items), step.range)
      }
      return (slot, try lowering.expression(whole, scope.declaring(hidden, at: slot)))
    }
  }

  /// What the path leads to in a value.
  func resolve(_ root: Value, _ frame: Frame, _ node: PartialNode) throws -> Part {
    try resolve(root, 0, frame, node)
  }

  /// Which value of a sequence the path names, if one, and what it leads to in there.
  func resolve(_ sequence: ValueSequence, _ frame: Frame, _ node: PartialNode) throws -> (number: Int?, part: Part) {
    guard let first = steps.first else { return (nil, Part(root: .nothing, path: [], value: .nothing, places: nil)) }
    guard case .index(let code?, let end, let range) = first else {
      throw node.machine.failure(
        "E0702", "∂ is by one value of a sequence, named by one number",
        at: Fault.Site(source: source, range: node.variable.range))
    }
    frame[end] = .number(Double(sequence.numbers.upperBound - 1))
    guard let number = try code(frame).plainNumber.flatMap({ Int(exactly: $0) }), let value = sequence[number] else {
      throw node.machine.failure(
        "E0702", "∂ is by one value of a sequence, named by one number", at: Fault.Site(source: source, range: range))
    }
    return (number, try resolve(value, 1, frame, node))
  }

  private func resolve(_ root: Value, _ start: Int, _ frame: Frame, _ node: PartialNode) throws -> Part {
    let machine = node.machine
    var value = root
    var path: [(PathStep, Fault.Site)] = []
    for (index, step) in steps.enumerated().dropFirst(start) {
      if case .tensor(let tensor) = value, let (slot, code) = rest[index] {
        // The places of the chosen elements: the subscripts of a tensor that counts them.
        frame[slot] = .tensor(Tensor((0..<tensor.count).map(Double.init), shape: tensor.shape))
        guard let places = try code(frame).tensor(.float64) else { break }
        return Part(root: root, path: path, value: value, places: places)
      }
      switch step {
      case .field(let name):
        let site = Fault.Site(source: source, range: name.range)
        path.append((.field(name.text), site))
        value = try machine.field(name.text, of: value, at: site)
      case .index(let code, let end, let range):
        let site = Fault.Site(source: source, range: range)
        let count: Int? =
          switch value {
          case .list(let items): items.count
          case .network(let network): network.layerCount
          default: nil
          }
        frame[end] = .number(Double((count ?? 0) - 1))
        guard let count, let code, let number = try code(frame).plainNumber, let place = Int(exactly: number),
          place >= 0, place < count
        else {
          throw machine.failure("E0702", "∂ is by one part of \(value.article), named by one number", at: site)
        }
        path.append((.index(place), site))
        value = try machine.part(of: value, .index(place), at: site)
      }
    }
    return Part(root: root, path: path, value: value, places: nil)
  }

  /// A part of a value, to be made a variable.
  struct Part {
    let root: Value
    let path: [(PathStep, Fault.Site)]
    let value: Value
    /// Which elements of the tensor it is; all if nil.
    let places: Tensor?

    /// The same part of another value.
    func again(_ root: Value, on machine: Machine) throws -> Part {
      var value = root
      for (step, site) in path { value = try machine.part(of: value, step, at: site) }
      return Part(root: root, path: path, value: value, places: places)
    }

    /// The whole value with the part made of variables.
    func with(_ variables: inout [Tensor], on machine: Machine) throws -> Value {
      let own = (value.leaves(machine.elementType) ?? []).map { $0.variable() }
      variables = own
      var next = own[...]
      return try machine.setting(root, path[...], to: value.replacingLeaves(&next))
    }

    /// The derivative of `y` by the part: of its shape if `y` is a number, else the shape of `y` and then its shape.
    func derivative(
      of y: Tensor, by variables: [Tensor], on machine: Machine, keepingGraph: Bool
    ) throws -> Value {
      var next = try flows(of: y, by: variables, on: machine, keepingGraph: keepingGraph)[...]
      return value.replacingLeaves(&next)
    }

    func flows(
      of y: Tensor, by variables: [Tensor], on machine: Machine, keepingGraph: Bool
    ) throws -> [Tensor] {
      var flows =
        y.rank == 0
        ? gradients(of: y, withRespectTo: variables, keepingGraph: keepingGraph)
        : try machine.jacobians(of: y, by: variables, keepingGraph: keepingGraph)
      if let places {
        let rows = Shape(y.shape.dimensions + [variables[0].count])
        let chosen = try Engine.gather(flows[0].reshaped(to: rows), axis: y.rank, places.reshaped(to: [places.count]))
        flows = [chosen.reshaped(to: Shape(y.shape.dimensions + places.shape.dimensions))]
      }
      return keepingGraph ? flows : flows.map(\.detached)
    }
  }
}

extension Machine {
  /// One part of a value.
  fileprivate func part(of value: Value, _ step: PathStep, at site: Fault.Site) throws -> Value {
    switch (value, step) {
    case (_, .field(let name)): return try field(name, of: value, at: site)
    case (.list(let items), .index(let index)) where items.indices.contains(index): return items[index]
    case (.network(let network), .index(let index)) where (0..<network.layerCount).contains(index):
      return network.layers(index..<(index + 1))
    default: throw failure("E0702", "\(value.article) has no such part", at: site)
    }
  }
}
