import KernelInterface
import Tensors

/// The largest number of each window of an image; the first wins a tie, forward and backward.
///
/// **Shapes** `x: [n, c, h, w]` → `[n, c, (h + 2·padding - k) / stride + 1, …]`; a last window that does not fit whole is dropped.
public struct MaxPool2d: LayerKind {
  public let side: Int
  public let stride: Int
  /// Places at each edge that no window takes its largest number from.
  public let padding: Int

  public static let card = Card(
    name: "MaxPool2d", summary: "The largest number of each window of an image; the first wins a tie.",
    formula: "y_{ncij} = \\max_{p,q} x_{n,c,si+p,sj+q}",
    shapes: "x: [n, c, h, w] → [n, c, (h + 2·padding - k)/stride + 1, …]",
    arguments: poolArguments + [
      .optional("padding", .count(atLeast: 0), "0", "places at each edge that count for nothing, fewer than k")
    ],
    example: ("MaxPool2d(2)(reshape(range(16), 1, 1, 4, 4))[0, 0]", "[5, 7; 13, 15]"), source: "D1.S3; D4.S1")

  /// - Precondition: side and stride are positive, the padding is smaller than the side.
  public init(_ side: Int, stride: Int? = nil, padding: Int = 0) {
    precondition(side > 0 && stride ?? 1 > 0, "a window has at least one place")
    precondition(padding >= 0 && padding < side, "no window sees padding alone")
    self.side = side
    self.stride = stride ?? side
    self.padding = padding
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let (side, padding) = (arguments.count("k"), arguments.count("padding"))
    guard padding < side else { throw ArgumentError.unsuitable("padding", expected: .number(in: 0...Double(side - 1))) }
    self.init(side, stride: arguments.number("stride").map { Int($0) }, padding: padding)
  }

  public var description: String {
    "MaxPool2d(\(side)\(stride == side ? "" : ", stride: \(stride)")\(padding == 0 ? "" : ", padding: \(padding)"))"
  }
  public func outputShape(for input: Shape) throws -> Shape { try pooledShape(input, side, stride, padding) }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    let edges = WindowPadding(top: padding, left: padding, bottom: padding, right: padding)
    return try Tensors.MaxPool2d(PoolWindow(side, stride: stride, padding: edges)).apply(x)
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
    try Tensors.AveragePool2d(PoolWindow(side, stride: stride)).apply(x)
  }
}

private let poolArguments: [Argument] = [
  .required("k", .count(atLeast: 1), "side of the window"),
  .optional("stride", .count(atLeast: 1), nil, "places between two windows; k if not given"),
]

private func pooledShape(_ input: Shape, _ side: Int, _ stride: Int, _ padding: Int = 0) throws -> Shape {
  guard input.rank == 4 else { throw ShapeError.rank(input, expected: "[n, c, h, w]") }
  let (height, width) = (input[2] + 2 * padding, input[3] + 2 * padding)
  guard height >= side, width >= side else { throw ShapeError.window(input, window: [side, side]) }
  return [input[0], input[1], (height - side) / stride + 1, (width - side) / stride + 1]
}
