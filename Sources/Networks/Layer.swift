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
  /// Numbers that training moves along but no derivative reaches, such as running statistics, in a fixed order.
  var buffers: [Parameter] { get }
  /// The same layer with other such numbers, in the order of `buffers`.
  func replacing(buffers: [Tensor]) -> Self
  /// How many tensors carry the layer's state from one sequence to the next.
  var stateCount: Int { get }
  /// How the number of weights comes about, such as `4·16 + 16`; empty without weights.
  var countFormula: String { get }
  /// The shape of an input, as far as the layer fixes it, for images of the given side; 0 for an axis of any extent, such as the
  /// steps of a sequence; nil if it takes any shape.
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

  /// The same weight as a larger whole names it: `body[0].W`, `attention.Wq`.
  func below(_ prefix: String) -> Parameter {
    Parameter(prefix + (name.hasPrefix("[") ? "" : ".") + name, value)
  }
}

/// What a call of a layer may depend on beside its input.
public struct Context: Sendable {
  /// Whether the call is a training step: dropout drops and batch statistics are used.
  public var isTraining: Bool
  /// Where random numbers come from; a call moves it on.
  public var random: RandomGenerator
  /// `[n, t]`, 0 where a step of a sequence is padding: attention does not look there, recurrent layers keep their state.
  public var mask: Tensor?
  /// What attention looks at instead of the input itself, and what it takes from there; the keys if nil.
  public var keys, values: Tensor?
  /// What recurrent layers begin with; each takes its `stateCount` from the front, and zeros once none is left. If nil, all begin with
  /// zeros and leave nothing in `finalStates`.
  public var states: [Tensor]?
  /// What recurrent layers end with, if `states` is not nil.
  public var finalStates: [Tensor] = []
  /// The buffers of the network after a training step, in their order.
  public var movedBuffers: [Tensor] = []

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
  public var buffers: [Parameter] { [] }
  public func replacing(buffers: [Tensor]) -> Self { self }
  public var stateCount: Int { 0 }
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
