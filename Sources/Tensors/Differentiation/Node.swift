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
  private(set) var parents: [Node?]

  private static let serials = Atomic<UInt64>(0)

  init(primitive: any Primitive, inputs: [Tensor], output: Tensor) {
    self.primitive = primitive
    self.inputs = inputs.map(\.detached)
    self.output = output.detached
    parents = inputs.map(\.node)
    serial = Self.serials.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// The inputs with their history.
  var trackedInputs: [Tensor] {
    zip(inputs, parents).map { input, parent in
      var input = input
      input.node = parent
      return input
    }
  }

  /// The output with its history.
  var trackedOutput: Tensor {
    var output = output
    output.node = self
    return output
  }

  /// Releases a chain of any length without recursion.
  deinit {
    var released: [Node] = parents.compactMap { $0 }
    parents = []
    while var node = released.popLast() {
      if isKnownUniquelyReferenced(&node) {
        released.append(contentsOf: node.parents.compactMap { $0 })
        node.parents = []
      }
    }
  }
}
