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
    return Graph(from: start, towards: [target]).places.contains { $0.node === target }
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
  var graph = Graph(from: root, towards: variables.compactMap(\.node))
  graph.places[0].cotangent = seed ?? Tensor.ones(y.shape, y.elementType)
  for position in graph.places.indices where graph.places[position].leads {
    guard let g = graph.places[position].cotangent else { continue }
    let (node, firstEdge) = (graph.places[position].node, graph.places[position].firstEdge)
    // A target keeps what flows to it; what lies behind it may be asked for too.
    if !graph.places[position].isTarget { graph.places[position].cotangent = nil }
    var wanted: UInt64 = 0
    for input in node.inputs.indices {
      let parent = graph.edges[firstEdge + input]
      if parent >= 0 && graph.places[parent].leads { wanted |= 1 << UInt64(min(input, 63)) }
    }
    guard wanted != 0 else { continue }
    let call =
      keepingGraph
      ? Application(inputs: node.trackedInputs, output: node.trackedOutput, wanted: wanted)
      : Application(inputs: node.inputs, output: node.output, wanted: wanted)
    let isMasked = graph.places[position].isMasked
    if !keepingGraph, graph.scatter(g, of: node.primitive, to: graph.edges[firstEdge], isMasked) { continue }
    let flows =
      isMasked && type(of: node.primitive).isElementwise
      ? keepingGraph
        ? pullbackWithoutNumberless(node.primitive, g, call) : pullbackWhereTaken(node.primitive, g, call)
      : node.primitive.pullback(g, call)
    let masks = isMasked || type(of: node.primitive) == Choose.self
    for (input, flow) in flows.enumerated() {
      let parent = graph.edges[firstEdge + input]
      guard let flow, parent >= 0, graph.places[parent].leads else { continue }
      if masks { graph.places[parent].isMasked = true }
      if graph.places[parent].cotangent == nil {
        graph.places[parent].cotangent = flow
      } else {
        graph.places[parent].cotangent!.accumulate(flow)
      }
    }
  }
  return variables.map { variable in
    guard let node = variable.node, let position = graph.position(of: node),
      var g = graph.places[position].cotangent
    else { return Tensor.zeros(variable.shape, variable.elementType) }
    g.mayStretch = variable.mayStretch
    return g
  }
}

/// The pullback of an elementwise operation below a `Choose`: where nothing flows back, as in a branch not taken, the operands are
/// replaced by ones first, so that √ or ln of what was never asked for does not send back 0 · ∞.
private func pullbackWhereTaken(_ primitive: any Primitive, _ g: Tensor, _ call: Application) -> [Tensor?] {
  let taken = Comparison(.notEqual)(g.detached, Tensor(0, g.elementType))
  func safe(_ x: Tensor) -> Tensor {
    Choose()(taken, x.shape == g.shape ? x : Broadcast(to: g.shape)(x), Tensor(1, x.elementType))
  }
  let safely = Application(inputs: call.inputs.map(safe), output: safe(call.output), wanted: call.wanted)
  return zip(primitive.pullback(g, safely), call.inputs).map { flow, input in flow?.summed(to: input) }
}

/// The same where the flows will be differentiated again: a cotangent that is 0 by its value may still change, so the operands stay as
/// they are, and what came out as no number where nothing flows back is replaced by 0.
private func pullbackWithoutNumberless(_ primitive: any Primitive, _ g: Tensor, _ call: Application) -> [Tensor?] {
  let whole = call.inputs.map { $0.shape == g.shape ? $0 : Broadcast(to: g.shape)($0) }
  let flows = primitive.pullback(g, Application(inputs: whole, output: call.output, wanted: call.wanted))
  let (plain, zero) = (g.detached, Tensor(0, g.elementType))
  return zip(flows, call.inputs).map { flow, input in
    guard let flow else { return nil }
    let value = flow.detached
    // What is no finite number is not 0 when taken from itself.
    let cut = Comparison(.notEqual)(value - value, zero) * Comparison(.equal)(plain, zero)
    let isWhole = SumTo(.scalar)(cut).item == 0
    return (isWhole ? flow : Choose()(cut, zero, flow)).summed(to: input)
  }
}

/// The part of the history between a result and what it is differentiated by, newest application first.
private struct Graph {
  /// An application and what is known about it during one walk.
  struct Place {
    let node: Node
    /// Where the places of its inputs' histories start in `edges`.
    var firstEdge = 0
    /// Whether it is, or was computed from, one of the targets.
    var leads = false
    var isTarget = false
    /// Whether what flows through it passed a `Choose`.
    var isMasked = false
    var cotangent: Tensor?
  }

  /// In descending order of serial numbers: every node stands before its parents.
  var places: [Place]
  /// For each node and each of its inputs, where the input's history stands; -1 for none.
  let edges: [Int]

  init(from root: Node, towards targets: [Node]) {
    // A node older than every target cannot lead to one.
    let oldest = targets.reduce(UInt64.max) { min($0, $1.serial) }
    var seen = SerialNumbers()
    seen.insert(root.serial)
    var found = [root]
    found.reserveCapacity(8)
    var next = 0
    var isSorted = true
    while next < found.count {
      let node = found[next]
      for input in node.inputs.indices {
        guard let parent = node.parents[input], parent.serial >= oldest, seen.insert(parent.serial) else { continue }
        if parent.serial > found[found.count - 1].serial { isSorted = false }
        found.append(parent)
      }
      next += 1
    }
    if !isSorted { found.sort { $0.serial > $1.serial } }

    var (places, edges): ([Place], [Int]) = ([], [])
    places.reserveCapacity(found.count)
    edges.reserveCapacity(2 * found.count)
    for node in found {
      var place = Place(node: node)
      place.firstEdge = edges.count
      place.isTarget = targets.contains { $0 === node }
      place.leads = place.isTarget
      for input in node.inputs.indices {
        edges.append(node.parents[input].flatMap { Self.position(of: $0, in: found) } ?? -1)
      }
      places.append(place)
    }
    for index in places.indices.reversed() where !places[index].leads {
      for edge in places[index].firstEdge..<(places[index].firstEdge + places[index].node.inputs.count)
      where edges[edge] >= 0 && places[edges[edge]].leads {
        places[index].leads = true
        break
      }
    }
    self.places = places
    self.edges = edges
  }

  /// Adds what flows back to a part of an operand to what flows to the operand already, in place: a loop that reads one place after
  /// the other costs no more than reading all of them. False where there is nothing yet to add to.
  mutating func scatter(_ g: Tensor, of primitive: any Primitive, to parent: Int, _ isMasked: Bool) -> Bool {
    guard parent >= 0, !g.isTracked, var sum = places[parent].cotangent, !sum.isTracked,
      sum.elementType == g.elementType
    else { return false }
    places[parent].cotangent = nil
    let isDone = primitive.scatter(g, into: &sum)
    places[parent].cotangent = sum
    if isDone && isMasked { places[parent].isMasked = true }
    return isDone
  }

  /// Where a node stands, by binary search on its serial number.
  private static func position(of node: Node, in nodes: [Node]) -> Int? {
    var (low, high) = (0, nodes.count)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].serial > node.serial { low = middle + 1 } else { high = middle }
    }
    return low < nodes.count && nodes[low] === node ? low : nil
  }

  /// Where a node stands, by binary search on its serial number.
  func position(of node: Node) -> Int? {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].node.serial > node.serial { low = middle + 1 } else { high = middle }
    }
    return low < places.count && places[low].node === node ? low : nil
  }
}

/// A set of serial numbers: a short list while there are few, hashed when there are many.
private struct SerialNumbers {
  private var few: [UInt64] = []
  private var many: Set<UInt64> = []

  /// Whether the number was new.
  @discardableResult
  mutating func insert(_ serial: UInt64) -> Bool {
    if !many.isEmpty { return many.insert(serial).inserted }
    if few.contains(serial) { return false }
    few.append(serial)
    if few.count > 32 { many = Set(few) }
    return true
  }
}
