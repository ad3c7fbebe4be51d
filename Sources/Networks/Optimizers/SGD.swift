import KernelInterface
import Tensors

/// Stochastic gradient descent, with momentum if asked for.
///
///     g ← g + weight_decay · p
///     v ← momentum · v + (1 - dampening) · g   at the first step v ← g
///     p ← p - rate · v                         nesterov: p - rate · (g + momentum · v)
public struct SGD: Optimizer {
  public var rate: Double
  public var momentum: Double
  public var dampening: Double
  public var nesterov: Bool
  public var weightDecay: Double
  public var options: OptimizerOptions
  public var state = OptimizerState()

  public static let card = Card(
    name: "SGD", summary: "Stochastic gradient descent: a step against the gradient, with momentum if asked for.",
    formula:
      "g \\leftarrow g + \\lambda \\theta, \\quad v \\leftarrow \\mu v + (1 - d) g, \\quad "
      + "\\theta \\leftarrow \\theta - \\eta v, \\quad \\text{nesterov: } \\theta - \\eta (g + \\mu v)",
    arguments: [
      .rate("0.001"), .share("momentum", "0", "how much of the last step is kept, μ"),
      .share("dampening", "0", "how much less of the new gradient goes into it, from the second step on, d"),
      .optional("nesterov", .flag, "false", "look ahead along the momentum"), .decay("0"), .clip,
      .clipValue,
    ],
    example: ("update(SGD(0.1), [1, 2], [1, -1])[0]", "[0.9, 2.1]"), source: "D2.gd; D5.sgd; torch.optim.SGD")
  public static let bufferNames = ["v"]

  public init(
    _ rate: Double = 0.001, momentum: Double = 0, dampening: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0, clip: Double? = nil
  ) {
    self.rate = rate
    self.momentum = momentum
    self.dampening = dampening
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    options = OptimizerOptions(clip: clip)
  }

  /// - Throws: `ArgumentError` if nesterov is asked for without momentum or with dampening, as in PyTorch.
  public init(_ arguments: Arguments) throws {
    if arguments.flag("nesterov") {
      guard arguments.number("momentum", default: 0) > 0 else {
        throw ArgumentError.unsuitable("momentum", expected: .number(in: Double.leastNonzeroMagnitude...1))
      }
      guard arguments.number("dampening", default: 0) == 0 else {
        throw ArgumentError.unsuitable("dampening", expected: .number(in: 0...0))
      }
    }
    self.init(
      arguments.number("rate", default: 0.001), momentum: arguments.number("momentum", default: 0),
      dampening: arguments.number("dampening", default: 0),
      nesterov: arguments.flag("nesterov"), weightDecay: arguments.number("weight_decay", default: 0))
    options = OptimizerOptions(arguments)
  }

  public var bufferCount: Int { momentum == 0 ? 0 : 1 }

  public var description: String {
    typed(
      [("momentum", momentum, 0), ("dampening", dampening, 0), ("weight_decay", weightDecay, 0)],
      flags: [("nesterov", nesterov)])
  }

  public func step<T: Scalar>(_ p: Parameters<T>, number: Int) {
    T.kernels.descentStep(
      DescentStep(
        parameter: p.values, gradient: p.gradient, velocity: p.buffers.first, count: p.count, rate: rate,
        momentum: momentum, dampening: dampening, weightDecay: weightDecay, nesterov: nesterov, isFirst: number == 1))
  }
}
