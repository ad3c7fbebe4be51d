/// Softmax over the last axis, or its logarithm, with the row's maximum taken out first.
public struct Softmax: Primitive {
  public let isLogarithm: Bool
  public init(isLogarithm: Bool = false) { self.isLogarithm = isLogarithm }

  public static let card = PrimitiveCard(
    name: "softmax", theme: "neural",
    summary: "Each number's exponential over the sum of all: shares that add up to 1.",
    formula: "s_j = \\frac{e^{x_j - m}}{\\sum_k e^{x_k - m}}", shapes: "x: [..., n]",
    example: ("softmax([0, 0])", "[0.5, 0.5]"))
  public static let samples = [
    PrimitiveSample(Softmax(), [[2, 3]]), PrimitiveSample(Softmax(isLogarithm: true), [[2, 3]]),
    PrimitiveSample(Softmax(), [[4]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = inputs[0].shape
    guard shape.rank > 0 else { throw .rank(shape, expected: "[..., n]") }
    return shape
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let x = inputs[0]
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      x.read(as: T.self) { source in
        Tensor(shape, as: T.self) { out in
          guard shape.count > 0 else { return }
          T.kernels.softmax(isLogarithm, source, out, shape.count / shape.last, shape.last)
        }
      }
    }
    return x.elementType == .float64 ? run(Double.self) : run(Float.self)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    [SoftmaxGradient(isLogarithm: isLogarithm)(g, call.output)]
  }
}

/// The pullback of softmax: y (g - ∑ g y), or g - e^y ∑ g of its logarithm, row by row.
struct SoftmaxGradient: Primitive {
  let isLogarithm: Bool

  static let card = PrimitiveCard(
    name: "softmax_gradient", theme: "internal", summary: "What flows back through softmax.",
    formula: "y_j (g_j - \\sum_k g_k y_k)", shapes: "g, y: [..., n]", example: ("softmax([0, 0])", "[0.5, 0.5]"))
  static let samples = [
    PrimitiveSample(SoftmaxGradient(isLogarithm: false), [[2, 3], [2, 3]]),
    PrimitiveSample(SoftmaxGradient(isLogarithm: true), [[2, 3], [2, 3]]),
  ]

  func shape(of inputs: Operands) -> Shape { inputs[1].shape }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      inputs[0].read(as: T.self) { g in
        inputs[1].read(as: T.self) { y in
          Tensor(shape, as: T.self) { out in
            guard shape.count > 0 else { return }
            T.kernels.softmaxGradient(isLogarithm, g, y, out, shape.count / shape.last, shape.last)
          }
        }
      }
    }
    return inputs[0].elementType == .float64 ? run(Double.self) : run(Float.self)
  }

  func pullback(_ h: Tensor, _ call: Application) -> Cotangents {
    let (g, y) = (call.inputs[0], call.inputs[1])
    if isLogarithm {
      let total = g.sum(axis: -1, keep: true)
      let weighted = h * y.exp()
      return [h - weighted.sum(axis: -1, keep: true), call.wants(1) ? -(weighted * total) : nil]
    }
    let inner = (h * y).sum(axis: -1, keep: true)
    return [y * (h - inner), call.wants(1) ? h * (g - (g * y).sum(axis: -1, keep: true)) - g * inner : nil]
  }
}

extension Tensor {
  /// Softmax along an axis.
  /// - Precondition: the axis exists.
  public func softmax(axis: Int = -1) -> Tensor { alongLast(axis) { Softmax()($0) } }

  /// The logarithm of softmax along an axis.
  /// - Precondition: the axis exists.
  public func logSoftmax(axis: Int = -1) -> Tensor { alongLast(axis) { Softmax(isLogarithm: true)($0) } }

  private func alongLast(_ axis: Int, _ body: (Tensor) -> Tensor) -> Tensor {
    let axis = axis < 0 ? axis + rank : axis
    guard axis != rank - 1 else { return body(self) }
    var order = Array(0..<rank)
    order.swapAt(axis, rank - 1)
    return Permute(order)(body(Permute(order)(self)))
  }
}
