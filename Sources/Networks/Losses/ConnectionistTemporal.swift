import Tensors

/// Connectionist temporal classification: minus the logarithm of the probability of all ways to spell the target over the frames.
///
/// A way gives one label to each frame; equal labels in a row are one, and blanks fall away. With the target's labels and a blank
/// before, between and after them as states, `α[t, s]`, the logarithm of the probability of all ways that are at state s after
/// frame t, comes from `α[t-1]` at s, s-1 and, where s is no blank and differs from s-2, at s-2. Everything stays in logarithms.
///
/// **Shapes** `prediction: [n, t, k]` or `[t, k]`, log-probabilities; `target: [n, l]` or `[l]` labels, padded with the blank; `frames: [n]`
public struct ConnectionistTemporal: LossKind {
  /// The label that stands for no label, in the prediction and as padding of targets.
  public let blank: Int
  /// How many frames of each sample count; all if nil.
  public let frames: Tensor?

  public static let card = Card(
    name: "ctc",
    summary:
      "Minus the log-probability of all ways to spell the target over the frames; takes the output of log_softmax.",
    formula:
      "L = \\frac{1}{N} \\sum_n -\\frac{1}{|y_n|} \\ln \\sum_{\\pi \\to y_n} \\prod_t p_{n,t,\\pi_t}",
    shapes: "prediction: [n, t, k], target: [n, l], padded with the blank, frames: [n]; or [t, k] and [l]",
    arguments: [
      .prediction, .target, .reduction,
      .optional("blank", .count(atLeast: 0), "0", "the label that stands for none"),
      .optional("frames", .tensor, nil, "how many frames of each sample count"),
    ],
    example: ("ctc(log([0.5, 0.5; 0.5, 0.5]), [1])", "0.28768"),
    source: "D4.S3; Graves et al. 2006; torch.nn.CTCLoss")

  public init(blank: Int = 0, frames: Tensor? = nil) {
    self.blank = blank
    self.frames = frames?.detached
  }

  public init(_ arguments: Arguments) {
    self.init(blank: arguments.count("blank"), frames: arguments.tensor("frames"))
  }

  public var decision: Decision { .none }

  public func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
    if prediction.rank == 2 {
      guard target.rank == 1 else { throw .rank(target.shape, expected: "[l]") }
      let one = prediction.reshaped(to: prediction.shape.inserting(1, at: 0))
      return try elements(one, target.reshaped(to: [1, target.count])).reshaped(to: .scalar)
    }
    guard prediction.rank == 3 else { throw .rank(prediction.shape, expected: "[n, t, k]") }
    guard target.rank == 2 else { throw .rank(target.shape, expected: "[n, l]") }
    let (samples, steps, classes) = (prediction.shape[0], prediction.shape[1], prediction.shape[2])
    guard target.shape[0] == samples else { throw .extent(target.shape, axis: 0, expected: samples) }
    guard blank < classes else { throw .indexOutOfRange(index: blank, axis: 2, extent: classes) }
    let words = try words(target, classes)
    let counts = try frameCounts(samples, steps)
    let states = 2 * (words.map(\.count).max() ?? 0) + 1
    let type = prediction.elementType
    // As good as zero probability, and still a number: sums of such terms stay finite, and so do their derivatives.
    let never = -1e30

    // The label of each state, and whether a way may come from the label before the last blank.
    var labels = [Int](repeating: blank, count: samples * states)
    var skips = [Double](repeating: never, count: samples * states)
    for (sample, word) in words.enumerated() {
      for (place, label) in word.enumerated() {
        let state = sample * states + 2 * place + 1
        labels[state] = label
        if place > 0, word[place - 1] != label { skips[state] = 0 }
      }
    }
    let skip = Tensor(skips, shape: [samples, states], type)
    let flat = prediction.reshaped(to: [prediction.count]).clamped(low: never, high: nil)
    func emitted(_ step: Int) -> Tensor {
      let places = labels.indices.map { (($0 / states) * steps + step) * classes + labels[$0] }
      return Gather(axis: 0, places: places)(flat).reshaped(to: [samples, states])
    }
    func shifted(_ x: Tensor, _ by: Int) -> Tensor {
      let missing = Tensor.filled([samples, min(by, states)], never, type)
      return by >= states ? missing : Concatenate(axis: 1)(list: [missing, x.slice(axis: 1, 0..<(states - by))])
    }

    guard steps > 0 else { return Tensor(words.map { $0.isEmpty ? 0 : .infinity }, type) }
    let first = Tensor((0..<(samples * states)).map { $0 % states < 2 ? 0 : never }, shape: [samples, states], type)
    var alpha = emitted(0) + first
    for step in 1..<max(steps, 1) {
      let terms = [alpha, shifted(alpha, 1), shifted(alpha, 2) + skip].map { $0.reshaped(to: [samples, states, 1]) }
      let next = Concatenate(axis: 2)(list: terms).logSumExp(axis: 2) + emitted(step)
      if counts.contains(where: { step >= $0 }) {
        let goesOn = Tensor(
          (0..<(samples * states)).map { step < counts[$0 / states] ? 1 : 0 }, shape: [samples, states], type)
        alpha = Choose()(goesOn, next, alpha)
      } else {
        alpha = next
      }
    }
    // A way ends on the last label or on the blank after it.
    let ends = (0..<(samples * states)).map { index in
      let last = 2 * words[index / states].count
      return index % states == last || index % states == last - 1 ? 0 : never
    }
    let loss = -(alpha + Tensor(ends, shape: [samples, states], type)).logSumExp(axis: 1)
    // More labels than frames can spell: impossible, not merely unlikely.
    let possible = words.indices.map { sample in
      let word = words[sample]
      let repeats = zip(word, word.dropFirst()).count { $0 == $1 }
      return word.count + repeats <= counts[sample] ? 1.0 : 0
    }
    if possible.allSatisfy({ $0 == 1 }) { return loss }
    return Choose()(Tensor(possible, type), loss, Tensor(.infinity, type))
  }

  /// The mean of each sample's loss divided by the length of its target, at least 1.
  public func average(_ elements: Tensor, _ target: Tensor) -> Tensor {
    let labels = target.elements
    let width = target.shape.last
    let lengths = (0..<elements.count).map { sample in
      let row = labels[(sample * width)..<((sample + 1) * width)]
      return Double(max(row.firstIndex { Int($0) == blank }.map { $0 - row.startIndex } ?? width, 1))
    }
    return (elements / Tensor(lengths, shape: elements.shape, elements.elementType)).mean()
  }

  /// The labels of each sample up to the first blank.
  private func words(_ target: Tensor, _ classes: Int) throws(ShapeError) -> [[Int]] {
    let labels = try target.wholeNumbers()
    for label in labels where label < 0 || label >= classes {
      throw .indexOutOfRange(index: label, axis: 2, extent: classes)
    }
    let width = target.shape[1]
    return (0..<target.shape[0]).map { sample in
      Array(labels[(sample * width)..<((sample + 1) * width)].prefix { $0 != blank })
    }
  }

  private func frameCounts(_ samples: Int, _ steps: Int) throws(ShapeError) -> [Int] {
    guard let frames else { return [Int](repeating: steps, count: samples) }
    guard frames.count == samples else { throw .unequal(frames.shape, [samples]) }
    let counts = try frames.wholeNumbers()
    for count in counts where count < 1 || count > steps {
      throw .indexOutOfRange(index: count, axis: 1, extent: steps)
    }
    return counts
  }
}
