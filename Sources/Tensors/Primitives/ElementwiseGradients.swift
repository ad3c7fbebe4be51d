import KernelInterface

// The pullbacks of relu, tanh and sigmoid as primitives of their own: one pass forward, and a derivative for the second order.

/// g where x > 0, else 0.
struct ReluGradient: ElementwiseBinary {
  static let operation = BinaryOperation.reluGradient
  static let card = PrimitiveCard(
    name: "relu_gradient", theme: "internal", summary: "g where x is positive, else 0.", formula: "g \\cdot [x > 0]",
    shapes: "g, x: the same", example: ("relu([1])", "[1]"))
  static let samples = [PrimitiveSample(ReluGradient(), [[2, 3], [2, 3]], in: [-2...2, 0.1...2])]
  func pullback(_ h: Tensor, _ call: Application) -> Cotangents { [ReluGradient()(h, call.inputs[1]), nil] }
}

/// g (1 - y²), y = tanh(x).
struct TanhGradient: ElementwiseBinary {
  static let operation = BinaryOperation.tanhGradient
  static let card = PrimitiveCard(
    name: "tanh_gradient", theme: "internal", summary: "g (1 - y²).", formula: "g (1 - y^2)", shapes: "g, y: the same",
    example: ("tanh([0])", "[0]"))
  static let samples = [PrimitiveSample(TanhGradient(), [[2, 3], [2, 3]])]
  func pullback(_ h: Tensor, _ call: Application) -> Cotangents {
    let (g, y) = (call.inputs[0], call.inputs[1])
    return [TanhGradient()(h, y), call.wants(1) ? h * g * y * -2 : nil]
  }
}

/// g y (1 - y), y = σ(x).
struct SigmoidGradient: ElementwiseBinary {
  static let operation = BinaryOperation.sigmoidGradient
  static let card = PrimitiveCard(
    name: "sigmoid_gradient", theme: "internal", summary: "g y (1 - y).", formula: "g y (1 - y)",
    shapes: "g, y: the same",
    example: ("sigmoid([0])", "[0.5]"))
  static let samples = [PrimitiveSample(SigmoidGradient(), [[2, 3], [2, 3]])]
  func pullback(_ h: Tensor, _ call: Application) -> Cotangents {
    let (g, y) = (call.inputs[0], call.inputs[1])
    return [SigmoidGradient()(h, y), call.wants(1) ? h * g * (1 - y * 2) : nil]
  }
}
