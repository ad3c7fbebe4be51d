import KernelInterface
import Tensors

/// Stochastic gradient descent, with momentum if asked for.
///
///     g ← g + weight_decay · p
///     v ← momentum · v + g                     at the first step v ← g
///     p ← p - rate · v                         nesterov: p - rate · (g + momentum · v)
public struct SGD: Optimizer {
  public var rate: Double
  public var momentum: Double
  public var nesterov: Bool
  public var weightDecay: Double
  public var clip: Double?
  public var state = OptimizerState()

  public static let card = Card(
    name: "SGD", summary: "Stochastic gradient descent: a step against the gradient, with momentum if asked for.",
    formula: "v \\leftarrow \\mu v + g, \\quad \\theta \\leftarrow \\theta - \\eta v",
    arguments: [
      .rate("0.001"), .share("momentum", "0", "how much of the last step is kept, μ"),
      .optional("nesterov", .flag, "false", "look ahead along the momentum"), .decay("0"), .clip,
    ],
    example: ("update(SGD(0.1), [1, 2], [1, -1])[0]", "[0.9, 2.1]"), source: "D2.gd; D5.sgd; torch.optim.SGD")
  public static let bufferNames = ["v"]

  public init(
    _ rate: Double = 0.001, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0, clip: Double? = nil
  ) {
    self.rate = rate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.clip = clip
  }

  public init(_ arguments: Arguments) {
    self.init(
      arguments.number("rate", default: 0.001), momentum: arguments.number("momentum", default: 0),
      nesterov: arguments.flag("nesterov"), weightDecay: arguments.number("weight_decay", default: 0),
      clip: arguments.number("clip"))
  }

  public var bufferCount: Int { momentum == 0 ? 0 : 1 }

  public var description: String {
    typed(
      Self.card, first: rate, [("momentum", momentum, 0), ("weight_decay", weightDecay, 0)],
      flags: [("nesterov", nesterov)], clip: clip)
  }

  public func step<T: Scalar>(_ p: Parameters<T>, number: Int) {
    T.kernels.descentStep(
      DescentStep(
        parameter: p.values, gradient: p.gradient, velocity: p.buffers.first, count: p.count, rate: rate,
        momentum: momentum, weightDecay: weightDecay, nesterov: nesterov, isFirst: number == 1))
  }
}
