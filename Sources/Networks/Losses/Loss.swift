import Tensors

/// A number that says how far a prediction is from its target; training makes it small.
///
/// Losses never stretch: prediction and target must fit as they are.
public protocol Loss: Sendable {
  /// The name in the language: `mse`.
  var name: String { get }
  /// How a prediction becomes an answer that is right or wrong.
  var decision: Decision { get }
  /// The mean loss, a number.
  /// - Throws: `ShapeError` if prediction and target do not fit.
  func callAsFunction(_ prediction: Tensor, _ target: Tensor) throws -> Tensor
}

/// A loss that the language knows by name: one type in one file and one line in `LossCatalogue`.
public protocol LossKind: Loss {
  static var card: Card { get }
  init(_ arguments: Arguments)
  /// The loss of each element (or row), before any mean.
  /// - Throws: `ShapeError` if prediction and target do not fit.
  func elements(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) -> Tensor
  /// The mean of the elements, by the count that is usual for this loss and target.
  func average(_ elements: Tensor, _ target: Tensor) -> Tensor
}

/// How the losses of many elements become one: `reduction: "mean"`.
public enum Reduction: String, Sendable, CaseIterable {
  case mean, sum, none
}

extension LossKind {
  public var name: String { Self.card.name }
  public func average(_ elements: Tensor, _ target: Tensor) -> Tensor { elements.mean() }

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) throws -> Tensor {
    try average(elements(prediction, target), target)
  }

  /// The loss with its elements brought together as asked.
  /// - Throws: `ShapeError` if prediction and target do not fit.
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor, reduction: Reduction) throws(ShapeError) -> Tensor
  {
    let elements = try elements(prediction, target)
    return switch reduction {
    case .mean: average(elements, target)
    case .sum: elements.sum()
    case .none: elements
    }
  }
}

/// A loss the user wrote: any function of a prediction and a target that gives a number.
public struct FunctionLoss: Loss {
  public let name: String
  public let decision: Decision
  private let body: @Sendable (Tensor, Tensor) throws -> Tensor

  public init(
    _ name: String, decision: Decision = .largest, _ body: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) {
    self.name = name
    self.decision = decision
    self.body = body
  }

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) throws -> Tensor { try body(prediction, target) }
}

extension Argument {
  static let prediction = required("prediction", .tensor, "what the network gives")
  static let target = required("target", .tensor, "what it should give")
  static let reduction = optional(
    "reduction", .word(Reduction.allCases.map(\.rawValue)), "\"mean\"", "how the losses of the elements become one")
}

/// The shapes must be the same.
func requireEqualShapes(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) {
  guard prediction.shape == target.shape else { throw .unequal(prediction.shape, target.shape) }
}
