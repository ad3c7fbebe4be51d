import KernelInterface
import Tensors

/// What the convolutions over sequences and over images share: `[out, in, k, …]` kernels, a bias for each output channel, a stride and
/// padding that are the same along every axis.
public protocol ConvolutionLayer: LayerKind {
  /// The axes a kernel moves along, as in shapes: `h, w`.
  static var axes: [String] { get }
  var weight: Tensor { get }
  var bias: Tensor? { get }
  var stride: Int { get }
  var padding: Padding { get }
  /// A layer of weights that are known to fit.
  init(unchecked weight: Tensor, _ bias: Tensor?, stride: Int, padding: Padding)
}

extension ConvolutionLayer {
  /// The arguments of a call; `side` says what `k` is.
  static func arguments(_ side: String) -> [Argument] {
    [
      .required("in", .count(atLeast: 1), "channels of the input"),
      .required("out", .count(atLeast: 1), "channels of the output"),
      .required("k", .count(atLeast: 1), side),
      .optional("stride", .count(atLeast: 1), "1", "places between two windows"), Padding.argument,
      Initializer.argument, .optional("W", .tensor, nil, "the kernels, instead of drawn ones"),
      .optional("b", .tensor, nil, "the bias, instead of zeros"),
      .optional("bias", .flag, "true", "whether there is a bias"),
    ]
  }

  /// A layer of given weights.
  /// - Precondition: `weight: [out, in, k, …]`, `bias: [out]`.
  public init(weight: Tensor, bias: Tensor?, stride: Int = 1, padding: Padding = .places(0)) {
    precondition(weight.rank == 2 + Self.axes.count && (bias?.shape ?? [weight.shape[0]]) == [weight.shape[0]])
    self.init(unchecked: weight, bias, stride: stride, padding: padding)
  }

  /// A layer with weights drawn from `random`.
  public init(
    _ inputs: Int, _ outputs: Int, _ side: Int, stride: Int = 1, padding: Padding = .places(0),
    initializer: Initializer = .xavier, bias: Bool = true, elementType: ElementType = .float64,
    random: inout RandomGenerator
  ) {
    let shape = Shape(Self.kernelShape(inputs, outputs, side))
    self.init(
      unchecked: Self.draw(shape, initializer, elementType, &random), bias ? .zeros([outputs], elementType) : nil,
      stride: stride, padding: padding)
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let outputs = arguments.count("out")
    let shape = try arguments.checkedShape(
      Self.kernelShape(arguments.count("in"), outputs, arguments.count("k")))
    let weight = try arguments.weight("W", shape, elementType) {
      Self.draw(shape, Initializer(arguments), elementType, &random)
    }
    let bias =
      arguments.flag("bias", default: true)
      ? try arguments.weight("b", [outputs], elementType) { .zeros([outputs], elementType) } : nil
    self.init(
      unchecked: weight, bias, stride: arguments.count("stride", default: 1), padding: Padding(arguments))
  }

  private static func kernelShape(_ inputs: Int, _ outputs: Int, _ side: Int) -> [Int] {
    [outputs, inputs] + [Int](repeating: side, count: axes.count)
  }

  private static func draw(
    _ shape: Shape, _ initializer: Initializer, _ type: ElementType, _ random: inout RandomGenerator
  ) -> Tensor {
    let places = shape.dimensions.dropFirst(2).reduce(1, *)
    return initializer.draw(shape, fanIn: shape[1] * places, fanOut: shape[0] * places, type, from: &random)
  }

  public var description: String {
    let stride = stride == 1 ? "" : ", stride: \(stride)"
    return "\(kind)(\(weight.shape[1]), \(weight.shape[0]), \(weight.shape.last)\(stride)\(padding.suffix)"
      + "\(bias == nil ? ", bias: false" : ""))"
  }

  public var countFormula: String {
    weight.shape.dimensions.map(String.init).joined(separator: "·") + (bias == nil ? "" : " + \(weight.shape[0])")
  }

  public var parameters: [Parameter] { [Parameter("W", weight)] + (bias.map { [Parameter("b", $0)] } ?? []) }

  public func replacing(_ values: [Tensor]) -> Self {
    Self(unchecked: values[0], bias == nil ? nil : values[1], stride: stride, padding: padding)
  }

  public func expectedInput(side: Int) -> Shape? {
    Shape([1, weight.shape[1]] + [Int](repeating: side, count: Self.axes.count))
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 2 + Self.axes.count else {
      throw ShapeError.rank(input, expected: "[n, \(weight.shape[1]), \(Self.axes.joined(separator: ", "))]")
    }
    guard input[1] == weight.shape[1] else { throw ShapeError.extent(input, axis: 1, expected: weight.shape[1]) }
    let window = Array(weight.shape.dimensions.dropFirst(2))
    let counts = window.indices.map { padding.count(extent: input[2 + $0], window: window[$0], stride: stride) }
    guard counts.allSatisfy({ $0 > 0 }) else { throw ShapeError.window(input, window: window) }
    return try Shape(checking: [input[0], weight.shape[0]] + counts)
  }
}

/// A convolution over images (as in all frameworks a cross-correlation): each output channel is a kernel moved over the image.
///
/// **Shapes** `x: [n, c, h, w]`, `W: [out, in, k, k]`, `b: [out]` → `[n, out, h', w']` with `h' = (h + padding - k) / stride + 1`
public struct Conv2d: ConvolutionLayer {
  public static let axes = ["h", "w"]
  public let weight: Tensor
  public let bias: Tensor?
  public let stride: Int
  public let padding: Padding

  public static let card = Card(
    name: "Conv2d", summary: "A convolution over images: each output channel is a kernel moved over the image.",
    formula: "y_{noij} = b_o + \\sum_{c,u,v} x_{n,c,si+u,sj+v} W_{ocuv}",
    shapes: "x: [n, in, h, w], W: [out, in, k, k], b: [out] → [n, out, (h + padding - k)/stride + 1, …]",
    arguments: arguments("side of the kernel"),
    example: ("shape(Conv2d(1, 4, 3)(zeros(2, 1, 8, 8)))", "[2, 4, 6, 6]"),
    source: "D1.S3; D4.S1; W drawn as in Keras")

  public init(unchecked weight: Tensor, _ bias: Tensor?, stride: Int, padding: Padding) {
    (self.weight, self.bias, self.stride, self.padding) = (weight, bias, stride, padding)
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    _ = try outputShape(for: x.shape)
    let (rows, columns) = (edges(x, 2), edges(x, 3))
    let convolution = Tensors.Conv2d(
      strides: (stride, stride),
      padding: WindowPadding(top: rows.before, left: columns.before, bottom: rows.after, right: columns.after))
    return try convolution.apply([x, weight] + (bias.map { [$0] } ?? []))
  }
}

/// A convolution over sequences: each output channel is a kernel moved along the sequence.
///
/// **Shapes** `x: [n, c, l]`, `W: [out, in, k]`, `b: [out]` → `[n, out, (l + padding - k) / stride + 1]`
public struct Conv1d: ConvolutionLayer {
  public static let axes = ["l"]
  public let weight: Tensor
  public let bias: Tensor?
  public let stride: Int
  public let padding: Padding

  public static let card = Card(
    name: "Conv1d", summary: "A convolution over sequences: each output channel is a kernel moved along the sequence.",
    formula: "y_{noi} = b_o + \\sum_{c,u} x_{n,c,si+u} W_{ocu}",
    shapes: "x: [n, in, l], W: [out, in, k], b: [out] → [n, out, (l + padding - k)/stride + 1]",
    arguments: arguments("length of the kernel"),
    example: ("shape(Conv1d(2, 4, 3)(zeros(5, 2, 8)))", "[5, 4, 6]"), source: "D1; W drawn as in Keras")

  public init(unchecked weight: Tensor, _ bias: Tensor?, stride: Int, padding: Padding) {
    (self.weight, self.bias, self.stride, self.padding) = (weight, bias, stride, padding)
  }

  /// A convolution over images of height 1.
  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    let output = try outputShape(for: x.shape)
    let columns = edges(x, 2)
    let convolution = Tensors.Conv2d(
      strides: (1, stride), padding: WindowPadding(left: columns.before, right: columns.after))
    let image = x.reshaped(to: x.shape.inserting(1, at: 2))
    let kernel = weight.reshaped(to: weight.shape.inserting(1, at: 2))
    return try convolution.apply([image, kernel] + (bias.map { [$0] } ?? [])).reshaped(to: output)
  }
}

extension ConvolutionLayer {
  /// The places of padding before and after an axis of the input.
  fileprivate func edges(_ x: Tensor, _ axis: Int) -> (before: Int, after: Int) {
    padding.edges(extent: x.shape[axis], window: weight.shape[axis], stride: stride)
  }
}
