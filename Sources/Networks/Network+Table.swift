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
        countFormula: Self.shortened(layer.countFormula), count: layer.parameterCount,
        parameterNames: Self.shortened(layer))
    }
  }

  /// A sum of so many terms that it fits a line, and … for the rest.
  private static func shortened(_ formula: String) -> String {
    guard formula.count > 32 else { return formula }
    let terms = formula.split(separator: " ")
    var text = ""
    for term in terms {
      guard text.count + term.count < 30 else { break }
      text += (text.isEmpty ? "" : " ") + term
    }
    while let last = text.last, last == " " || last == "+" { text.removeLast() }
    return text + " + …"
  }

  /// The names of a layer's weights, of its parts if it is made of layers; … for what is more than a few.
  private static func shortened(_ layer: any Layer) -> [String] {
    let names =
      (layer as? any CompositeLayer)?.parts.filter { $0.layer.parameterCount > 0 }.map(\.name)
      ?? layer.parameters.map(\.name)
    return names.count > 8 ? Array(names.prefix(4)) + ["…"] : names
  }
}
