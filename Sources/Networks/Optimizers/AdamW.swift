import KernelInterface
import Tensors

/// Adam with the pull of the weights to 0 taken apart from the gradient: `p ← p - rate · weight_decay · p`, then Adam's step.
public struct AdamW: Optimizer {
  public var rate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var weightDecay: Double
  public var options: OptimizerOptions
  public var state = OptimizerState()

  public static let card = Card(
    name: "AdamW", summary: "Adam with the pull of the weights to 0 taken apart from the gradient.",
    formula:
      "\\theta \\leftarrow \\theta - \\eta \\lambda \\theta, \\quad "
      + "\\theta \\leftarrow \\theta - \\eta \\frac{m / (1-\\beta_1^t)}{\\sqrt{v / (1-\\beta_2^t)} + \\epsilon}",
    arguments: [
      .rate("0.001"), .share("beta1", "0.9", "how much of the average gradient is kept, β₁"),
      .share("beta2", "0.999", "how much of the average square is kept, β₂"), .epsilon("1e-8"), .decay("0.01"), .clip,
      .clipValue,
    ],
    example: ("update(AdamW(0.1, weight_decay: 0), [1, 2], [1, -100])[0]", "[0.9, 2.1]"),
    source: "Loshchilov and Hutter 2019; torch.optim.AdamW")
  public static let bufferNames = ["m", "v"]

  public init(
    _ rate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, clip: Double? = nil
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    options = OptimizerOptions(clip: clip)
  }

  public init(_ arguments: Arguments) {
    self.init(
      arguments.number("rate", default: 0.001), beta1: arguments.number("beta1", default: 0.9),
      beta2: arguments.number("beta2", default: 0.999), epsilon: arguments.number("epsilon", default: 1e-8),
      weightDecay: arguments.number("weight_decay", default: 0.01))
    options = OptimizerOptions(arguments)
  }

  public var description: String {
    typed([
      ("beta1", beta1, 0.9), ("beta2", beta2, 0.999), ("epsilon", epsilon, 1e-8), ("weight_decay", weightDecay, 0.01),
    ])
  }

  public func step<T: Scalar>(_ p: Parameters<T>, number: Int) {
    T.kernels.adamStep(
      AdamStep(
        parameter: p.values, gradient: p.gradient, mean: p.buffers[0], square: p.buffers[1], count: p.count,
        number: number, rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
        decoupled: true))
  }
}
