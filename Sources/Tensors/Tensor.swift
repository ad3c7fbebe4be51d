/// An n-dimensional array of numbers, and where it came from.
///
/// This file opens the engine. Four ideas carry it:
///
/// - **A tensor is a value.** It shares its `Storage` with its copies and views and copies on write; nothing that holds a tensor
///   sees it change. Slices and transposes are views: the same storage behind other strides (`View`).
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
  /// The extents of the axes.
  public let shape: Shape
  /// The precision of the elements.
  public let elementType: ElementType
  /// Whether the tensor may gain leading axes by stretching: not after a reduction dropped an axis other than the first, so that
  /// `x - mean(x, axis: 1)` is an error even where the sizes happen to fit.
  public var mayStretch: Bool = true
  /// Whether the numbers are answers to a question about each place, 1 for yes and 0 for no: as a subscript they select places
  /// and do not name them.
  public var isCondition = false
  nonisolated(unsafe) var storage: Storage
  /// Strides and offset where they are not those of a row-major tensor that starts its storage.
  let view: View?
  /// The application that made this tensor, if it depends on a variable.
  var node: Node?

  init(shape: Shape, elementType: ElementType, storage: Storage, view: View? = nil, node: Node? = nil) {
    self.shape = shape
    self.elementType = elementType
    self.storage = storage
    self.view = view
    self.node = node
  }

  /// The number of axes.
  public var rank: Int { shape.rank }

  /// The number of elements.
  public var count: Int { shape.count }

  /// The same storage looked at otherwise.
  func view(_ shape: Shape, _ view: View?) -> Tensor {
    var seen = Tensor(shape: shape, elementType: elementType, storage: storage, view: view)
    seen.isCondition = isCondition
    return seen
  }

  /// The same numbers without their history: nothing flows back through them.
  public var detached: Tensor {
    var copy = self
    copy.node = nil
    return copy
  }

  /// Whether the tensor depends on a variable.
  public var isTracked: Bool { node != nil }
}

/// How a tensor looks at its storage where that is not row by row from the start.
final class View: Sendable {
  private let perAxis: PerAxis
  let offset: Int

  /// Element strides of each axis.
  var strides: SIMD8<Int32> { perAxis.numbers }

  init(strides: SIMD8<Int32>, offset: Int) {
    perAxis = PerAxis(strides)
    self.offset = offset
  }
}

extension Tensor {
  /// Element strides of each axis.
  var strides: SIMD8<Int32> { view?.strides ?? shape.rowMajorStrides }

  /// Where the first element stands in the storage.
  var offset: Int { view?.offset ?? 0 }

  /// Whether the elements stand row by row without gaps.
  public var isContiguous: Bool {
    guard let view else { return true }
    let rowMajor = shape.rowMajorStrides
    for axis in 0..<rank where shape[axis] != 1 && view.strides[axis] != rowMajor[axis] { return false }
    return true
  }
}
