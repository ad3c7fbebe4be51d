/// Several tensors one behind the other along an axis.
public struct Concatenate: Primitive {
  public let axis: Int
  public init(axis: Int) { self.axis = axis }

  public static let card = PrimitiveCard(
    name: "concat", theme: "shape", summary: "Several tensors one behind the other along an axis.",
    formula: "z = [x, y]", shapes: "the same but for the axis", example: ("concat([1, 2], [3])", "[1, 2, 3]"))
  public static let samples = [
    PrimitiveSample(Concatenate(axis: 1), [[2, 3], [2, 1], [2, 2]]), PrimitiveSample(Concatenate(axis: 0), [[2], [3]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let first = inputs[0].shape
    let axis = try first.resolve(axis: axis)
    var extents = first.dimensions
    for input in inputs.dropFirst() {
      guard input.rank == first.rank else { throw .unequal(first, input.shape) }
      for other in 0..<first.rank where other != axis && input.shape[other] != first[other] {
        throw .unequal(first, input.shape)
      }
      extents[axis] += input.shape[axis]
    }
    return try Shape(checking: extents)
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let type = inputs.map(\.elementType).reduce(.float32) { ElementType.joining($0, $1) }
    let parts = inputs.map { $0.detached.cast(to: type) }
    return type == .float64 ? join(parts, shape, as: Double.self) : join(parts, shape, as: Float.self)
  }

  private func join<T: Scalar>(_ parts: [Tensor], _ shape: Shape, as type: T.Type) -> Tensor {
    let axis = axis < 0 ? axis + shape.rank : axis
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    return Tensor(shape, as: T.self) { out in
      var start = 0
      for part in parts {
        let run = part.shape[axis] * inner
        part.read(as: T.self) { source in
          for o in 0..<outer where run > 0 {
            (out + o * shape[axis] * inner + start).update(from: source + o * run, count: run)
          }
        }
        start += run
      }
    }
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let axis = axis < 0 ? axis + g.rank : axis
    var start = 0
    return Cotangents(
      call.inputs.indices.map { index in
        let end = start + call.inputs[index].shape[axis]
        defer { start = end }
        return call.wants(index) ? g.slice(axis: axis, start..<end).cast(to: call.inputs[index].elementType) : nil
      })
  }

  /// Joins a list of tensors that are known to fit.
  public func callAsFunction(list: [Tensor]) -> Tensor {
    do {
      return try apply(list)
    } catch {
      preconditionFailure("concat: \(error)")
    }
  }
}

extension Tensor {
  /// Tensors of one shape as the places of a new first axis.
  /// - Throws: `ShapeError.unequal` if the shapes differ.
  public static func stack(_ tensors: [Tensor]) throws(ShapeError) -> Tensor {
    guard let first = tensors.first else { throw .empty([0]) }
    for tensor in tensors where tensor.shape != first.shape { throw .unequal(first.shape, tensor.shape) }
    guard first.rank < Shape.maximumRank else { throw .tooManyAxes(rank: first.rank + 1) }
    return try Concatenate(axis: 0).apply(tensors.map { $0.reshaped(to: $0.shape.inserting(1, at: 0)) })
  }

  /// The places `range` of an axis, as a view.
  /// - Precondition: the range is inside the axis.
  public func slice(axis: Int, _ range: Range<Int>) -> Tensor {
    if range == 0..<shape[axis] { return self }
    var offsets = [Int](repeating: 0, count: rank)
    offsets[axis] = range.lowerBound
    var extents = shape
    extents[axis] = range.count
    let coefficients = (0..<rank).map { axis in (0..<rank).map { $0 == axis ? 1 : 0 } }
    return AffineView(extents: extents, offsets: offsets, coefficients: coefficients)(self)
  }

  /// One place of the first axis, as a view.
  /// - Precondition: the place is inside the axis.
  public subscript(place: Int) -> Tensor { slice(axis: 0, place..<(place + 1)).reshaped(to: shape.removing(axis: 0)) }
}
