import Tensors

/// One stage of a network: a value that holds its weights and maps a tensor to a tensor.
///
/// A layer has no state that a call changes: what training needs beside the input, the mode and the random numbers, comes in a
/// `Context`. Weights are read as `parameters` and changed by making another layer with `replacing(_:)`, so a network is a value
/// and differentiation is a matter of replacing the weights by variables.
///
/// Any function of one tensor is a layer too (`FunctionLayer`).
public protocol Layer: Sendable {
  /// The name shown in tables: `Dense`, `relu`.
  var kind: String { get }
  /// The layer as its user would type it, without weights: `Conv2d(1, 32, 3)`.
  var description: String { get }
  /// The weights in a fixed order, each with its name.
  var parameters: [Parameter] { get }
  /// The same layer with other weights, in the order of `parameters`.
  func replacing(_ values: [Tensor]) -> Self
  /// How the number of weights comes about, such as `4·16 + 16`; empty without weights.
  var countFormula: String { get }
  /// The shape of an input, as far as the layer fixes it, for images of the given side; nil if it takes any.
  func expectedInput(side: Int) -> Shape?
  /// The shape of the result for an input of this shape; the first axis is the batch.
  /// - Throws: `ShapeError` if the input does not fit.
  func outputShape(for input: Shape) throws -> Shape
  /// The result.
  /// - Throws: `ShapeError` if the input does not fit.
  func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor
}

/// A layer that the language makes by name: one type in one file and one line in `LayerCatalogue`.
public protocol LayerKind: Layer {
  static var card: Card { get }
  /// A layer from the arguments of a call, its weights drawn from `random`.
  /// - Throws: `ArgumentError` or `ShapeError`.
  init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws
}

/// A weight of a layer: its name below the layer, such as `W`, and its value.
public struct Parameter: Sendable {
  public var name: String
  public var value: Tensor

  public init(_ name: String, _ value: Tensor) {
    self.name = name
    self.value = value
  }
}

/// What a call of a layer may depend on beside its input.
public struct Context: Sendable {
  /// Whether the call is a training step: dropout drops and batch statistics are used.
  public var isTraining: Bool
  /// Where random numbers come from; a call moves it on.
  public var random: RandomGenerator

  public init(isTraining: Bool, random: RandomGenerator) {
    self.isTraining = isTraining
    self.random = random
  }

  /// For using a network: no dropout, nothing random.
  public static let evaluation = Context(isTraining: false, random: RandomGenerator(seed: 0))
}

extension Layer {
  public var parameters: [Parameter] { [] }
  public var countFormula: String { "" }
  public func replacing(_ values: [Tensor]) -> Self { self }
  public func expectedInput(side: Int) -> Shape? { nil }

  /// The result in use, without dropout.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    var context = Context.evaluation
    return try self(x, context: &context)
  }

  /// The number of weights.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }
}

extension LayerKind {
  public var kind: String { Self.card.name }
}
