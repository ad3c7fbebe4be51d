import Tensors

/// All axes but the first as one: an image becomes a row of numbers.
///
/// **Shapes** `x: [n, …]` → `[n, the product of the rest]`, the last axis fastest: for images channels, then rows.
public struct Flatten: LayerKind {
  public static let card = Card(
    name: "Flatten", summary: "All axes but the first as one: an image becomes a row of numbers.",
    formula: "y_{n,(chw)} = x_{nchw}", shapes: "x: [n, c, h, w] → [n, c·h·w]",
    example: ("shape(Flatten()(zeros(2, 3, 4, 4)))", "[2, 48]"), source: "D1.S3; D4.S1")

  public init() {}
  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {}

  public var description: String { "Flatten()" }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank > 0 else { throw ShapeError.rank(input, expected: "[n, …]") }
    return [input[0], input.dimensions.dropFirst().reduce(1, *)]
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    x.reshaped(to: try outputShape(for: x.shape))
  }
}
