import Tensors

/// For yes and no as 1 and -1: nothing where the score is on the right side by at least 1, else what is missing. For several
/// classes: how much the right class's score lacks to be above each other by 1, the mean over the classes.
///
/// **Shapes** prediction and target the same; or `[…, k]` scores and `[…]` labels
public struct Hinge: LossKind {
  public static let card = Card(
    name: "hinge",
    summary: "How much a score lacks to be right by 1: for yes and no as 1 and -1, or for labels of k classes.",
    formula:
      "L = \\frac{1}{N} \\sum_n \\max(0, 1 - t_n s_n), \\quad "
      + "L = \\frac{1}{N k} \\sum_n \\sum_{j \\ne t_n} \\max(0, 1 - s_{n,t_n} + s_{nj})",
    shapes: "prediction, target: the same; or prediction: [n, k], target: [n] labels",
    arguments: [.prediction, .target, .reduction], example: ("hinge([2, 0.5], [1, 1])", "0.25"),
    source: "D2; D3 (support vector machines); torch.nn.MultiMarginLoss")
  public init() {}
  public init(_ arguments: Arguments) {}
  public var decision: Decision { .none }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    guard prediction.rank == target.rank + 1 else {
      try requireEqualShapes(prediction, target)
      return (1 - target * prediction).relu()
    }
    let labels = try ClassLabels(target, for: prediction)
    let (classes, rows) = (prediction.shape.last, labels.rows)
    let scores = prediction.reshaped(to: [rows.count, classes])
    let right = labels.picked(from: scores).reshaped(to: [rows.count, 1])
    let others = Tensor(
      (0..<scores.count).map { rows[$0 / max(classes, 1)] == $0 % max(classes, 1) ? 0 : 1 }, shape: scores.shape,
      scores.elementType)
    let lacking = (scores - right + 1).relu() * others
    return lacking.mean(axis: 1).reshaped(to: target.shape)
  }
}
