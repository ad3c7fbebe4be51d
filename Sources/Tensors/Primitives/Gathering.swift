/// The places of an axis that a list of whole numbers names, in its order: rows of a table, a permutation, a selection.
///
/// **Shapes**: `x: […, n, …] → […, places.count, …]`.
public struct Gather: Primitive {
  public let axis: Int
  public let places: [Int]
  public init(axis: Int, places: [Int]) { (self.axis, self.places) = (axis, places) }

  public static let card = PrimitiveCard(
    name: "gather", theme: "shape", summary: "The places of an axis that the indices name.", formula: "y_k = x_{t_k}",
    shapes: "x: [..., n, ...], indices: [m]", example: ("[10, 20, 30][[2, 0]]", "[30, 10]"))
  public static let samples = [
    PrimitiveSample(Gather(axis: 0, places: [2, 0, 2]), [[3, 2]]),
    PrimitiveSample(Gather(axis: 1, places: [1, 1]), [[2, 3, 2]]),
    PrimitiveSample(Gather(axis: 0, places: []), [[3]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = inputs[0].shape
    let axis = try shape.resolve(axis: axis)
    for place in places where place < 0 || place >= shape[axis] {
      throw .indexOutOfRange(index: place, axis: axis, extent: shape[axis])
    }
    var extents = shape.dimensions
    extents[axis] = places.count
    return try Shape(checking: extents)
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let x = inputs[0]
    let axis = axis < 0 ? axis + x.rank : axis
    let outer = x.shape.dimensions[..<axis].reduce(1, *)
    let inner = x.shape.dimensions[(axis + 1)...].reduce(1, *)
    let extent = x.shape[axis]
    func gather<T: Scalar>(_ type: T.Type) -> Tensor {
      x.read(as: T.self) { source in
        Tensor(shape, as: T.self) { out in
          places.withUnsafeBufferPointer { places in
            guard let start = places.baseAddress, inner > 0 else { return }
            for o in 0..<outer {
              T.kernels.gather(source + o * extent * inner, start, out + o * places.count * inner, places.count, inner)
            }
          }
        }
      }
    }
    return x.elementType == .float64 ? gather(Double.self) : gather(Float.self)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let axis = axis < 0 ? axis + g.rank : axis
    return [Scatter(axis: axis, places: places, extent: call.inputs[0].shape[axis])(g)]
  }
}

/// The transpose of `Gather`: each place added to the one it came from.
struct Scatter: Primitive {
  let axis: Int
  let places: [Int]
  let extent: Int

  static let card = PrimitiveCard(
    name: "scatter", theme: "internal", summary: "Each place added where its index says.",
    formula: "x_{t_k} \\mathrel{+}= y_k",
    shapes: "y: [..., m, ...]", example: ("[1, 2]", "[1, 2]"))
  static let samples = [
    PrimitiveSample(Scatter(axis: 0, places: [2, 0, 2], extent: 3), [[3, 2]]),
    PrimitiveSample(Scatter(axis: 1, places: [1, 1], extent: 3), [[2, 2]]),
  ]

  func shape(of inputs: Operands) -> Shape {
    var shape = inputs[0].shape
    shape[axis] = extent
    return shape
  }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    var result = Tensor.zeros(shape, inputs[0].elementType)
    _ = Gather(axis: axis, places: places).scatter(inputs[0], into: &result)
    return result
  }

  func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [Gather(axis: axis, places: places)(g)] }
}

extension Gather {
  public func scatter(_ g: Tensor, into sum: inout Tensor) -> Bool {
    let axis = axis < 0 ? axis + g.rank : axis
    let outer = sum.shape.dimensions[..<axis].reduce(1, *)
    let inner = sum.shape.dimensions[(axis + 1)...].reduce(1, *)
    let extent = sum.shape[axis]
    func add<T: Scalar>(_ type: T.Type) {
      g.read(as: T.self) { source in
        sum.mutate(as: T.self) { out in
          places.withUnsafeBufferPointer { places in
            guard let start = places.baseAddress, inner > 0 else { return }
            for o in 0..<outer {
              T.kernels.scatterAdd(
                source + o * places.count * inner, start, out + o * extent * inner, places.count, inner)
            }
          }
        }
      }
    }
    sum.elementType == .float64 ? add(Double.self) : add(Float.self)
    return true
  }
}

extension Tensor {
  /// The elements as whole numbers, such as labels or indices.
  /// - Throws: `ShapeError.fractionalIndex` for the first that is none.
  public func wholeNumbers() throws(ShapeError) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(count)
    for element in elements {
      guard let whole = Int(exactly: element) else { throw .fractionalIndex(element) }
      result.append(whole)
    }
    return result
  }

  /// Where each element along an axis stands in order, and the order itself; equal elements keep theirs, nan comes last.
  public func sortedPlaces(axis: Int, isDescending: Bool = false) -> Tensor {
    let axis = axis < 0 ? axis + rank : axis
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let count = shape[axis]
    let values = elements
    var result = [Double](repeating: 0, count: values.count)
    for line in 0..<(count == 0 ? 0 : values.count / count) {
      let base = line / inner * count * inner + line % inner
      let order = (0..<count).sorted { a, b in
        let (x, y) = (values[base + a * inner], values[base + b * inner])
        if x.isNaN || y.isNaN { return !x.isNaN && y.isNaN || x.isNaN == y.isNaN && a < b }
        if x == y { return a < b }
        return isDescending ? x > y : x < y
      }
      for (place, source) in order.enumerated() { result[base + place * inner] = Double(source) }
    }
    return Tensor(result, shape: shape, elementType)
  }

  /// The elements along an axis that a tensor of indices names, line by line: `y[i,j] = x[i, t[i,j]]` along axis 1.
  /// - Throws: `ShapeError` if an index is outside the axis or no whole number.
  public func gathered(axis: Int, along indices: Tensor) throws(ShapeError) -> Tensor {
    let axis = try shape.resolve(axis: axis)
    guard indices.rank == rank else { throw .unequal(shape, indices.shape) }
    let places = try indices.wholeNumbers()
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let (extent, count) = (shape[axis], indices.shape[axis])
    var flat: [Int] = []
    flat.reserveCapacity(places.count)
    for (position, place) in places.enumerated() {
      guard place >= 0, place < extent else { throw .indexOutOfRange(index: place, axis: axis, extent: extent) }
      let outer = position / (count * inner)
      flat.append((outer * extent + place) * inner + position % inner)
    }
    return Gather(axis: 0, places: flat)(reshaped(to: [self.count])).reshaped(to: indices.shape)
  }
}
