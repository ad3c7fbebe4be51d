import KernelInterface
import Tensors

/// Adaptive moment estimation: every number has its own step, freed of the size of its gradients.
///
///     g ← g + weight_decay · p
///     m ← β₁ m + (1 - β₁) g
///     v ← β₂ v + (1 - β₂) g²
///     p ← p - rate / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
public struct Adam: Optimizer {
  public var rate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var weightDecay: Double
  public var amsgrad: Bool
  public var options: OptimizerOptions
  public var state = OptimizerState()

  public static let card = Card(
    name: "Adam", summary: "Every number has its own step, freed of the size of its gradients.",
    formula:
      "m \\leftarrow \\beta_1 m + (1-\\beta_1) g, \\quad v \\leftarrow \\beta_2 v + (1-\\beta_2) g^2, \\quad "
      + "\\theta \\leftarrow \\theta - \\eta \\frac{m / (1-\\beta_1^t)}{\\sqrt{v / (1-\\beta_2^t)} + \\epsilon}",
    arguments: [
      .rate("0.001"), .share("beta1", "0.9", "how much of the average gradient is kept, β₁"),
      .share("beta2", "0.999", "how much of the average square is kept, β₂"), .epsilon("1e-8"), .decay("0"),
      .optional("amsgrad", .flag, "false", "divide by the largest average square so far"), .clip,
      .clipValue,
    ],
    example: ("update(Adam(0.1), [1, 2], [1, -100])[0]", "[0.9, 2.1]"),
    source: "D5.adam; Kingma and Ba 2015; torch.optim.Adam")
  public static let bufferNames = ["m", "v", "largest v"]

  public init(
    _ rate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, amsgrad: Bool = false, clip: Double? = nil
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.amsgrad = amsgrad
    options = OptimizerOptions(clip: clip)
  }

  public init(_ arguments: Arguments) {
    self.init(
      arguments.number("rate", default: 0.001), beta1: arguments.number("beta1", default: 0.9),
      beta2: arguments.number("beta2", default: 0.999), epsilon: arguments.number("epsilon", default: 1e-8),
      weightDecay: arguments.number("weight_decay", default: 0), amsgrad: arguments.flag("amsgrad"))
    options = OptimizerOptions(arguments)
  }

  public var bufferCount: Int { amsgrad ? 3 : 2 }

  public var description: String {
    typed(
      [("beta1", beta1, 0.9), ("beta2", beta2, 0.999), ("epsilon", epsilon, 1e-8), ("weight_decay", weightDecay, 0)],
      flags: [("amsgrad", amsgrad)])
  }

  public func step<T: Scalar>(_ p: Parameters<T>, number: Int) {
    T.kernels.adamStep(
      AdamStep(
        parameter: p.values, gradient: p.gradient, mean: p.buffers[0], square: p.buffers[1],
        largest: amsgrad ? p.buffers[2] : nil, count: p.count, number: number, rate: rate, beta1: beta1, beta2: beta2,
        epsilon: epsilon, weightDecay: weightDecay))
  }
}
