import Tensors

/// Each number's step is divided by the size of all its gradients so far: `s ← s + g²`,
/// `p ← p - rate / (1 + (t-1) · decay) · g / (√s + ε)`.
public struct AdaGrad: Optimizer {
  public var rate: Double
  public var epsilon: Double
  public var weightDecay: Double
  /// How fast the rate falls.
  public var decay: Double
  public var options: OptimizerOptions
  public var state = OptimizerState()

  public static let card = Card(
    name: "AdaGrad", summary: "Each number's step is divided by the size of all its gradients so far.",
    formula:
      "s \\leftarrow s + g^2, \\quad \\theta \\leftarrow \\theta - \\frac{\\eta}{1 + (t-1) d} \\frac{g}{\\sqrt{s} + \\epsilon}",
    arguments: [
      .rate("0.01"), .epsilon("1e-10"), .decay("0"),
      .optional("decay", .number(in: 0...Double.greatestFiniteMagnitude), "0", "how fast the rate falls, d"), .clip,
      .clipValue,
    ],
    example: ("update(AdaGrad(0.1), [1, 2], [1, -100])[0]", "[0.9, 2.1]"),
    source: "Duchi et al. 2011; torch.optim.Adagrad")
  public static let bufferNames = ["s"]

  public init(
    _ rate: Double = 0.01, epsilon: Double = 1e-10, weightDecay: Double = 0, decay: Double = 0,
    clip: Double? = nil
  ) {
    self.rate = rate
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decay = decay
    options = OptimizerOptions(clip: clip)
  }

  public init(_ arguments: Arguments) {
    self.init(
      arguments.number("rate", default: 0.01), epsilon: arguments.number("epsilon", default: 1e-10),
      weightDecay: arguments.number("weight_decay", default: 0), decay: arguments.number("decay", default: 0))
    options = OptimizerOptions(arguments)
  }

  public var description: String {
    typed([("epsilon", epsilon, 1e-10), ("weight_decay", weightDecay, 0), ("decay", decay, 0)])
  }

  @specialized(where T == Float)
  @specialized(where T == Double)
  public func step<T: Scalar>(_ p: Parameters<T>, number: Int) {
    let (sum, rate, epsilon, decay) = (
      p.buffers[0], T(rate / (1 + Double(number - 1) * self.decay)), T(epsilon), T(weightDecay)
    )
    for i in 0..<p.count {
      let g = p.gradient[i] + decay * p.values[i]
      sum[i] += g * g
      p.values[i] -= rate * g / (sum[i].squareRoot() + epsilon)
    }
  }
}
