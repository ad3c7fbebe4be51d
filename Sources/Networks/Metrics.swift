import Tensors

/// How often each class (row) was taken for each class (column), and what follows from it.
public struct Confusion: Sendable, Equatable {
  public let classCount: Int
  /// Row by row: `counts[t * classCount + p]` samples of class t were taken for class p.
  public let counts: [Int]

  /// - Precondition: as many answers as labels, all from 0 and below `classCount`.
  public init(answers: [Int], labels: [Int], classCount: Int) {
    precondition(answers.count == labels.count, "an answer for each label")
    var counts = [Int](repeating: 0, count: classCount * classCount)
    for (answer, label) in zip(answers, labels) { counts[label * classCount + answer] += 1 }
    self.classCount = classCount
    self.counts = counts
  }

  private func right(_ c: Int) -> Int { counts[c * classCount + c] }
  private func answered(_ c: Int) -> Int { (0..<classCount).reduce(0) { $0 + counts[$1 * classCount + c] } }
  private func there(_ c: Int) -> Int { (0..<classCount).reduce(0) { $0 + counts[c * classCount + $1] } }
  private func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

  /// The share of right answers.
  public var accuracy: Double { share((0..<classCount).reduce(0) { $0 + right($1) }, counts.reduce(0, +)) }
  /// Of the answers for each class, the share that is right; 0 without answers.
  public var precision: [Double] { (0..<classCount).map { share(right($0), answered($0)) } }
  /// Of the samples of each class, the share that was found; 0 without samples.
  public var recall: [Double] { (0..<classCount).map { share(right($0), there($0)) } }
  /// The harmonic mean of precision and recall of each class; 0 where both are.
  public var f1: [Double] { (0..<classCount).map { share(2 * right($0), answered($0) + there($0)) } }
}

/// The share of rows whose label is among the largest so many numbers; at a tie the first counts as larger, and nan as none.
///
/// **Shapes** `prediction: […, k]`, `target: […]`
/// - Throws: `ShapeError` if they do not fit, or if a label is no class.
public func topAccuracy(_ prediction: Tensor, _ target: Tensor, top: Int) throws(ShapeError) -> Double {
  guard prediction.rank > 0 else { throw .rank(prediction.shape, expected: "[n, k]") }
  let labels = try ClassLabels(target, for: prediction).rows
  let (classes, scores) = (prediction.shape.last, prediction.elements)
  let right = labels.indices.count { row in
    let own = scores[row * classes + labels[row]]
    let ahead = (0..<classes).count { column in
      let other = scores[row * classes + column]
      return other > own || other == own && column < labels[row]
    }
    return !own.isNaN && ahead < top
  }
  return Double(right) / Double(max(labels.count, 1))
}

/// e to the mean cross-entropy: how many equally likely classes would be as hard to choose from.
///
/// **Shapes** `logits: […, k]`, `labels: […]` or rows of shares
/// - Throws: `ShapeError` if they do not fit.
public func perplexity(_ logits: Tensor, _ labels: Tensor) throws -> Tensor { try CrossEntropy()(logits, labels).exp() }

/// The share of the target's variance that a prediction explains: `1 - ∑ (t - p)² / ∑ (t - t̄)²`.
///
/// **Shapes** prediction and target the same
/// - Throws: `ShapeError` if they do not fit or are empty.
public func rSquared(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor {
  try requireEqualShapes(prediction, target)
  guard target.count > 0 else { throw .empty(target.shape) }
  return 1 - (target - prediction).square().sum() / (target - target.mean()).square().sum()
}
