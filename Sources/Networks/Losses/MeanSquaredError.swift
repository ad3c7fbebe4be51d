import Tensors

/// The mean of the squared differences: `(p - t)²`, for regression.
///
/// **Shapes** prediction and target the same.
public struct MeanSquaredError: LossKind {
  public static let card = Card(
    name: "mse", summary: "The mean of the squared differences between prediction and target.",
    formula: "L = \\frac{1}{N} \\sum_n (p_n - t_n)^2", shapes: "prediction, target: the same",
    arguments: [.prediction, .target, .reduction],
    example: ("mse([1, 2], [1, 4])", "2"), source: "D1.mse; D5.mse")
  public init() {}
  public init(_ arguments: Arguments) {}
  public var decision: Decision { .none }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    try requireEqualShapes(prediction, target)
    return (prediction - target).square()
  }
}
