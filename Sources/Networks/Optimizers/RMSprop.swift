import Tensors

/// Each number's step is divided by a running average of the size of its gradients.
///
///     s ← α s + (1 - α) g²
///     d = √s + ε                               centered: √(s - a²) + ε with a ← α a + (1 - α) g
///     p ← p - rate · g / d                     momentum: b ← μ b + g / d, p ← p - rate · b
public struct RMSprop: Optimizer {
  public var rate: Double
  public var alpha: Double
  public var epsilon: Double
  public var weightDecay: Double
  public var momentum: Double
  public var centered: Bool
  public var options: OptimizerOptions
  public var state = OptimizerState()

  public static let card = Card(
    name: "RMSprop", summary: "Each number's step is divided by a running average of the size of its gradients.",
    formula:
      "s \\leftarrow \\alpha s + (1-\\alpha) g^2, \\quad "
      + "\\theta \\leftarrow \\theta - \\eta \\frac{g}{\\sqrt{s} + \\epsilon}",
    arguments: [
      .rate("0.01"), .share("alpha", "0.99", "how much of the average square is kept, α"), .epsilon("1e-8"),
      .decay("0"), .share("momentum", "0", "how much of the last step is kept, μ"),
      .optional("centered", .flag, "false", "divide by the deviation of the gradients"), .clip,
      .clipValue,
    ],
    example: ("update(RMSprop(0.1), [1, 2], [1, -100])[0]", "[0, 3]"), source: "Hinton 2012; torch.optim.RMSprop")
  public static let bufferNames = ["s", "b", "a"]

  public init(
    _ rate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8, weightDecay: Double = 0, momentum: Double = 0,
    centered: Bool = false, clip: Double? = nil
  ) {
    self.rate = rate
    self.alpha = alpha
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.centered = centered
    options = OptimizerOptions(clip: clip)
  }

  public init(_ arguments: Arguments) {
    self.init(
      arguments.number("rate", default: 0.01), alpha: arguments.number("alpha", default: 0.99),
      epsilon: arguments.number("epsilon", default: 1e-8), weightDecay: arguments.number("weight_decay", default: 0),
      momentum: arguments.number("momentum", default: 0), centered: arguments.flag("centered"))
    options = OptimizerOptions(arguments)
  }

  public var description: String {
    typed(
      [
        ("alpha", alpha, 0.99), ("epsilon", epsilon, 1e-8), ("weight_decay", weightDecay, 0), ("momentum", momentum, 0),
      ], flags: [("centered", centered)])
  }

  @specialized(where T == Float)
  @specialized(where T == Double)
  public func step<T: Scalar>(_ p: Parameters<T>, number: Int) {
    let (square, average, velocity) = (p.buffers[0], p.buffers[2], p.buffers[1])
    let (keep, epsilon, rate, decay, mu) = (T(alpha), T(epsilon), T(rate), T(weightDecay), T(momentum))
    let new = T(1 - alpha)
    for i in 0..<p.count {
      let g = p.gradient[i] + decay * p.values[i]
      square[i] = keep * square[i] + new * g * g
      var spread = square[i]
      if centered {
        average[i] = keep * average[i] + new * g
        spread -= average[i] * average[i]
      }
      var move = g / (spread.squareRoot() + epsilon)
      if momentum > 0 {
        velocity[i] = mu * velocity[i] + move
        move = velocity[i]
      }
      p.values[i] -= rate * move
    }
  }
}
