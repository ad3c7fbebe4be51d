import Synchronization

/// One application of a primitive, remembered because a derivative may flow through it, with its operands in the same object.
/// Immutable once made.
///
/// The operands bring their own history; the output is kept without it, since it would be this node.
final class Node: ManagedBuffer<Node.Header, Tensor> {
  struct Header {
    let primitive: any Primitive
    let count: Int
    let output: Tensor
    /// Larger than that of every parent and than 0: descending order is a topological order.
    let serial: UInt64
    /// Whether it takes one of two operands.
    let isChoice: Bool
  }

  private static let serials = Atomic<UInt64>(0)

  static func remembering<P: Primitive>(_ primitive: P, _ operands: Operands, _ output: Tensor) -> Node {
    let count = operands.count
    let node = create(minimumCapacity: count) { buffer in
      buffer.withUnsafeMutablePointerToElements { start in
        for index in 0..<count { (start + index).initialize(to: operands[index]) }
      }
      return Header(
        primitive: primitive, count: count, output: output.detached,
        serial: serials.wrappingAdd(1, ordering: .relaxed).newValue, isChoice: P.self == Choose.self)
    }
    return unsafeDowncast(node, to: Node.self)
  }

  /// The header where it stands: read as a value, all of it would be copied for one of its fields.
  var facts: Header {
    @inline(__always) unsafeAddress { withUnsafeMutablePointerToHeader { UnsafePointer($0) } }
  }

  var serial: UInt64 { facts.serial }

  /// What the primitive was applied to; lent as long as the node is held.
  var operands: Operands {
    @inline(__always) get { withUnsafeMutablePointerToElements { Operands($0, count: facts.count) } }
  }

  /// Releases a chain of any length without recursion; a list is needed only where it forks.
  deinit {
    var (next, others): (Node?, [Node]) = (nil, [])
    forgetHistories(&next, &others)
    withUnsafeMutablePointerToElements { operands in
      // One by one: all at once would ask the type of the elements what to do.
      for index in 0..<facts.count { (operands + index).deinitialize(count: 1) }
    }
    while var node = next.take() ?? others.popLast() {
      if isKnownUniquelyReferenced(&node) { node.forgetHistories(&next, &others) }
    }
  }

  /// Lets the operands' histories go, but hands over those that nobody else holds.
  private func forgetHistories(_ next: inout Node?, _ others: inout [Node]) {
    withUnsafeMutablePointerToElements { operands in
      for index in 0..<facts.count {
        if isKnownUniquelyReferenced(&operands[index].node), let last = operands[index].node.take() {
          if next == nil { next = last } else { others.append(last) }
        }
        operands[index].node = nil
      }
    }
  }
}

extension Tensor {
  /// The serial number of the tensor's history, 0 without one.
  var serial: UInt64 { node?.serial ?? 0 }
}
