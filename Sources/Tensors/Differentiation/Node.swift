import Synchronization

/// One application of a primitive, remembered because a derivative may flow through it. Immutable once made.
///
/// Inputs and output are kept without history; `parents` holds the history of each input beside them, so that a pullback for a
/// first derivative sees plain numbers and one for a higher derivative can be given tracked ones.
///
/// `@unchecked Sendable` because `parents` is a variable, but one that only `deinit` changes.
final class Node: @unchecked Sendable {
  let primitive: any Primitive
  let inputs: [Tensor]
  let output: Tensor
  /// Larger than that of every parent: descending order is a topological order.
  let serial: UInt64
  private(set) var parents: Parents

  private static let serials = Atomic<UInt64>(0)

  init(primitive: any Primitive, inputs: __owned [Tensor], output: Tensor) {
    self.primitive = primitive
    parents = Parents(of: inputs)
    var plain = inputs
    for index in plain.indices { plain[index].node = nil }
    self.inputs = plain
    self.output = output.detached
    serial = Self.serials.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// The inputs with their history.
  var trackedInputs: [Tensor] {
    var tracked = inputs
    for index in tracked.indices { tracked[index].node = parents[index] }
    return tracked
  }

  /// The output with its history.
  var trackedOutput: Tensor {
    var output = output
    output.node = self
    return output
  }

  /// Releases a chain of any length without recursion.
  deinit {
    var released: [Node] = []
    parents.move(into: &released)
    while var node = released.popLast() {
      if isKnownUniquelyReferenced(&node) { node.parents.move(into: &released) }
    }
  }
}

/// The histories of an application's inputs; two of them inline, so that most nodes need no list.
struct Parents {
  private var first: Node?
  private var second: Node?
  private var others: [Node?] = []

  init(of inputs: [Tensor]) {
    first = inputs.first?.node
    second = inputs.count > 1 ? inputs[1].node : nil
    if inputs.count > 2 { others = inputs[2...].map(\.node) }
  }

  subscript(input: Int) -> Node? {
    switch input {
    case 0: first
    case 1: second
    default: others[input - 2]
    }
  }

  /// Hands the histories over; none is left.
  ///
  /// One that somebody else holds too is only let go: a list for it would cost more than it is worth.
  fileprivate mutating func move(into list: inout [Node]) {
    Self.take(&first, into: &list)
    Self.take(&second, into: &list)
    for index in others.indices { Self.take(&others[index], into: &list) }
    others = []
  }

  private static func take(_ parent: inout Node?, into list: inout [Node]) {
    if isKnownUniquelyReferenced(&parent), let parent { list.append(parent) }
    parent = nil
  }
}
