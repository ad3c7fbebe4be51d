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
    return Graph(from: start).nodes.contains { $0 === target }
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
  let seed = seed ?? Tensor.ones(y.shape, y.elementType)
  guard let root = y.node else { return variables.map { Tensor.zeros($0.shape, $0.elementType) } }
  let graph = Graph(from: root, towards: variables.compactMap(\.node))
  var cotangents: [Tensor?] = Array(repeating: nil, count: graph.nodes.count)
  cotangents[0] = seed
  for (position, node) in graph.nodes.enumerated() where graph.leads[position] {
    guard let g = cotangents[position], !graph.isTarget[position] else { continue }
    cotangents[position] = nil
    var wanted: UInt64 = 0
    for (input, parent) in graph.parents[position].enumerated() where parent >= 0 && graph.leads[parent] {
      wanted |= 1 << UInt64(min(input, 63))
    }
    guard wanted != 0 else { continue }
    let call =
      keepingGraph
      ? Application(inputs: node.trackedInputs, output: node.trackedOutput, wanted: wanted)
      : Application(inputs: node.inputs, output: node.output, wanted: wanted)
    for (input, flow) in node.primitive.pullback(g, call).enumerated() {
      let parent = graph.parents[position][input]
      guard let flow, parent >= 0, graph.leads[parent] else { continue }
      if cotangents[parent] == nil {
        cotangents[parent] = flow
      } else {
        cotangents[parent]!.accumulate(flow)
      }
    }
  }
  return variables.map { variable in
    if let node = variable.node, let position = graph.position(of: node), let g = cotangents[position] { return g }
    return Tensor.zeros(variable.shape, variable.elementType)
  }
}

/// The part of the history above a result, newest application first.
private struct Graph {
  /// In descending order of their serial numbers: every node stands before its parents.
  let nodes: [Node]
  /// For each node, where its parents stand; -1 for inputs without history.
  private(set) var parents: [[Int]] = []
  /// Whether a node is, or was computed from, one of the targets.
  private(set) var leads: [Bool] = []
  private(set) var isTarget: [Bool] = []

  init(from root: Node, towards targets: [Node]? = nil) {
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
    var found = [root]
    var next = 0
    while next < found.count {
      for case let parent? in found[next].parents where seen.insert(ObjectIdentifier(parent)).inserted {
        found.append(parent)
      }
      next += 1
    }
    nodes = found.sorted { $0.serial > $1.serial }
    guard let targets else { return }
    parents = nodes.map { node in node.parents.map { $0.flatMap { position(of: $0) } ?? -1 } }
    isTarget = nodes.map { node in targets.contains { $0 === node } }
    leads = isTarget
    for index in nodes.indices.reversed() where !leads[index] {
      leads[index] = parents[index].contains { $0 >= 0 && leads[$0] }
    }
  }

  /// Where a node stands, by binary search on its serial number.
  func position(of node: Node) -> Int? {
    var (low, high) = (0, nodes.count)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].serial > node.serial { low = middle + 1 } else { high = middle }
    }
    return low < nodes.count && nodes[low] === node ? low : nil
  }
}
