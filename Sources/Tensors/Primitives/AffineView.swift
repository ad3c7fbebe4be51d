/// The operand read at affine places: `y[o] = x[offset + coefficients · o]`, as a view.
///
/// `x[i+k, j+l]` is one (a window for every place), `x[i,i]` another (the diagonal), and a slice with a step a third. Nothing is
/// copied: each output axis gets the stride that its index has in the operand.
public struct AffineView: Primitive {
  /// The extents of the result.
  public let extents: Shape
  /// For each axis of the operand, where index 0 of every output axis points.
  public let offsets: [Int]
  /// For each axis of the operand, how far one step of each output index goes along it.
  public let coefficients: [[Int]]

  /// - Precondition: one offset and one row of coefficients for each axis of the operand, one coefficient for each extent.
  public init(extents: Shape, offsets: [Int], coefficients: [[Int]]) {
    precondition(offsets.count == coefficients.count && coefficients.allSatisfy { $0.count == extents.rank })
    self.extents = extents
    self.offsets = offsets
    self.coefficients = coefficients
  }

  public static let card = PrimitiveCard(
    name: "affine_view", theme: "internal", summary: "The operand read at places that are affine in the indices.",
    formula: "y_{ik} = x_{i + k}", shapes: "x: any", example: ("[1, 2, 3][0..<2]", "[1, 2]"))
  public static let samples = [
    PrimitiveSample(AffineView(extents: [3, 2], offsets: [0], coefficients: [[1, 1]]), [[4]]),
    PrimitiveSample(AffineView(extents: [3], offsets: [0, 0], coefficients: [[1], [1]]), [[3, 3]]),
    PrimitiveSample(AffineView(extents: [2, 2], offsets: [2, 0], coefficients: [[-1, 0], [0, 2]]), [[3, 3]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = inputs[0].shape
    guard shape.rank == offsets.count else { throw .rank(shape, expected: "\(offsets.count) axes") }
    guard extents.count > 0 else { return extents }
    for axis in 0..<shape.rank {
      var (low, high) = (offsets[axis], offsets[axis])
      for (index, step) in coefficients[axis].enumerated() {
        let reach = step * (extents[index] - 1)
        low += min(0, reach)
        high += max(0, reach)
      }
      for reached in [low, high] where reached < 0 || reached >= shape[axis] {
        throw .indexOutOfRange(index: reached, axis: axis, extent: shape[axis])
      }
    }
    return extents
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor { view(of: inputs[0]) }

  func view(of x: Tensor) -> Tensor {
    let (strides, first) = places(in: x)
    return x.viewed(as: extents, strides: strides, from: extents.count == 0 ? 0 : first)
  }

  /// The step of each axis through the operand, and where the first element stands there.
  fileprivate func places(in x: Tensor) -> (strides: SIMD8<Int32>, first: Int) {
    let own = x.strides
    var strides = SIMD8<Int32>.zero
    var first = 0
    for axis in 0..<x.rank {
      first += offsets[axis] * Int(own[axis])
      for (index, step) in coefficients[axis].enumerated() { strides[index] += own[axis] * Int32(step) }
    }
    return (strides, first)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    [AffineScatter(view: self, target: call.inputs[0].shape)(g)]
  }

  public func scatter(_ g: Tensor, into sum: inout Tensor) -> Bool {
    let scatter = AffineScatter(view: self, target: sum.shape)
    sum.elementType == .float64
      ? scatter.add(g, to: &sum, as: Double.self) : scatter.add(g, to: &sum, as: Float.self)
    return true
  }
}

/// The transpose of `AffineView`: adds each element to the place it was read from.
struct AffineScatter: Primitive {
  let view: AffineView
  let target: Shape

  static let card = PrimitiveCard(
    name: "affine_scatter", theme: "internal", summary: "Every element added at its place in a tensor of zeros.",
    formula: "x_m = \\sum_{i + k = m} y_{ik}", shapes: "y: the extents of the view", example: ("[1, 2]", "[1, 2]"))
  static let samples = [
    PrimitiveSample(
      AffineScatter(view: AffineView(extents: [3, 2], offsets: [0], coefficients: [[1, 1]]), target: [4]), [[3, 2]])
  ]

  func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    guard inputs[0].shape == view.extents else { throw .unequal(inputs[0].shape, view.extents) }
    return target
  }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    inputs[0].elementType == .float64 ? scatter(inputs[0], as: Double.self) : scatter(inputs[0], as: Float.self)
  }

  private func scatter<T: Scalar>(_ g: Tensor, as type: T.Type) -> Tensor {
    var result = Tensor.zeros(target, T.elementType)
    add(g, to: &result, as: type)
    return result
  }

  /// Row by row of the source, in row-major order: the sums have one order everywhere.
  fileprivate func add<T: Scalar>(_ g: Tensor, to result: inout Tensor, as type: T.Type) {
    guard g.count > 0 else { return }
    // What is written to is row-major.
    if !result.isContiguous { result = result.copied() }
    let (strides, start) = view.places(in: result)
    let (extents, rank) = (g.shape.extents, g.rank)
    let inner = g.shape.last
    let step = rank == 0 ? 1 : Int(strides[rank - 1])
    let rows = g.count / inner
    g.read(as: T.self) { source in
      result.mutate(as: T.self) { out in
        var index = SIMD8<Int32>.zero
        var position = start
        for row in 0..<rows {
          let line = source + row * inner
          let target = out + position
          for k in 0..<inner { target[k * step] += line[k] }
          var axis = rank - 2
          while axis >= 0 {
            index[axis] += 1
            position += Int(strides[axis])
            if index[axis] < extents[axis] { break }
            position -= Int(strides[axis]) * Int(extents[axis])
            index[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }

  func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [view(g)] }
}
