import Tensors

extension Network {
  /// One line of the table of layers.
  public struct Row: Sendable {
    public let index: Int
    /// `Dense`.
    public let kind: String
    /// `Dense(4, 16)`.
    public let description: String
    /// The shape of the output, with 1 for the batch and 0 for steps of any number; nil if the input's shape is not known.
    public let output: Shape?
    /// `4·16 + 16`, empty without weights.
    public let countFormula: String
    public let count: Int
    /// `W`, `b`.
    public let parameterNames: [String]
  }

  /// The shape of an input with 1 for the batch, 0 for a sequence of any length: what training has shown, or what the layers leave open only one way.
  ///
  /// Where a convolution leaves the size of an image open, the smallest square one that all layers accept and that a later layer
  /// fixes is taken; nil if none does.
  public var inputShape: Shape? {
    if let knownInput { return knownInput }
    guard let first = expectedInput(side: 1) else { return nil }
    guard first != expectedInput(side: 2) else { return first }
    guard
      layers.contains(where: {
        $0.expectedInput(side: 1) != nil && $0.expectedInput(side: 1) == $0.expectedInput(side: 2)
      })
    else { return nil }
    for side in 1...512 {
      guard let shape = expectedInput(side: side) else { return nil }
      if (try? outputShape(for: shape)) != nil { return shape }
    }
    return nil
  }

  /// The shape of the output with 1 for the batch.
  public var outputShape: Shape? { inputShape.flatMap { try? outputShape(for: $0) } }

  /// The table of layers, for the echo and `:summary`.
  public var table: [Row] {
    var shape = inputShape
    return layers.enumerated().map { index, layer in
      if let input = shape { shape = try? layer.outputShape(for: input) }
      if shape == nil, index + 1 < layers.count, let next = layers[index + 1].expectedInput(side: 1),
        next == layers[index + 1].expectedInput(side: 2)
      {
        shape = next
      }
      return Row(
        index: index, kind: layer.kind, description: layer.description, output: shape,
        countFormula: layer.countFormula, count: layer.parameterCount, parameterNames: layer.parameters.map(\.name))
    }
  }
}
