import Networks
import Tensors

extension GoldenCase {
  static let losses: [GoldenCase] = [
    loss("mse", "p", "y") { _ in MeanSquaredError() },
    loss("mae", "p", "y") { _ in MeanAbsoluteError() },
    loss("huber", "p", "y") { run in Huber(delta: run.file.numbers("delta")?.first ?? 1) },
    loss("bce", "p", "y") { _ in BinaryCrossEntropy() },
    loss("bce_with_logits", "z", "y") { _ in BinaryCrossEntropyWithLogits() },
    loss("cross_entropy", "logits", "labels") { _ in CrossEntropy() },
    loss("cross_entropy_soft", "logits", "Y") { _ in CrossEntropy() },
    loss("cross_entropy_weighted", "logits", "labels") { run in
      CrossEntropy(ClassOptions(weight: try run.constant("w")))
    },
    loss("nll", "logp", "labels") { _ in NegativeLogLikelihood() },
    loss("hinge", "s", "y") { _ in Hinge() },
    loss("multi_margin", "s", "labels") { _ in Hinge() },
    loss("kl", "logq", "p") { _ in KullbackLeibler() },
    GoldenCase("metrics", ("metrics", metrics)),
  ]

  /// A loss by its mean, and by its elements of which the mean is taken here.
  private static func loss(
    _ name: String, _ prediction: String, _ target: String,
    _ make: @escaping @Sendable (GoldenRun) throws -> any LossKind
  ) -> GoldenCase {
    GoldenCase(
      "loss_\(name)", ("mean", { try mean(make($0), $0, prediction, target) }),
      ("elements", { try elements(make($0), name, $0, prediction, target) }))
  }

  private static func mean(
    _ loss: some LossKind, _ run: GoldenRun, _ prediction: String, _ target: String
  ) throws -> Tensor? {
    let (p, t) = (try run(prediction), try run.constant(target))
    run.expect(try loss(p, t, reduction: .none), "elementwise", gradient: false)
    run.expect(try loss(p, t, reduction: .sum), "sum")
    let mean = try loss(p, t, reduction: .mean)
    run.expect(mean, "mean")
    return mean
  }

  private static func elements(
    _ loss: some LossKind, _ name: String, _ run: GoldenRun, _ prediction: String, _ target: String
  ) throws -> Tensor? {
    let (p, t) = (try run(prediction), try run.constant(target))
    let elements = try loss(p, t, reduction: .none)
    run.expect(elements, "elementwise")
    let sum = elements.sum()
    run.expect(sum, "sum")
    let mean: Tensor
    switch name {
    case "cross_entropy_weighted":
      mean = sum / Gather(axis: 0, places: try t.wholeNumbers())(try run.constant("w")).sum()
    case "kl": mean = sum / Double(p.shape[0])
    default: mean = elements.mean()
    }
    run.expect(mean, "mean")
    return mean
  }

  private static func metrics(_ run: GoldenRun) throws -> Tensor? {
    let (logits, labels) = (try run.constant("logits"), try run.constant("labels"))
    func expect(_ values: [Double], _ name: String, _ shape: Shape? = nil) {
      run.expect(Tensor(values, shape: shape ?? [values.count], run.type), name)
    }
    func expect(_ value: Double, _ name: String) { expect([value], name, .scalar) }
    let classes = logits.shape[1]
    let answers = logits.argmax(axis: 1)
    run.expect(answers.cast(to: run.type), "predicted")
    let confusion = Confusion(
      answers: try answers.wholeNumbers(), labels: try labels.wholeNumbers(), classCount: classes)
    expect(confusion.counts.map(Double.init), "confusion", [classes, classes])
    expect(confusion.accuracy, "accuracy")
    expect(confusion.precision, "precision")
    expect(confusion.recall, "recall")
    expect(confusion.f1, "f1")
    expect(confusion.f1.reduce(0, +) / Double(classes), "macro_f1")
    expect(try topAccuracy(logits, labels, top: 1), "accuracy")
    for name in run.file.outputs.keys where name.hasPrefix("top") && name.hasSuffix("_accuracy") {
      guard let top = run.file.number(after: "top", in: name) else { continue }
      expect(try topAccuracy(logits, labels, top: Int(top)), name)
    }
    run.expect(try perplexity(logits, labels).log(), "cross_entropy")
    let (y, predicted) = (try run.constant("y"), try run.constant("y_hat"))
    run.expect(try rSquared(predicted, y), "r2")
    run.expect(try MeanAbsoluteError()(predicted, y), "mae")
    run.expect(try MeanSquaredError()(predicted, y).sqrt(), "rmse")
    return nil
  }
}
