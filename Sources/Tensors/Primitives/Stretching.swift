/// The operand stretched to a larger shape.
public struct Broadcast: Primitive {
  public let target: Shape
  public init(to target: Shape) { self.target = target }

  public static let card = PrimitiveCard(
    name: "broadcast", theme: "shape", summary: "The operand repeated along new axes and axes of extent 1.",
    formula: "y_{ij} = x_j", shapes: "x: any that stretches to the target",
    example: ("broadcast([1, 2], 2, 2)", "[1, 2; 1, 2]"))
  public static let samples = [
    PrimitiveSample(Broadcast(to: [2, 3]), [[3]]), PrimitiveSample(Broadcast(to: [2, 3]), [[2, 1]]),
    PrimitiveSample(Broadcast(to: [2, 3]), [[]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    guard inputs[0].shape.stretches(to: target) else { throw .unequal(inputs[0].shape, target) }
    return target
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor { inputs[0].detached.stretched(to: target) }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g.summed(to: call.inputs[0])] }
}

/// The sum of all elements.
struct Total: Primitive {
  static let card = PrimitiveCard(
    name: "total", theme: "internal", summary: "The sum of all elements.", formula: "\\sum_i x_i",
    shapes: "x: any → []",
    example: ("sum([1, 2; 3, 4])", "10"))
  static let samples = [PrimitiveSample(Total(), [[2, 3]]), PrimitiveSample(Total(), [[]])]

  func shape(of inputs: Operands) -> Shape { .scalar }
  func forward(_ inputs: Operands, shape: Shape) -> Tensor { inputs[0].total(in: .scalar) }
  func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [Broadcast(to: call.inputs[0].shape)(g)] }
}

/// The transpose of stretching: sums over the axes that a smaller shape would stretch along.
struct SumTo: Primitive {
  let target: Shape
  init(_ target: Shape) { self.target = target }

  static let card = PrimitiveCard(
    name: "sum_to", theme: "internal", summary: "The operand summed over the axes a smaller shape stretches along.",
    formula: "y_j = \\sum_i x_{ij}", shapes: "x: any that the target stretches to",
    example: ("sum([1, 2; 3, 4], axis: 0)", "[4, 6]"))
  static let samples = [
    PrimitiveSample(SumTo([3]), [[2, 3]]), PrimitiveSample(SumTo([2, 1]), [[2, 3]]),
    PrimitiveSample(SumTo([]), [[2, 3]]),
    PrimitiveSample(SumTo([2, 1, 3]), [[4, 2, 2, 3]]),
  ]

  func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    guard target.stretches(to: inputs[0].shape) else { throw .unequal(target, inputs[0].shape) }
    return target
  }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let x = inputs[0]
    if target.count == 1 { return x.total(in: target) }
    return x.elementType == .float64 ? sum(x, as: Double.self) : sum(x, as: Float.self)
  }

  /// Sums out one block of neighbouring stretched axes after the other, the innermost first.
  private func sum<T: Scalar>(_ x: Tensor, as type: T.Type) -> Tensor {
    var current = x.detached.contiguous()
    let shift = x.rank - target.rank
    var axis = x.rank - 1
    var extents = x.shape.dimensions
    func isSummed(_ axis: Int) -> Bool { (axis < shift || target[axis - shift] == 1) && x.shape[axis] != 1 }
    while axis >= 0 {
      guard isSummed(axis) else {
        axis -= 1
        continue
      }
      var first = axis
      while first > 0 && (isSummed(first - 1) || x.shape[first - 1] == 1) { first -= 1 }
      let outer = extents[..<first].reduce(1, *)
      let count = extents[first...axis].reduce(1, *)
      let inner = extents[(axis + 1)...].reduce(1, *)
      current = current.read(as: T.self) { source in
        Tensor([outer * inner], as: T.self) { T.kernels.reduce(.sum, source, $0, outer, count, inner) }
      }
      for summed in first...axis { extents[summed] = 1 }
      axis = first - 1
    }
    // Where nothing was summed it may still be a view, whose strides are those of more axes.
    return current.reshaped(to: target)
  }

  func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [Broadcast(to: call.inputs[0].shape)(g)] }
}

extension Tensor {
  /// The sum of all elements, in a shape of one element.
  fileprivate func total(in shape: Shape) -> Tensor {
    func total<T: Scalar>(_ type: T.Type) -> Tensor {
      read(as: T.self) { source in Tensor(shape, as: T.self) { T.kernels.reduce(.sum, source, $0, 1, count, 1) } }
    }
    return elementType == .float64 ? total(Double.self) : total(Float.self)
  }

  /// The sum over the axes along which `operand` was stretched to this shape: what flows back to it.
  consuming func summed(to operand: Tensor) -> Tensor {
    if operand.shape == shape { return cast(to: operand.elementType) }
    return (operand.rank == 0 ? sum() : SumTo(operand.shape)(self)).cast(to: operand.elementType)
  }
}
