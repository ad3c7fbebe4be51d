import Networks
import Tensors

extension BuiltinCatalogue {
  /// How good answers are.
  static let metrics: [Builtin] = [
    Builtin(
      "accuracy(prediction, target, top: 1)", .metrics,
      "The share of right answers: the largest of a row (or among the top so many), or above one half.",
      formula: "\\frac{1}{N} \\sum_n [\\hat{t}_n = t_n]",
      shapes: "prediction: [n, c] or [n], target: [n]; or a network and a dataset",
      example: ("accuracy([2, 1; 0, 3], [0, 0])", "0.5")
    ) { call in
      if case .network(let network) = call[0] {
        guard try call.whole("top", atLeast: 1) == 1 else {
          throw call.fail("E0303", "top: is for numbers and labels, as accuracy(net(d.x), d.y, top: 5)")
        }
        let data = try call.dataset(1)
        let loss = LossCatalogue.loss(named: "cross_entropy").map { $0.init(.empty) as any Loss }
        guard let loss,
          let found = try call.located(
            [call[0], call[1]], { try Networks.evaluate(network.network, on: data.dataset, loss: loss) })
        else {
          throw Fault.stopped
        }
        guard let accuracy = found.accuracy else {
          throw call.fail("E0303", "right and wrong mean nothing for these targets")
        }
        return .number(accuracy)
      }
      let top = try call.whole("top", atLeast: 1)
      if top > 1 {
        let (prediction, target) = (try call.tensor(0), try call.tensor(1))
        guard top <= prediction.shape.last else {
          throw call.wrong(2, "at most \(prediction.shape.last), the classes,")
        }
        return .number(try topAccuracy(prediction, target, top: top))
      }
      let (answers, labels) = try call.answers()
      return .number(Double(zip(answers, labels).count { $0 == $1 }) / Double(max(labels.count, 1)))
    },
    Builtin(
      "confusion(prediction, target)", .metrics, "How often each class (row) was taken for each class (column).",
      shapes: "→ [c, c]", example: ("confusion([2, 1; 0, 3], [0, 0])", "[1, 1; 0, 0]")
    ) { call in
      let counts = try call.confusion().0
      return .tensor(
        Tensor(counts.counts.map(Double.init), shape: [counts.classCount, counts.classCount], call.type))
    },
    Builtin(
      "precision(prediction, target)", .metrics, "Of the answers for a class, the share that is right.",
      formula: "\\frac{TP}{TP + FP}", shapes: "→ [c]; for [n] the share of class 1",
      example: ("precision([1, 1, 0], [1, 0, 0])", "0.5")
    ) { call in try call.perClass(\.precision) },
    Builtin(
      "recall(prediction, target)", .metrics, "Of the samples of a class, the share that was found.",
      formula: "\\frac{TP}{TP + FN}", shapes: "→ [c]; for [n] the share of class 1",
      example: ("recall([1, 1, 0], [1, 0, 0])", "1")
    ) { call in try call.perClass(\.recall) },
    Builtin(
      "f1(prediction, target)", .metrics, "The harmonic mean of precision and recall.",
      formula: "\\frac{2 P R}{P + R}", shapes: "→ [c]; for [n] that of class 1",
      example: ("f1([1, 1, 0], [1, 0, 0])", "0.6666666666666666")
    ) { call in try call.perClass(\.f1) },
    Builtin(
      "perplexity(logits, labels)", .metrics,
      "How many equally likely words would be as hard to choose from: e to the mean cross-entropy.",
      formula: "e^{L}, \\quad L = -\\frac{1}{N} \\sum_n \\ln \\mathrm{softmax}(z_n)_{t_n}",
      shapes: "logits: [..., k], labels: [...] → a number", derivative: "e^L times that of the cross-entropy",
      example: ("perplexity([0, 0; 0, 0], [0, 1])", "2")
    ) { call in Value(try perplexity(try call.tensor(0), try call.tensor(1))) },
    Builtin(
      "r2(prediction, target)", .metrics,
      "The share of the target's variance that the prediction explains: 1 is all, 0 is no more than the mean does.",
      formula: "R^2 = 1 - \\frac{\\sum_n (t_n - p_n)^2}{\\sum_n (t_n - \\bar{t})^2}",
      shapes: "prediction, target: the same → a number", derivative: "exact, by the prediction",
      example: ("r2([1, 2, 4], [1, 2, 3])", "0.5")
    ) { call in Value(try rSquared(try call.tensor(0), try call.tensor(1))) },
  ]
}

extension Arguments {
  /// No arguments, for what needs none.
  static var empty: Arguments {
    let card = Card(name: "", summary: "", formula: "", example: ("", ""))
    do { return try Arguments([], for: card) } catch { preconditionFailure("a card without arguments takes none") }
  }
}

extension BuiltinCall {
  // MARK: Metrics

  /// The class of each answer and of each target.
  fileprivate func answers() throws -> (answers: [Int], labels: [Int]) {
    let (prediction, target) = (try tensor(0), try tensor(1))
    func rows(_ x: Tensor) -> [Int] {
      let width = max(x.shape.last, 1)
      let elements = x.elements
      return (0..<(elements.count / width)).map { row in
        var best = 0
        for column in 0..<width where elements[row * width + column] > elements[row * width + best] { best = column }
        return best
      }
    }
    if let labels = try classes() { return (labels.answers, labels.targets) }
    if prediction.shape == target.shape, prediction.rank < 2 || prediction.shape.last == 1 {
      return (prediction.elements.map { $0 > 0.5 ? 1 : 0 }, target.elements.map { $0 > 0.5 ? 1 : 0 })
    }
    guard prediction.rank > 0 else { throw ShapeError.rank(prediction.shape, expected: "[n, c]") }
    if prediction.shape == target.shape { return (rows(prediction), rows(target)) }
    guard target.shape == prediction.shape.removing(axis: prediction.rank - 1) else {
      throw ShapeError.unequal(prediction.shape.removing(axis: prediction.rank - 1), target.shape)
    }
    let classes = prediction.shape.last
    let labels = try target.elements.map { number -> Int in
      guard let label = Int(exactly: number) else { throw ShapeError.fractionalIndex(number) }
      guard label >= 0, label < classes else { throw fail("E0206", "label \(label) is outside the \(classes) classes") }
      return label
    }
    return (rows(prediction), labels)
  }

  /// The classes where both operands are labels of more than two: whole numbers from 0, one of them above 1.
  private func classes() throws -> (answers: [Int], targets: [Int], count: Int)? {
    let (prediction, target) = (try tensor(0), try tensor(1))
    guard prediction.shape == target.shape, prediction.rank < 2 || prediction.shape.last == 1 else { return nil }
    func labels(_ x: Tensor) -> [Int]? {
      let numbers = x.elements
      return numbers.allSatisfy { $0 >= 0 && $0 < 1e6 && $0 == $0.rounded() } ? numbers.map { Int($0) } : nil
    }
    guard let answers = labels(prediction), let targets = labels(target) else { return nil }
    let count = max(answers.max() ?? 0, targets.max() ?? 0) + 1
    return count > 2 ? (answers, targets, count) : nil
  }

  fileprivate func confusion() throws -> (Confusion, isBinary: Bool) {
    let (answers, labels) = try answers()
    let (prediction, target) = (try tensor(0), try tensor(1))
    let several = try classes()?.count
    let isBinary =
      several == nil && prediction.shape == target.shape && (prediction.rank < 2 || prediction.shape.last == 1)
    let classes = several ?? (isBinary ? 2 : prediction.shape.last)
    return (Confusion(answers: answers, labels: labels, classCount: classes), isBinary)
  }

  fileprivate func perClass(_ measure: (Confusion) -> [Double]) throws -> Value {
    let (confusion, isBinary) = try confusion()
    let values = measure(confusion)
    return isBinary ? .number(values[1]) : .tensor(Tensor(values, type))
  }
}
