import Tensors

/// Layers in a row: the output of each is the input of the next. A value, like everything here.
public struct Network: Layer {
  public private(set) var layers: [any Layer]
  /// The shape of an input, with 1 for the batch, if training or use has shown it.
  public var knownInput: Shape?
  /// The losses of the training that made these weights.
  public var history: History?
  /// What the weights were trained on, also if some were changed since.
  public var task: TrainingTask?

  /// A row of layers; networks among them are taken apart.
  public init(_ layers: [any Layer]) {
    self.layers = layers.flatMap { ($0 as? Network)?.layers ?? [$0] }
    knownInput = (layers.first as? Network)?.knownInput
  }

  /// A row of layers; networks among them are taken apart.
  ///
  ///     Network(Dense(4, 16, random: &random), FunctionLayer.relu, Dense(16, 3, random: &random))
  public init(_ layers: any Layer...) { self.init(layers) }

  public var kind: String { "Network" }
  public var description: String { layers.map(\.description).joined(separator: " >> ") }
  public var count: Int { layers.count }

  /// One layer; setting it makes a network with that layer changed.
  public subscript(index: Int) -> any Layer {
    get { layers[index] }
    set {
      layers[index] = newValue
      history = nil
    }
  }

  public func outputShape(for input: Shape) throws -> Shape {
    var shape = input
    for (index, layer) in layers.enumerated() {
      shape = try located(index, shape) { try layer.outputShape(for: shape) }
    }
    return shape
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = try located(index, x.shape) { try layer(x, context: &context) }
    }
    return x
  }

  /// Says which layer a shape error comes from.
  private func located<Result>(_ index: Int, _ input: Shape, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let problem as ShapeError {
      throw LayerError(path: [index], kind: layers[index].kind, input: input, problem: problem)
    } catch var inner as LayerError {
      inner.path.insert(index, at: 0)
      throw inner
    }
  }
}

/// A shape error and the layer in which it arose.
public struct LayerError: Error, Sendable, Equatable {
  /// The layer's index, and those inside it.
  public var path: [Int]
  public let kind: String
  /// What the layer was given.
  public let input: Shape
  public let problem: ShapeError
}

extension Network {
  /// The weights of all layers, named `[0].W`; in `net` the first is `net[0].W`.
  public var parameters: [Parameter] { named(\.parameters) }
  public var buffers: [Parameter] { named(\.buffers) }
  public var stateCount: Int { layers.reduce(0) { $0 + $1.stateCount } }

  private func named(_ list: (any Layer) -> [Parameter]) -> [Parameter] {
    layers.enumerated().flatMap { index, layer in list(layer).map { $0.below("[\(index)]") } }
  }

  public func replacing(_ values: [Tensor]) -> Network {
    var copy = self
    copy.layers = layers.replacing(values)
    return copy
  }

  public func replacing(buffers: [Tensor]) -> Network {
    var copy = self
    copy.layers = layers.replacing(buffers: buffers)
    return copy
  }

  /// The network with its running statistics moved by one batch, as a step of training moves them, and nothing else changed.
  public func observing(_ x: Tensor, context: inout Context) throws -> Network {
    context.isTraining = true
    context.movedBuffers = []
    _ = try self(x, context: &context)
    var copy = replacing(buffers: context.movedBuffers)
    copy.knownInput = inputShape(seeing: Shape(Array(x.shape.dimensions.dropFirst())))
    return copy
  }

  /// What the shape of an input is once a sample has been seen: where the layers take any extent, 0.
  func inputShape(seeing sample: Shape) -> Shape {
    let seen = Shape([1] + sample.dimensions)
    guard let expected = expectedInput(side: 1), expected.rank == seen.rank else { return seen }
    let open = Shape(zip(seen.dimensions, expected.dimensions).map { $1 == 0 ? 0 : $0 })
    return (try? outputShape(for: open)) == nil ? seen : open
  }

  public var countFormula: String { layers.map(\.countFormula).filter { !$0.isEmpty }.joined(separator: " + ") }

  public func expectedInput(side: Int) -> Shape? {
    for layer in layers {
      if let shape = layer.expectedInput(side: side) { return shape }
    }
    return nil
  }

  /// The precision of the weights; nil without weights.
  public var elementType: ElementType? { parameters.first?.value.elementType }

  /// The same network with weights of another precision.
  public func cast(to type: ElementType) -> Network {
    replacing(parameters.map { $0.value.detached.cast(to: type) })
      .replacing(buffers: buffers.map { $0.value.cast(to: type) })
  }
}

extension [any Layer] {
  /// The layers with other weights, shared out in order.
  func replacing(_ values: [Tensor]) -> [any Layer] {
    sharing(values, { $0.parameters.count }) { $0.replacing($1) }
  }

  /// The layers with other buffers, shared out in order.
  func replacing(buffers: [Tensor]) -> [any Layer] {
    sharing(buffers, { $0.buffers.count }) { $0.replacing(buffers: $1) }
  }

  private func sharing(
    _ values: [Tensor], _ count: (any Layer) -> Int, _ change: (any Layer, [Tensor]) -> any Layer
  ) -> [any Layer] {
    var next = 0
    let changed = map { layer -> any Layer in
      let count = count(layer)
      guard count > 0 else { return layer }
      defer { next += count }
      return change(layer, Array<Tensor>(values[next..<(next + count)]))
    }
    precondition(next == values.count, "as many values as there are places")
    return changed
  }
}
