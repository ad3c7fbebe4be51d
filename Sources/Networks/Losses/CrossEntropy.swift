import Tensors

/// The mean of minus the logarithm of the probability that softmax gives the right class: for choosing one of several classes.
///
/// `L = -ln softmax(z)[t]`, computed as `ln ∑ exp(z) - z[t]` with the largest number taken out, so that nothing overflows.
///
/// **Shapes** `prediction: […, k]`; `target: […]` whole numbers below k, or `[…, k]` rows of shares (one-hot)
public struct CrossEntropy: LossKind {
  public static let card = Card(
    name: "cross_entropy",
    summary: "Minus the logarithm of the probability that softmax gives the right class; takes logits.",
    formula: "L = -\\frac{1}{N} \\sum_n \\ln \\mathrm{softmax}(z_n)_{t_n}",
    shapes: "prediction: [n, k]; target: [n] labels, or [n, k] rows of shares",
    arguments: [.prediction, .target, .reduction],
    example: ("cross_entropy([0, 0; 0, 0], [0, 1])", "0.69315"), source: "D1.ce; torch.nn.CrossEntropyLoss")
  public init() {}
  public init(_ arguments: Arguments) {}
  public var decision: Decision { .largest }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    try negativeLogLikelihood(prediction, target, isLogarithm: false)
  }
}

/// Minus the logarithm of the probability of the right class, where the prediction is already logarithms (`log_softmax`).
///
/// **Shapes** as `cross_entropy`
public struct NegativeLogLikelihood: LossKind {
  public static let card = Card(
    name: "nll", summary: "Minus the log-probability of the right class; takes the output of log_softmax.",
    formula: "L = -\\frac{1}{N} \\sum_n p_{n,t_n}",
    shapes: "prediction: [n, k]; target: [n] labels, or [n, k] rows of shares",
    arguments: [.prediction, .target, .reduction],
    example: ("nll([-1, -2; -3, -4], [0, 1])", "2.5"), source: "D4.S1; torch.nn.NLLLoss")
  public init() {}
  public init(_ arguments: Arguments) {}
  public var decision: Decision { .largest }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    try negativeLogLikelihood(prediction, target, isLogarithm: true)
  }
}

/// One loss for each row of the last axis.
private func negativeLogLikelihood(
  _ prediction: Tensor, _ target: Tensor, isLogarithm: Bool
) throws(ShapeError) -> Tensor {
  guard prediction.rank > 0 else { throw .rank(prediction.shape, expected: "[n, k]") }
  let rows = prediction.shape.removing(axis: prediction.rank - 1)
  let logarithms = isLogarithm ? prediction : prediction.logSoftmax()
  if target.shape == prediction.shape { return -(target * logarithms).sum(axis: -1) }
  guard target.shape == rows else { throw .unequal(target.shape, rows) }
  let classes = prediction.shape.last
  var places = try target.wholeNumbers()
  for row in places.indices {
    guard places[row] >= 0, places[row] < classes else {
      throw .indexOutOfRange(index: places[row], axis: prediction.rank - 1, extent: classes)
    }
    places[row] += row * classes
  }
  return -Gather(axis: 0, places: places)(logarithms.reshaped(to: [prediction.count])).reshaped(to: rows)
}
