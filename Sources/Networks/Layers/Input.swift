import Tensors

/// What a network is made for: hands its input on, and takes inputs of one shape only.
///
/// A network of convolutions takes images of many sizes, so its table cannot tell the size that is meant; with this in front it does.
///
/// **Shapes** `x: [n, …]`, as given → the same
public struct Input: LayerKind {
  /// The shape of one sample.
  public let shape: Shape

  public static let card = Card(
    name: "Input", summary: "What a network is made for: hands inputs of this shape on, and refuses others.",
    formula: "y = x", shapes: "x: [n, ...], the rest as given → the same",
    arguments: [.required("shape", .extents, "the extents of one sample, as in [3, 32, 32]")],
    example: ("shape((Input([1, 8, 8]) >> Flatten())(zeros(2, 1, 8, 8)))", "[2, 64]"), source: "Keras")

  public init(_ shape: Shape) { self.shape = shape }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    guard let extents = arguments.tensor("shape") else { throw ArgumentError.missing("shape") }
    self.init(try Shape(checking: extents.elements.map { Int($0) }))
  }

  public var description: String {
    "Input(\(shape.rank == 1 ? "\(shape[0])" : shape.description))"
  }

  public func expectedInput(side: Int) -> Shape? { Shape([1] + shape.dimensions) }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == shape.rank + 1 else {
      throw ShapeError.rank(input, expected: "[n, " + shape.description.dropFirst())
    }
    for axis in 0..<shape.rank where input[axis + 1] != shape[axis] {
      throw ShapeError.extent(input, axis: axis + 1, expected: shape[axis])
    }
    return input
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    _ = try outputShape(for: x.shape)
    return x
  }
}
