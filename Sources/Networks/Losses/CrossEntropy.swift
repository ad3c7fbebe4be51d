import Tensors

/// The mean of minus the logarithm of the probability that softmax gives the right class: for choosing one of several classes.
///
/// `L = -ln softmax(z)[t]`, computed as `ln ∑ exp(z) - z[t]` with the largest number taken out, so that nothing overflows.
///
/// **Shapes** `prediction: […, k]`; `target: […]` whole numbers below k, or `[…, k]` rows of shares (one-hot)
public struct CrossEntropy: LossKind {
  /// What may be added to the plain loss.
  public let options: ClassOptions

  public static let card = Card(
    name: "cross_entropy",
    summary: "Minus the logarithm of the probability that softmax gives the right class; takes logits.",
    formula: "L = -\\frac{1}{\\sum_n w_{t_n}} \\sum_n w_{t_n} \\ln \\mathrm{softmax}(z_n)_{t_n}",
    shapes: "prediction: [n, k]; target: [n] labels, or [n, k] rows of shares; weight: [k]",
    arguments: [.prediction, .target, .reduction, .weight, .ignore, .smoothing],
    example: ("cross_entropy([0, 0; 0, 0], [0, 1])", "0.69315"), source: "D1.ce; torch.nn.CrossEntropyLoss")

  public init(_ options: ClassOptions = ClassOptions()) { self.options = options }
  public init(_ arguments: Arguments) { self.init(ClassOptions(arguments)) }
  public var decision: Decision { .largest }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    guard prediction.rank > 0 else { throw .rank(prediction.shape, expected: "[n, k]") }
    return try options.elements(prediction.logSoftmax(), target)
  }

  public func average(_ elements: Tensor, _ target: Tensor) -> Tensor { options.average(elements, target) }
}

/// Minus the logarithm of the probability of the right class, where the prediction is already logarithms (`log_softmax`).
///
/// **Shapes** as `cross_entropy`
public struct NegativeLogLikelihood: LossKind {
  /// What may be added to the plain loss.
  public let options: ClassOptions

  public static let card = Card(
    name: "nll", summary: "Minus the log-probability of the right class; takes the output of log_softmax.",
    formula: "L = -\\frac{1}{\\sum_n w_{t_n}} \\sum_n w_{t_n} p_{n,t_n}",
    shapes: "prediction: [n, k]; target: [n] labels, or [n, k] rows of shares; weight: [k]",
    arguments: [.prediction, .target, .reduction, .weight, .ignore],
    example: ("nll([-1, -2; -3, -4], [0, 1])", "2.5"), source: "D4.S1; torch.nn.NLLLoss")

  public init(_ options: ClassOptions = ClassOptions()) { self.options = options }
  public init(_ arguments: Arguments) { self.init(ClassOptions(arguments)) }
  public var decision: Decision { .largest }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    guard prediction.rank > 0 else { throw .rank(prediction.shape, expected: "[n, k]") }
    return try options.elements(prediction, target)
  }

  public func average(_ elements: Tensor, _ target: Tensor) -> Tensor { options.average(elements, target) }
}

/// What a loss over classes may be told beside its operands, with PyTorch's rules.
public struct ClassOptions: Sendable {
  /// How much each class counts; the mean divides by the sum of the weights used.
  public var weight: Tensor?
  /// The label of samples that do not count, such as padding.
  public var ignored: Int?
  /// The share of each target that is spread over all classes.
  public var smoothing: Double

  public init(weight: Tensor? = nil, ignored: Int? = nil, smoothing: Double = 0) {
    self.weight = weight?.detached
    self.ignored = ignored
    self.smoothing = smoothing
  }

  init(_ arguments: Arguments) {
    self.init(
      weight: arguments.tensor("weight"), ignored: arguments.number("ignore").map { Int($0) },
      smoothing: arguments.number("smoothing", default: 0))
  }

  private var isPlain: Bool { weight == nil && ignored == nil && smoothing == 0 }

  /// One loss for each row of the last axis.
  /// - Precondition: at least one axis.
  func elements(_ logarithms: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    let classes = logarithms.shape.last
    if let weight {
      guard weight.rank == 1, weight.count == classes else { throw .unequal([classes], weight.shape) }
    }
    let weighted = weight.map { logarithms * $0.cast(to: logarithms.elementType) } ?? logarithms
    if target.shape == logarithms.shape {
      let shares = smoothing == 0 ? target : target * (1 - smoothing) + smoothing / Double(max(classes, 1))
      return -(shares * weighted).sum(axis: -1)
    }
    let labels = try ClassLabels(target, for: logarithms, ignored: ignored)
    var result = -labels.picked(from: weighted.reshaped(to: [labels.rows.count, classes]))
    if smoothing > 0 {
      let spread = -weighted.mean(axis: -1).reshaped(to: [labels.rows.count])
      result = result * (1 - smoothing) + spread * smoothing
    }
    if ignored != nil {
      // Chosen, not multiplied: what does not count may be infinite.
      let counts = Tensor(target.elements.map { Int($0) == ignored ? 0 : 1 }, logarithms.elementType)
      result = Choose()(counts, result, Tensor(0, logarithms.elementType))
    }
    return result.reshaped(to: target.shape)
  }

  /// The mean by the weights of the labels that count; of rows of shares by their number.
  func average(_ elements: Tensor, _ target: Tensor) -> Tensor {
    if isPlain || target.shape != elements.shape || weight == nil && ignored == nil { return elements.mean() }
    let weights = weight?.elements
    let total = target.elements.reduce(0) { sum, label in
      Int(label) == ignored ? sum : sum + (weights?[Int(label)] ?? 1)
    }
    return elements.sum() / total
  }
}

/// Labels of classes, checked: one for each row of a prediction's last axis.
struct ClassLabels {
  /// The class of each row; 0 where the label is the ignored one.
  let rows: [Int]
  private let classes: Int

  /// - Throws: `ShapeError` if there is not one label for each row, or if one is no class.
  init(_ target: Tensor, for prediction: Tensor, ignored: Int? = nil) throws(ShapeError) {
    let shape = prediction.shape.removing(axis: prediction.rank - 1)
    guard target.shape == shape else { throw .unequal(target.shape, shape) }
    classes = prediction.shape.last
    var rows = try target.wholeNumbers()
    for row in rows.indices {
      if rows[row] == ignored {
        rows[row] = 0
        continue
      }
      guard rows[row] >= 0, rows[row] < classes else {
        throw .indexOutOfRange(index: rows[row], axis: prediction.rank - 1, extent: classes)
      }
    }
    self.rows = rows
  }

  /// The element of each row that its label names.
  func picked(from x: Tensor) -> Tensor {
    let places = rows.indices.map { $0 * classes + rows[$0] }
    return Gather(axis: 0, places: places)(x.reshaped(to: [x.count]))
  }
}

extension Argument {
  static let weight = optional("weight", .tensor, nil, "how much each class counts")
  static let ignore = optional(
    "ignore", .number(in: -1e9...1e9), nil, "the label of samples that do not count, such as padding")
  static let smoothing = optional(
    "smoothing", .number(in: 0...1), "0", "the share of each target that is spread over all classes")
}
