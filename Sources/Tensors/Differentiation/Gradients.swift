extension Tensor {
  /// The same numbers as the start of a differentiation: gradients can be asked for with respect to the result.
  ///
  /// If the tensor is tracked already, what flows into the variable flows on, so derivatives nest.
  public func variable() -> Tensor {
    var result = self
    result.node = Node(primitive: Variable(), inputs: [self], output: self)
    return result
  }

  /// Whether this tensor was computed from `other`, through operations that a derivative flows through.
  public func depends(on other: Tensor) -> Bool {
    guard let start = node, let target = other.node else { return false }
    return Graph(from: start, towards: [other]).places.contains { $0.node === target }
  }
}

/// The gradient of `seed · y` by each of `variables`: for a scalar `y`, ∂y/∂x with the shape of x.
///
/// Reverse mode: one walk backward through the applications between `y` and the variables, each visited once, in a fixed order.
/// Variables that `y` does not depend on get zeros.
///
/// - Parameters:
///   - seed: the cotangent of `y`, of its shape; ones if nil.
///   - keepingGraph: whether the gradients will be differentiated again. Without it, pullbacks see plain numbers, so nothing is
///     remembered beyond the first order.
/// - Complexity: a small multiple of computing `y`.
public func gradients(
  of y: Tensor, withRespectTo variables: [Tensor], seed: Tensor? = nil, keepingGraph: Bool = false
) -> [Tensor] {
  guard let root = y.node else { return variables.map { Tensor.zeros($0.shape, $0.elementType) } }
  var graph = Graph(from: root, towards: variables)
  graph.places[0].cotangent = seed ?? Tensor.ones(y.shape, y.elementType)
  for position in graph.places.indices where graph.places[position].wanted != 0 {
    guard let g = graph.places[position].cotangent.take() else { continue }
    // A target keeps what flows to it; what lies behind it may be asked for too.
    if graph.places[position].isTarget { graph.places[position].cotangent = g }
    let (node, isMasked) = (graph.places[position].node, graph.places[position].isMasked)
    if !keepingGraph, graph.scatter(g, through: node, isMasked) { continue }
    let call = node.application(wanted: graph.places[position].wanted, keepingHistory: keepingGraph)
    let flows =
      isMasked && type(of: node.primitive).isElementwise
      ? keepingGraph
        ? pullbackWithoutNumberless(node.primitive, g, call) : pullbackWhereTaken(node.primitive, g, call)
      : node.primitive.pullback(g, call)
    let masks = isMasked || node.isChoice
    // Each flow is handed over, so that the second to one place can be added to the first where it stands.
    switch consume flows {
    case .one(let flow):
      graph.add(consume flow, to: node.inputs.serial(0), masks)
    case .two(let first, let second):
      graph.add(consume first, to: node.inputs.serial(0), masks)
      graph.add(consume second, to: node.inputs.serial(1), masks)
    case .list(let flows):
      for (input, flow) in flows.enumerated() { graph.add(flow, to: node.inputs.serial(input), masks) }
    }
  }
  return variables.map { variable in
    guard let position = graph.position(of: variable.serial), var g = graph.places[position].cotangent else {
      return Tensor.zeros(variable.shape, variable.elementType)
    }
    g.mayStretch = variable.mayStretch
    return g
  }
}

/// The pullback of an elementwise operation below a `Choose`: where nothing flows back, as in a branch not taken, the operands are
/// replaced by ones first, so that √ or ln of what was never asked for does not send back 0 · ∞.
private func pullbackWhereTaken(_ primitive: any Primitive, _ g: Tensor, _ call: Application) -> Cotangents {
  let taken = Comparison(.notEqual)(g.detached, Tensor(0, g.elementType))
  func safe(_ x: Tensor) -> Tensor {
    Choose()(taken, x.shape == g.shape ? x : Broadcast(to: g.shape)(x), Tensor(1, x.elementType))
  }
  let safely = Application(inputs: call.inputs.mapped(safe), output: safe(call.output), wanted: call.wanted)
  return Few(zip(primitive.pullback(g, safely), call.inputs).map { flow, input in flow?.summed(to: input) })
}

/// The same where the flows will be differentiated again: a cotangent that is 0 by its value may still change, so the operands stay as
/// they are, and what came out as no number where nothing flows back is replaced by 0.
private func pullbackWithoutNumberless(_ primitive: any Primitive, _ g: Tensor, _ call: Application) -> Cotangents {
  let whole = call.inputs.mapped { $0.shape == g.shape ? $0 : Broadcast(to: g.shape)($0) }
  let flows = primitive.pullback(g, Application(inputs: whole, output: call.output, wanted: call.wanted))
  let (plain, zero) = (g.detached, Tensor(0, g.elementType))
  return Few(
    zip(flows, call.inputs).map { flow, input in
      guard let flow else { return nil }
      let value = flow.detached
      // What is no finite number is not 0 when taken from itself.
      let cut = Comparison(.notEqual)(value - value, zero) * Comparison(.equal)(plain, zero)
      let isWhole = SumTo(.scalar)(cut).item == 0
      return (isWhole ? flow : Choose()(cut, zero, flow)).summed(to: input)
    })
}

/// The part of the history between a result and what it is differentiated by, newest application first.
private struct Graph {
  /// An application and what is known about it during one walk.
  struct Place {
    let node: Node
    let serial: UInt64
    /// Which inputs are, or were computed from, one of the targets: a bit for each, the last for all beyond.
    var wanted: UInt64 = 0
    var isTarget = false
    /// Whether what flows through it passed a `Choose`.
    var isMasked = false
    var cotangent: Tensor?

    init(_ node: Node) { (self.node, serial) = (node, node.serial) }

    var leads: Bool { wanted != 0 || isTarget }
  }

  /// In descending order of serial numbers: every node stands before its parents.
  var places: [Place] = []

  init(from root: Node, towards targets: [Tensor]) {
    places.reserveCapacity(16)
    find(root, olderThan: targets)
    for target in targets {
      if let position = position(of: target.serial) { places[position].isTarget = true }
    }
    for index in places.indices.reversed() {
      let node = places[index].node
      for input in node.inputs.indices {
        if let parent = position(of: node.inputs.serial(input)), places[parent].leads {
          places[index].wanted |= Application.bit(of: input)
        }
      }
    }
  }

  /// Lists the history of a result, each node once.
  private mutating func find(_ root: Node, olderThan targets: [Tensor]) {
    // A node older than every target cannot lead to one.
    let oldest = targets.reduce(UInt64.max) { $1.isTracked ? min($0, $1.serial) : $0 }
    // A few numbers are sooner looked through than hashed.
    var many: Set<UInt64> = []
    places.append(Place(root))
    var next = 0
    var isSorted = true
    while next < places.count {
      let node = places[next].node
      for input in node.inputs.indices {
        let serial = node.inputs.serial(input)
        guard serial >= oldest else { continue }
        if places.count < 32 {
          if isListed(serial) { continue }
        } else {
          if many.isEmpty { many = Set(places.lazy.map(\.serial)) }
          guard many.insert(serial).inserted else { continue }
        }
        if serial > places[places.count - 1].serial { isSorted = false }
        if let parent = node.inputs.node(input) { places.append(Place(parent)) }
      }
      next += 1
    }
    if !isSorted { places.sort { $0.serial > $1.serial } }
  }

  /// Whether a node stands in the list, which need not be sorted. A closure for each place would copy the place.
  private func isListed(_ serial: UInt64) -> Bool {
    for index in places.indices where places[index].serial == serial { return true }
    return false
  }

  /// Adds what flows back to an operand to what flows to it already.
  mutating func add(_ flow: consuming Tensor?, to operand: UInt64, _ isMasked: Bool) {
    guard let flow, let place = position(of: operand), places[place].leads else { return }
    if isMasked { places[place].isMasked = true }
    if places[place].cotangent == nil {
      places[place].cotangent = flow
    } else {
      places[place].cotangent!.accumulate(flow)
    }
  }

  /// Adds what flows back to a part of an operand to what flows to the operand already, in place: a loop that reads one place after
  /// the other costs no more than reading all of them. False where there is nothing yet to add to.
  mutating func scatter(_ g: Tensor, through node: Node, _ isMasked: Bool) -> Bool {
    guard case .one(let operand) = node.inputs, !g.isTracked, let parent = position(of: operand.serial),
      var sum = places[parent].cotangent, !sum.isTracked, sum.elementType == g.elementType
    else { return false }
    places[parent].cotangent = nil
    let isDone = node.primitive.scatter(g, into: &sum)
    places[parent].cotangent = sum
    if isDone && isMasked { places[parent].isMasked = true }
    return isDone
  }

  /// Where the node of a serial number stands, by binary search.
  func position(of serial: UInt64) -> Int? {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].serial > serial { low = middle + 1 } else { high = middle }
    }
    return low < places.count && places[low].serial == serial ? low : nil
  }
}
