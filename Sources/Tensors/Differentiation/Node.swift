import Synchronization

/// One application of a primitive, remembered because a derivative may flow through it. Immutable once made.
///
/// The inputs bring their own history; the output is kept without it, since it would be this node.
///
/// `@unchecked Sendable` because `inputs` is a variable, but one that only `deinit` changes.
final class Node: @unchecked Sendable {
  let primitive: any Primitive
  private(set) var inputs: Operands
  let output: Tensor
  /// Larger than that of every parent and than 0: descending order is a topological order.
  let serial: UInt64

  private static let serials = Atomic<UInt64>(0)

  init(primitive: any Primitive, inputs: __owned Operands, output: Tensor) {
    self.primitive = primitive
    self.inputs = inputs
    self.output = output.detached
    serial = Self.serials.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// Whether it takes one of two operands.
  var isChoice: Bool { type(of: primitive) == Choose.self }

  /// The application as a pullback sees it: with history if what flows back will be differentiated again, else plain numbers.
  func application(wanted: UInt64, keepingHistory: Bool) -> Application {
    guard keepingHistory else { return Application(inputs: inputs.detached, output: output, wanted: wanted) }
    var tracked = output
    tracked.node = self
    return Application(inputs: inputs, output: tracked, wanted: wanted)
  }

  /// Releases a chain of any length without recursion; a list is needed only where it forks.
  deinit {
    var (next, others): (Node?, [Node]) = (nil, [])
    inputs.releaseHistories(next: &next, others: &others)
    while var node = next ?? others.popLast() {
      next = nil
      if isKnownUniquelyReferenced(&node) { node.inputs.releaseHistories(next: &next, others: &others) }
    }
  }
}

extension Tensor {
  /// The serial number of the tensor's history, 0 without one.
  var serial: UInt64 { node?.serial ?? 0 }
}

extension Operands {
  /// Lets the histories go, but hands over those that nobody else holds.
  fileprivate mutating func releaseHistories(next: inout Node?, others: inout [Node]) {
    func release(_ tensor: inout Tensor) {
      if isKnownUniquelyReferenced(&tensor.node), let node = tensor.node {
        if next == nil { next = node } else { others.append(node) }
      }
      tensor.node = nil
    }
    let operands = self
    self = .list([])
    switch consume operands {
    case .one(var first):
      release(&first)
    case .two(var first, var second):
      release(&first)
      release(&second)
    case .list(var tensors):
      for index in tensors.indices { release(&tensors[index]) }
    }
  }
}
