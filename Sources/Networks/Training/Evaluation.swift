import KernelInterface
import Tensors

/// How well a network does on a dataset.
public struct Evaluation: Sendable, Equatable {
  /// The mean loss over all samples.
  public let loss: Double
  /// How many answers were right; nil where right and wrong mean nothing.
  public let right: Int?
  /// Of how many.
  public let count: Int

  public init(loss: Double, right: Int?, count: Int) {
    self.loss = loss
    self.right = right
    self.count = count
  }

  /// The share that was right.
  public var accuracy: Double? { right.map { Double($0) / Double(max(count, 1)) } }
}

/// Measures a network on a dataset, batch by batch and without dropout.
///
/// - Returns: nil if the user interrupted.
/// - Throws: `LayerError`, `ShapeError` or what a function written by the user throws.
public func evaluate(_ network: Network, on data: Dataset, loss: any Loss, batch: Int = 256) throws -> Evaluation? {
  let type = network.elementType ?? .float64
  var (sum, right, answers) = (0.0, Int?.some(0), 0)
  for start in stride(from: 0, to: data.count, by: max(1, batch)) {
    if Interrupt.isRequested { return nil }
    let indices = start..<min(start + max(1, batch), data.count)
    let (x, y) = data.batch(indices, type)
    let prediction = try network(x)
    sum += try loss(prediction, y).item * Double(indices.count)
    if let found = loss.decision.count(prediction, y), let known = right {
      right = known + found.right
      answers += found.of
    } else {
      right = nil
    }
  }
  return Evaluation(
    loss: sum / Double(max(data.count, 1)), right: right, count: right == nil ? data.count : answers)
}
