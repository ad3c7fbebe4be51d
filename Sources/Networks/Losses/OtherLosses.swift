import Tensors

/// How far a distribution q is from p: `∑ p (ln p - ln q)`, where the prediction is `ln q` and the target `p`.
///
/// Its mean divides by the number of rows, as PyTorch's `batchmean`.
///
/// **Shapes** prediction and target the same
public struct KullbackLeibler: LossKind {
  public static let card = Card(
    name: "kl", summary: "How far a distribution is from another; the prediction is the logarithm of shares.",
    formula: "L = \\frac{1}{N} \\sum_n \\sum_k p_{nk} (\\ln p_{nk} - \\ln q_{nk})",
    shapes: "prediction: ln q, target: p, the same",
    arguments: [.prediction, .target, .reduction],
    example: ("kl([-0.69315, -0.69315], [1, 0])", "0.69315"), source: "torch.nn.KLDivLoss")
  public init() {}
  public init(_ arguments: Arguments) {}
  public var decision: Decision { .none }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    try requireEqualShapes(prediction, target)
    // p ln p is 0 at 0.
    return target * (target.clamped(low: Double(Float.leastNormalMagnitude), high: nil).log() - prediction)
  }

  public func average(_ elements: Tensor, _ target: Tensor) -> Tensor {
    elements.sum() / Double(elements.rank > 1 ? elements.shape[0] : 1)
  }
}
