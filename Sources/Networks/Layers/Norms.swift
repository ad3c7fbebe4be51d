import Tensors

/// Each row of features brought to mean 0 and variance 1, then scaled and shifted feature by feature.
///
/// **Shapes** `x: […, d]`, `gain, shift: [d]` → the same as x
public struct LayerNorm: LayerKind {
  public var gain: Tensor
  public var shift: Tensor
  public let epsilon: Double

  public static let card = Card(
    name: "LayerNorm",
    summary: "Each row of features brought to mean 0 and variance 1, then scaled and shifted feature by feature.",
    formula: "y = \\gamma \\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}} + \\beta",
    shapes: "x: [..., d], gain, shift: [d] → [..., d]",
    arguments: [
      .required("d", .count(atLeast: 1), "features: the last axis"),
      .optional("epsilon", .number(in: 0...1), "1e-5", "added to the variance"),
    ],
    example: ("LayerNorm(2, epsilon: 0)([1, 3; 5, 5.5])", "[-1, 1; -1, 1]"),
    source: "Ba et al. 2016; torch.nn.LayerNorm: variance over n, epsilon 1e-5 (Keras 1e-3)")

  /// A layer of given gain and shift.
  /// - Precondition: both `[d]`.
  public init(gain: Tensor, shift: Tensor, epsilon: Double = 1e-5) {
    precondition(gain.rank == 1 && gain.shape == shift.shape)
    self.init(unchecked: gain, shift, epsilon)
  }

  /// A layer that changes neither scale nor place yet.
  public init(_ features: Int, epsilon: Double = 1e-5, elementType: ElementType = .float64) {
    self.init(unchecked: .ones([features], elementType), .zeros([features], elementType), epsilon)
  }

  private init(unchecked gain: Tensor, _ shift: Tensor, _ epsilon: Double) {
    self.gain = gain
    self.shift = shift
    self.epsilon = epsilon
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    self.init(
      arguments.count("d"), epsilon: arguments.number("epsilon", default: 1e-5), elementType: elementType)
  }

  public var features: Int { gain.count }
  public var description: String {
    "LayerNorm(\(features)\(epsilon == 1e-5 ? "" : ", epsilon: \(shortest(epsilon))"))"
  }
  public var countFormula: String { "2·\(features)" }
  public var parameters: [Parameter] { [Parameter("gain", gain), Parameter("shift", shift)] }
  public func replacing(_ values: [Tensor]) -> LayerNorm { LayerNorm(unchecked: values[0], values[1], epsilon) }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank > 0 else { throw ShapeError.rank(input, expected: "[..., \(features)]") }
    guard input.last == features else { throw ShapeError.extent(input, axis: input.rank - 1, expected: features) }
    return input
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    _ = try outputShape(for: x.shape)
    return try normalized(x, over: [x.rank - 1], epsilon: epsilon).value * gain + shift
  }
}

/// Each feature brought to mean 0 and variance 1 over the batch, then scaled and shifted.
///
/// In training the statistics are the batch's, and the running ones move towards them by the share `momentum`; in use they are the
/// running ones.
///
/// **Shapes** `x: [n, d]` or `[n, d, …]`, such as images `[n, c, h, w]` → the same; `gain, shift: [d]`
public struct BatchNorm: LayerKind {
  public var gain: Tensor
  public var shift: Tensor
  public var runningMean: Tensor
  public var runningVariance: Tensor
  public let momentum: Double
  public let epsilon: Double

  public static let card = Card(
    name: "BatchNorm",
    summary: "Each feature brought to mean 0 and variance 1: over the batch in training, by running statistics in use.",
    formula: "y = \\gamma \\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}} + \\beta",
    shapes: "x: [n, d] or [n, d, ...], gain, shift, running_mean, running_var: [d] → as x",
    arguments: [
      .required("d", .count(atLeast: 1), "features, or channels: axis 1"),
      .optional("momentum", .number(in: 0...1), "0.1", "the share of a new batch in the running statistics"),
      .optional("epsilon", .number(in: 0...1), "1e-5", "added to the variance"),
    ],
    example: ("BatchNorm(1, epsilon: 0)([1; 3], training: true)", "[-1; 1]"),
    source:
      "Ioffe and Szegedy 2015; torch.nn.BatchNorm: the running variance is over n - 1 (Keras over n, epsilon 1e-3)")

  /// A layer of given weights and running statistics.
  /// - Precondition: all `[d]`.
  public init(
    gain: Tensor, shift: Tensor, runningMean: Tensor, runningVariance: Tensor, momentum: Double = 0.1,
    epsilon: Double = 1e-5
  ) {
    precondition([shift, runningMean, runningVariance].allSatisfy { $0.shape == [gain.count] } && gain.rank == 1)
    self.init(unchecked: gain, shift, runningMean, runningVariance, momentum, epsilon)
  }

  /// A layer that has seen nothing yet.
  public init(_ features: Int, momentum: Double = 0.1, epsilon: Double = 1e-5, elementType: ElementType = .float64) {
    let (zeros, ones) = (Tensor.zeros([features], elementType), Tensor.ones([features], elementType))
    self.init(unchecked: ones, zeros, zeros, ones, momentum, epsilon)
  }

  private init(
    unchecked gain: Tensor, _ shift: Tensor, _ mean: Tensor, _ variance: Tensor, _ momentum: Double, _ epsilon: Double
  ) {
    self.gain = gain
    self.shift = shift
    runningMean = mean
    runningVariance = variance
    self.momentum = momentum
    self.epsilon = epsilon
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    self.init(
      arguments.count("d"), momentum: arguments.number("momentum", default: 0.1),
      epsilon: arguments.number("epsilon", default: 1e-5), elementType: elementType)
  }

  public var features: Int { gain.count }
  public var description: String {
    let momentum = momentum == 0.1 ? "" : ", momentum: \(shortest(momentum))"
    return "BatchNorm(\(features)\(momentum)\(epsilon == 1e-5 ? "" : ", epsilon: \(shortest(epsilon))"))"
  }
  public var countFormula: String { "2·\(features)" }
  public var parameters: [Parameter] { [Parameter("gain", gain), Parameter("shift", shift)] }
  public var buffers: [Parameter] {
    [Parameter("running_mean", runningMean), Parameter("running_var", runningVariance)]
  }

  public func replacing(_ values: [Tensor]) -> BatchNorm {
    BatchNorm(unchecked: values[0], values[1], runningMean, runningVariance, momentum, epsilon)
  }

  public func replacing(buffers: [Tensor]) -> BatchNorm {
    BatchNorm(unchecked: gain, shift, buffers[0], buffers[1], momentum, epsilon)
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank >= 2 else { throw ShapeError.rank(input, expected: "[n, \(features)] or [n, \(features), ...]") }
    guard input[1] == features else { throw ShapeError.extent(input, axis: 1, expected: features) }
    return input
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    _ = try outputShape(for: x.shape)
    let form = Shape([features] + [Int](repeating: 1, count: x.rank - 2))
    guard context.isTraining else {
      // One factor and one shift for each feature.
      let factor = gain / (runningVariance + epsilon).sqrt()
      return x * factor.reshaped(to: form) + (shift - runningMean * factor).reshaped(to: form)
    }
    let batch = try normalized(x, over: (0..<x.rank).filter { $0 != 1 }, epsilon: epsilon)
    observe(batch.mean, batch.variance, count: x.count / max(features, 1), &context)
    return batch.value * gain.reshaped(to: form) + shift.reshaped(to: form)
  }

  /// Moves the running statistics; the variance of one number says nothing, so it is left out.
  private func observe(_ mean: Tensor, _ variance: Tensor, count: Int, _ context: inout Context) {
    func moved(_ running: Tensor, _ batch: Tensor, _ factor: Double) -> Tensor {
      running * (1 - momentum) + batch.detached.reshaped(to: [features]) * (momentum * factor)
    }
    context.movedBuffers.append(moved(runningMean, mean, 1))
    context.movedBuffers.append(
      count > 1 ? moved(runningVariance, variance, Double(count) / Double(count - 1)) : runningVariance)
  }
}

/// `(x - μ) / √(σ² + ε)` with the mean and the variance (over n) along some axes, which stay with extent 1.
/// - Throws: `ShapeError.empty` if there is nothing along the axes.
public func normalized(
  _ x: Tensor, over axes: [Int], epsilon: Double
) throws(ShapeError) -> (value: Tensor, mean: Tensor, variance: Tensor) {
  guard axes.allSatisfy({ x.shape[$0] > 0 }) else { throw .empty(x.shape) }
  let mean = x.mean(axes: axes, keep: true)
  let centred = x - mean
  let variance = centred.square().mean(axes: axes, keep: true)
  return (centred / (variance + epsilon).sqrt(), mean, variance)
}
