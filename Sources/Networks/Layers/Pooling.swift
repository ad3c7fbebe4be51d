import Tensors

/// The largest number of each window of an image; the first wins a tie, forward and backward.
///
/// **Shapes** `x: [n, c, h, w]` → `[n, c, (h - k) / stride + 1, …]`; a last window that does not fit whole is dropped.
public struct MaxPool2d: LayerKind {
  public let side: Int
  public let stride: Int

  public static let card = Card(
    name: "MaxPool2d", summary: "The largest number of each window of an image; the first wins a tie.",
    formula: "y_{ncij} = \\max_{p,q} x_{n,c,si+p,sj+q}", shapes: "x: [n, c, h, w] → [n, c, (h - k)/stride + 1, …]",
    arguments: poolArguments,
    example: ("MaxPool2d(2)(reshape(range(16), 1, 1, 4, 4))[0, 0]", "[5, 7; 13, 15]"), source: "D1.S3; D4.S1")

  /// - Precondition: both are positive.
  public init(_ side: Int, stride: Int? = nil) {
    precondition(side > 0 && stride ?? 1 > 0, "a window has at least one place")
    self.side = side
    self.stride = stride ?? side
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    self.init(arguments.count("k"), stride: arguments.number("stride").map { Int($0) })
  }

  public var description: String { "MaxPool2d(\(side)\(stride == side ? "" : ", stride: \(stride)"))" }
  public func outputShape(for input: Shape) throws -> Shape { try pooledShape(input, side, stride) }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    try Tensors.MaxPool2d(PoolWindow(side, stride: stride)).apply([x])
  }
}

/// The mean of each window of an image.
///
/// **Shapes** `x: [n, c, h, w]` → `[n, c, (h - k) / stride + 1, …]`; a last window that does not fit whole is dropped.
public struct AvgPool2d: LayerKind {
  public let side: Int
  public let stride: Int

  public static let card = Card(
    name: "AvgPool2d", summary: "The mean of each window of an image.",
    formula: "y_{ncij} = \\frac{1}{k^2} \\sum_{p,q} x_{n,c,si+p,sj+q}",
    shapes: "x: [n, c, h, w] → [n, c, (h - k)/stride + 1, …]", arguments: poolArguments,
    example: ("AvgPool2d(2)(reshape(range(16), 1, 1, 4, 4))[0, 0]", "[2.5, 4.5; 10.5, 12.5]"), source: "D4")

  /// - Precondition: both are positive.
  public init(_ side: Int, stride: Int? = nil) {
    precondition(side > 0 && stride ?? 1 > 0, "a window has at least one place")
    self.side = side
    self.stride = stride ?? side
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    self.init(arguments.count("k"), stride: arguments.number("stride").map { Int($0) })
  }

  public var description: String { "AvgPool2d(\(side)\(stride == side ? "" : ", stride: \(stride)"))" }
  public func outputShape(for input: Shape) throws -> Shape { try pooledShape(input, side, stride) }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    try Tensors.AveragePool2d(PoolWindow(side, stride: stride)).apply([x])
  }
}

private let poolArguments: [Argument] = [
  .required("k", .count(atLeast: 1), "side of the window"),
  .optional("stride", .count(atLeast: 1), nil, "places between two windows; k if not given"),
]

private func pooledShape(_ input: Shape, _ side: Int, _ stride: Int) throws -> Shape {
  guard input.rank == 4 else { throw ShapeError.rank(input, expected: "[n, c, h, w]") }
  guard input[2] >= side, input[3] >= side else { throw ShapeError.window(input, window: [side, side]) }
  return [input[0], input[1], (input[2] - side) / stride + 1, (input[3] - side) / stride + 1]
}
