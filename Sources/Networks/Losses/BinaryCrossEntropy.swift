import Tensors

/// For yes and no, where the prediction is a probability: `-(t ln p + (1 - t) ln(1 - p))`, each logarithm at least -100 (in f32 at least
/// -87), so that a wrong certainty has a large loss and no infinite one.
///
/// **Shapes** prediction and target the same
public struct BinaryCrossEntropy: LossKind {
  public static let card = Card(
    name: "bce",
    summary: "For yes and no: minus the logarithm of the probability of what is true; takes probabilities.",
    formula: "L = -\\frac{1}{N} \\sum_n t_n \\ln p_n + (1 - t_n) \\ln(1 - p_n)", shapes: "prediction, target: the same",
    arguments: [.prediction, .target, .reduction], example: ("bce([0.5, 0.5], [0, 1])", "0.69315"),
    source: "D1.S2; torch.nn.BCELoss")
  public init() {}
  public init(_ arguments: Arguments) {}
  public var decision: Decision { .above(0.5) }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    try requireEqualShapes(prediction, target)
    return -(target * prediction.boundedLog() + (1 - target) * (1 - prediction).boundedLog())
  }
}

extension Tensor {
  /// The logarithm of the probability, taken from at least e⁻¹⁰⁰ or the least f32; no slope flows below it.
  fileprivate func boundedLog() -> Tensor {
    let least = elementType == .float64 ? 3.720075976020836e-44 : Double(Float.leastNormalMagnitude)
    return clamped(low: least, high: nil).log()
  }
}

/// For yes and no, where the prediction is a logit: `softplus(z) - t z`, which overflows nowhere.
///
/// **Shapes** prediction and target the same
public struct BinaryCrossEntropyWithLogits: LossKind {
  /// How much each yes counts.
  public let positiveWeight: Double

  public static let card = Card(
    name: "bce_logits", summary: "For yes and no: bce of sigmoid(z), computed without overflow; takes logits.",
    formula: "L = \\frac{1}{N} \\sum_n (1 - t_n) z_n + (1 + (w - 1) t_n) \\ln(1 + e^{-z_n})",
    shapes: "prediction, target: the same",
    arguments: [
      .prediction, .target, .reduction,
      .optional("positive", .number(in: 0...Double.greatestFiniteMagnitude), "1", "how much each yes counts, w"),
    ], example: ("bce_logits([0, 0], [0, 1])", "0.69315"), source: "D1.S2; torch.nn.BCEWithLogitsLoss")

  public init(positiveWeight: Double = 1) { self.positiveWeight = positiveWeight }
  public init(_ arguments: Arguments) { self.init(positiveWeight: arguments.number("positive", default: 1)) }
  public var decision: Decision { .above(0) }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    try requireEqualShapes(prediction, target)
    if positiveWeight == 1 { return prediction.softplus() - target * prediction }
    return (1 - target) * prediction + (target * (positiveWeight - 1) + 1) * (-prediction).softplus()
  }
}
