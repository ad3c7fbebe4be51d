/// An n-dimensional array of numbers, and where it came from.
///
/// This file opens the engine. Four ideas carry it:
///
/// - **A tensor is a value.** It shares its `Storage` with its copies and views and copies on write; nothing that holds a tensor
///   sees it change. Slices and transposes are views: a storage that looks at the memory of another with other strides.
/// - **An operation is a `Primitive`**: one type that knows its shape rule, its forward kernel and its pullback. Whatever can be
///   done to a tensor is a primitive or is written in primitives.
/// - **Derivatives are a graph of immutable nodes.** A result remembers the application that made it (`Node`), but only if an
///   operand came from a `variable()`. `gradients(of:withRespectTo:)` walks that graph backward. Pullbacks are written in tensor
///   operations, so their results can be differentiated again. There is no tape, no `.grad`, no mode, no global switch.
/// - **Numbers are computed by kernels** (`Sources/Kernels`), one table for each instruction set, on unsafe pointers at leaf level
///   only; nothing above this module sees a pointer.
///
/// **Shapes**: any `Shape`; the last axis is the fastest in memory for tensors that own their storage.
public struct Tensor: Sendable {
  nonisolated(unsafe) var storage: Storage
  /// The application that made this tensor, if it depends on a variable.
  nonisolated(unsafe) var node: Node?
  /// Whether the tensor may gain leading axes by stretching: not after a reduction dropped an axis other than the first, so that
  /// `x - mean(x, axis: 1)` is an error even where the sizes happen to fit.
  public var mayStretch = true
  /// Whether the numbers are answers to a question about each place, 1 for yes and 0 for no: as a subscript they select places
  /// and do not name them.
  public var isCondition = false

  init(_ storage: Storage) { self.storage = storage }

  /// The extents of the axes.
  public var shape: Shape { storage.header.shape }

  /// The precision of the elements.
  public var elementType: ElementType { storage.header.elementType }

  /// The number of axes.
  public var rank: Int { shape.rank }

  /// The number of elements.
  public var count: Int { storage.header.count }

  /// The same numbers without their history: nothing flows back through them.
  public var detached: Tensor {
    var plain = Tensor(storage)
    (plain.mayStretch, plain.isCondition) = (mayStretch, isCondition)
    return plain
  }

  /// Whether the tensor depends on a variable.
  public var isTracked: Bool { node != nil }
}

extension Tensor {
  /// Element strides of each axis.
  var strides: SIMD8<Int32> { storage.header.strides.numbers }

  /// Whether the elements stand row by row without gaps.
  public var isContiguous: Bool { storage.header.isContiguous }

  /// The same numbers, without their history, looked at in another shape, from the element `place` behind the first.
  func viewed(as shape: Shape, strides: SIMD8<Int32>, from place: Int = 0) -> Tensor {
    var seen = Tensor(storage.viewed(as: shape, strides: strides, from: place))
    seen.isCondition = isCondition
    return seen
  }
}
