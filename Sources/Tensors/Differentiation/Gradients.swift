extension Tensor {
  /// The same numbers as the start of a differentiation: gradients can be asked for with respect to the result.
  ///
  /// If the tensor is tracked already, what flows into the variable flows on, so derivatives nest.
  public func variable() -> Tensor {
    var result = self
    result.node = Operands.lending(self) { Node.remembering(Variable(), $0, self) }
    return result
  }

  /// Whether this tensor was computed from `other`, through operations that a derivative flows through.
  public func depends(on other: Tensor) -> Bool {
    guard let start = node, let target = other.node else { return false }
    return Graph.walking(from: start, towards: [other]) { $0.position(of: target.serial) != nil }
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
  return Graph.walking(from: root, towards: variables) { graph in
    graph.places[0].cotangent = seed ?? Tensor.ones(y.shape, y.elementType)
    for place in 0..<graph.count where graph.places[place].wanted != 0 {
      guard let g = graph.places[place].cotangent.take() else { continue }
      // A target keeps what flows to it; what lies behind it may be asked for too.
      if graph.places[place].isTarget { graph.places[place].cotangent = g }
      if !keepingGraph, graph.scatter(g, from: place) { continue }
      graph.add(graph.flows(g, from: place, keepingGraph), from: place)
    }
    return variables.map { variable in
      guard let place = graph.position(of: variable.serial), var g = graph.places[place].cotangent else {
        return Tensor.zeros(variable.shape, variable.elementType)
      }
      g.mayStretch = variable.mayStretch
      return g
    }
  }
}

/// The pullback of an elementwise operation below a `Choose`: where nothing flows back, as in a branch not taken, the operands are
/// replaced by ones first, so that √ or ln of what was never asked for does not send back 0 · ∞.
private func pullbackWhereTaken<P: Primitive>(_ primitive: P, _ g: Tensor, _ call: Application) -> Cotangents {
  let taken = Comparison(.notEqual)(g.detached, Tensor(0, g.elementType))
  func safe(_ x: Tensor) -> Tensor {
    Choose()(taken, x.shape == g.shape ? x : Broadcast(to: g.shape)(x), Tensor(1, x.elementType))
  }
  let flows = primitive.pullback(g, call.at(call.inputs.map(safe), of: primitive, output: safe(call.output)))
  return Cotangents(call.inputs.indices.map { flows[$0]?.summed(to: call.inputs[$0]) })
}

/// The same where the flows will be differentiated again: a cotangent that is 0 by its value may still change, so the operands stay as
/// they are, and what came out as no number where nothing flows back is replaced by 0.
private func pullbackWithoutNumberless<P: Primitive>(_ primitive: P, _ g: Tensor, _ call: Application) -> Cotangents {
  let whole = call.inputs.map { $0.shape == g.shape ? $0 : Broadcast(to: g.shape)($0) }
  let flows = primitive.pullback(g, call.at(whole, of: primitive, output: call.output))
  let (plain, zero) = (g.detached, Tensor(0, g.elementType))
  return Cotangents(
    call.inputs.indices.map { index in
      guard let flow = flows[index] else { return nil }
      let value = flow.detached
      // What is no finite number is not 0 when taken from itself.
      let cut = Comparison(.notEqual)(value - value, zero) * Comparison(.equal)(plain, zero)
      let isWhole = cut.sum().item == 0
      return (isWhole ? flow : Choose()(cut, zero, flow)).summed(to: call.inputs[index])
    })
}

/// The part of the history between a result and what it is differentiated by, newest application first.
///
/// Whoever walks through it holds the result, and the result its whole history.
private struct Graph: ~Copyable {
  /// An application and what is known about it during one walk.
  struct Place {
    /// Held by the result that the walk began at.
    unowned(unsafe) let node: Node
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

  /// In descending order of serial numbers: every node stands before its parents. Memory of its own, since an array would be asked
  /// before each change whether somebody else holds it.
  private(set) var places: UnsafeMutablePointer<Place>
  private(set) var count = 0
  private var capacity: Int
  private var isLent = true

  /// Finds the history and walks through it; a short one lies on the stack.
  static func walking<Result>(
    from root: Node, towards targets: [Tensor], _ body: (inout Graph) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: Place.self, capacity: 16) { room in
      var graph = Graph(from: root, towards: targets, in: room)
      return body(&graph)
    }
  }

  private init(from root: Node, towards targets: [Tensor], in room: UnsafeMutableBufferPointer<Place>) {
    (places, capacity) = (room.baseAddress.unsafelyUnwrapped, room.count)
    find(root, olderThan: targets)
    for target in targets {
      if let position = position(of: target.serial) { places[position].isTarget = true }
    }
    for index in (0..<count).reversed() {
      let operands = places[index].node.operands
      for input in operands.indices {
        if let parent = position(of: operands[input].serial, from: index + 1), places[parent].leads {
          places[index].wanted |= Application.bit(of: input)
        }
      }
    }
  }

  deinit {
    // All else is trivial.
    for place in 0..<count { places[place].cotangent = nil }
    if !isLent { places.deallocate() }
  }

  private mutating func append(_ node: Node) {
    if count == capacity {
      let more = UnsafeMutablePointer<Place>.allocate(capacity: 2 * capacity)
      more.moveInitialize(from: places, count: count)
      if !isLent { places.deallocate() }
      (places, capacity, isLent) = (more, 2 * capacity, false)
    }
    (places + count).initialize(to: Place(node))
    count += 1
  }

  /// Lists the history of a result, each node once.
  private mutating func find(_ root: Node, olderThan targets: [Tensor]) {
    // A node older than every target cannot lead to one.
    var oldest = UInt64.max
    for target in targets where target.isTracked { oldest = min(oldest, target.serial) }
    // A few numbers are sooner looked through than hashed.
    var many: Set<UInt64> = []
    append(root)
    var next = 0
    var isSorted = true
    while next < count {
      let operands = places[next].node.operands
      for input in operands.indices {
        guard let parent = operands[input].node, parent.serial >= oldest else { continue }
        let serial = parent.serial
        if count < 32 {
          if isListed(serial) { continue }
        } else {
          if many.isEmpty { for index in 0..<count { many.insert(places[index].serial) } }
          guard many.insert(serial).inserted else { continue }
        }
        if serial > places[count - 1].serial { isSorted = false }
        append(parent)
      }
      next += 1
    }
    guard !isSorted else { return }
    var found = UnsafeMutableBufferPointer(start: places, count: count)
    found.sort { $0.serial > $1.serial }
  }

  /// Whether a node stands in the list, which need not be sorted.
  private func isListed(_ serial: UInt64) -> Bool {
    for index in (0..<count).reversed() where places[index].serial == serial { return true }
    return false
  }

  /// What flows back through a place from the cotangent of its result.
  func flows(_ g: Tensor, from place: Int, _ keepingGraph: Bool) -> Cotangents {
    let node = places[place].node
    let call = Application(node, history: keepingGraph ? node : nil, wanted: places[place].wanted)
    let primitive = node.facts.primitive
    guard places[place].isMasked, type(of: primitive).isElementwise else { return primitive.pullback(g, call) }
    return keepingGraph ? pullbackWithoutNumberless(primitive, g, call) : pullbackWhereTaken(primitive, g, call)
  }

  /// Adds what flows back from a place to the operands. Each flow is handed over, so that the second to one operand can be added to
  /// the first where it stands.
  mutating func add(_ flows: consuming Cotangents, from place: Int) {
    let node = places[place].node
    let masks = places[place].isMasked || node.facts.isChoice
    switch consume flows {
    case .one(let flow):
      add(consume flow, to: node.operands[0].serial, behind: place, masks)
    case .two(let first, let second):
      add(consume first, to: node.operands[0].serial, behind: place, masks)
      add(consume second, to: node.operands[1].serial, behind: place, masks)
    case .list(let flows):
      for (input, flow) in flows.enumerated() { add(flow, to: node.operands[input].serial, behind: place, masks) }
    }
  }

  /// Adds what flows back to an operand to what flows to it already.
  private mutating func add(_ flow: consuming Tensor?, to operand: UInt64, behind place: Int, _ isMasked: Bool) {
    guard let flow, let place = position(of: operand, from: place + 1), places[place].leads else { return }
    if isMasked { places[place].isMasked = true }
    if places[place].cotangent == nil {
      places[place].cotangent = flow
    } else {
      places[place].cotangent!.accumulate(flow)
    }
  }

  /// Adds what flows back to a part of an operand to what flows to the operand already, in place: a loop that reads one place after
  /// the other costs no more than reading all of them. False where there is nothing yet to add to.
  mutating func scatter(_ g: Tensor, from place: Int) -> Bool {
    let node = places[place].node
    guard let parent = position(of: node.operands[0].serial, from: place + 1), places[parent].cotangent != nil,
      node.facts.count == 1, !g.isTracked, var sum = places[parent].cotangent.take()
    else { return false }
    let isDone = !sum.isTracked && sum.elementType == g.elementType && node.facts.primitive.scatter(g, into: &sum)
    places[parent].cotangent = sum
    if isDone && places[place].isMasked { places[parent].isMasked = true }
    return isDone
  }

  /// Where the node of a serial number stands, at a place or behind it: mostly among the next few, else found by binary search.
  func position(of serial: UInt64, from start: Int = 0) -> Int? {
    var low = start
    while low < min(start + 4, count) {
      if places[low].serial <= serial { return places[low].serial == serial ? low : nil }
      low += 1
    }
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if places[middle].serial > serial { low = middle + 1 } else { high = middle }
    }
    return low < count && places[low].serial == serial ? low : nil
  }
}
