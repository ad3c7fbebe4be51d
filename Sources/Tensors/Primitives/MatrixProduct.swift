import KernelInterface

/// The matrix product over the last two axes, for each place of the leading axes.
public struct MatrixProduct: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "@", theme: "operators", summary: "The matrix product, over the last two axes.",
    formula: "C_{ij} = \\sum_k A_{ik} B_{kj}", shapes: "A: [..., m, k], B: [..., k, n] → [..., m, n]",
    example: ("[1, 2; 3, 4] @ [1, 0; 0, 2]", "[1, 4; 3, 8]"))
  public static let samples = [
    PrimitiveSample(MatrixProduct(), [[2, 3], [3, 4]]), PrimitiveSample(MatrixProduct(), [[2, 2, 3], [2, 3, 2]]),
    PrimitiveSample(MatrixProduct(), [[2, 2, 3], [3, 2]]), PrimitiveSample(MatrixProduct(), [[2, 3], [2, 3, 2]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    guard a.rank >= 2, b.rank >= 2 else { throw .productRank(a, b) }
    guard a[a.rank - 1] == b[b.rank - 2] else { throw .innerSizes(a, b) }
    if a.rank == 2 && b.rank == 2 {
      var shape = a
      shape[1] = b[1]
      if shape.count <= Shape.maximumCount { return shape }
    }
    let batch = try Shape.stretching(Shape(Array(a.dimensions.dropLast(2))), Shape(Array(b.dimensions.dropLast(2))))
    return try Shape(checking: batch.dimensions + [a[a.rank - 2], b[b.rank - 1]])
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let type = ElementType.joining(inputs[0].elementType, inputs[1].elementType)
    let (a, b) = (inputs[0].detached.cast(to: type), inputs[1].detached.cast(to: type))
    return type == .float64 ? multiply(a, b, shape, as: Double.self) : multiply(a, b, shape, as: Float.self)
  }

  private func multiply<T: Scalar>(_ a: Tensor, _ b: Tensor, _ shape: Shape, as type: T.Type) -> Tensor {
    let rank = shape.rank
    let (rows, columns, inner) = (shape[rank - 2], shape[rank - 1], a.shape[a.rank - 1])
    func call(
      _ a: UnsafePointer<T>, _ aStrides: SIMD8<Int32>, _ b: UnsafePointer<T>, _ bStrides: SIMD8<Int32>,
      _ c: UnsafeMutablePointer<T>
    ) -> MatrixProductCall<T> {
      MatrixProductCall(
        rows: rows, columns: columns, inner: inner,
        a: a, aRowStride: Int(aStrides[rank - 2]), aColumnStride: Int(aStrides[rank - 1]),
        b: b, bRowStride: Int(bStrides[rank - 2]), bColumnStride: Int(bStrides[rank - 1]), c: c, cRowStride: columns)
    }
    if rank == 2 {
      return a.readInPlace(as: T.self) { aStart in
        b.readInPlace(as: T.self) { bStart in
          Tensor(shape, as: T.self) { out in
            if rows > 0, columns > 0 { T.kernels.matrixProduct(call(aStart, a.strides, bStart, b.strides, out)) }
          }
        }
      }
    }
    let batch = Array(shape.dimensions.dropLast(2))
    // A matrix times many: all rows of the batch are one product.
    if b.rank == 2 && a.isContiguous && rank > 2 {
      let flat = a.reshaped(to: [batch.reduce(rows, *), inner])
      return multiply(flat, b, [flat.shape[0], columns], as: T.self).reshaped(to: shape)
    }
    let left = a.stretched(to: Shape(batch + [rows, inner]))
    let right = b.stretched(to: Shape(batch + [inner, columns]))
    let (aStrides, bStrides) = (left.strides, right.strides)
    return left.readInPlace(as: T.self) { aStart in
      right.readInPlace(as: T.self) { bStart in
        Tensor(shape, as: T.self) { out in
          guard rows > 0, columns > 0 else { return }
          var index = [Int](repeating: 0, count: batch.count)
          for product in 0..<batch.reduce(1, *) {
            var (aOffset, bOffset) = (0, 0)
            for axis in batch.indices {
              aOffset += index[axis] * Int(aStrides[axis])
              bOffset += index[axis] * Int(bStrides[axis])
            }
            T.kernels.matrixProduct(
              call(aStart + aOffset, aStrides, bStart + bOffset, bStrides, out + product * rows * columns))
            for axis in batch.indices.reversed() {
              index[axis] += 1
              if index[axis] < batch[axis] { break }
              index[axis] = 0
            }
          }
        }
      }
    }
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (a, b) = (call.inputs[0], call.inputs[1])
    if b.rank == 2 && a.rank > 2 {
      // All rows of the batch at once, so that the sum over the batch is inside one product.
      let rows = Shape([a.count / Swift.max(a.shape.last, 1), a.shape.last])
      let flat = g.reshaped(to: [rows[0], g.shape.last])
      return [
        call.wants(0) ? MatrixProduct()(g, b.transposed).cast(to: a.elementType) : nil,
        call.wants(1) ? MatrixProduct()(a.reshaped(to: rows).transposed, flat).cast(to: b.elementType) : nil,
      ]
    }
    return [
      call.wants(0) ? MatrixProduct()(g, b.transposed).summed(to: a) : nil,
      call.wants(1) ? MatrixProduct()(a.transposed, g).summed(to: b) : nil,
    ]
  }
}

extension Tensor {
  /// The product `self @ other` by NumPy's rule: vectors are rows on the left and columns on the right.
  /// - Throws: `ShapeError` if the inner sizes differ or an operand is a number.
  public func product(_ other: Tensor) throws(ShapeError) -> Tensor {
    guard rank > 0, other.rank > 0 else { throw .productRank(shape, other.shape) }
    guard last == other.shape[Swift.max(0, other.rank - 2)] else { throw .innerSizes(shape, other.shape) }
    let left = rank == 1 ? reshaped(to: [1, count]) : self
    let right = other.rank == 1 ? other.reshaped(to: [other.count, 1]) : other
    let product = try MatrixProduct().apply(left, right)
    if rank > 1 && other.rank > 1 { return product }
    if rank == 2 { return product.reshaped(to: [shape[0]]) }
    var extents = product.shape.dimensions
    if other.rank == 1 { extents.removeLast() }
    if rank == 1 { extents.remove(at: other.rank == 1 ? extents.count - 1 : extents.count - 2) }
    return product.reshaped(to: Shape(extents))
  }

  private var last: Int { shape.last }

  /// The matrix product of operands that are known to fit.
  public func matmul(_ other: Tensor) -> Tensor { MatrixProduct()(self, other) }
}
