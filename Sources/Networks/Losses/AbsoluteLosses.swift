import Tensors

/// The mean of the distances: `|p - t|`, which outliers move less than squares do.
///
/// **Shapes** prediction and target the same
public struct MeanAbsoluteError: LossKind {
  public static let card = Card(
    name: "mae", summary: "The mean of the distances between prediction and target.",
    formula: "L = \\frac{1}{N} \\sum_n |p_n - t_n|", shapes: "prediction, target: the same",
    arguments: [.prediction, .target, .reduction], example: ("mae([1, 2], [1, 4])", "1"), source: "torch.nn.L1Loss")
  public init() {}
  public init(_ arguments: Arguments) {}
  public var decision: Decision { .none }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    try requireEqualShapes(prediction, target)
    return (prediction - target).abs()
  }
}

/// Squares for small differences, distances for large ones: `e²/2` where `|e| ≤ δ`, else `δ (|e| - δ/2)`.
///
/// **Shapes** prediction and target the same
public struct Huber: LossKind {
  public let delta: Double

  public static let card = Card(
    name: "huber", summary: "Half the square of small differences, and the distance of large ones.",
    formula:
      "L = \\frac{1}{N} \\sum_n \\begin{cases} e_n^2 / 2 & |e_n| \\le \\delta \\\\ \\delta (|e_n| - \\delta / 2) & "
      + "\\text{else} \\end{cases}, \\quad e = p - t", shapes: "prediction, target: the same",
    arguments: [
      .prediction, .target, .reduction,
      .optional(
        "delta", .number(in: Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude), "1",
        "where squares end, δ"),
    ], example: ("huber([1, 2], [1, 4])", "0.75"), source: "torch.nn.HuberLoss")

  /// - Precondition: `delta` is positive.
  public init(delta: Double = 1) {
    precondition(delta > 0, "squares end above 0")
    self.delta = delta
  }

  public init(_ arguments: Arguments) { self.init(delta: arguments.number("delta", default: 1)) }
  public var decision: Decision { .none }

  /// With `q = min(|e|, δ)` both pieces are `q (|e| - q/2)`.
  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    try requireEqualShapes(prediction, target)
    let distance = (prediction - target).abs()
    let near = distance.clamped(low: nil, high: delta)
    return near * (distance - near * 0.5)
  }
}
