import KernelInterface
import Tensors

/// A convolution over images (as in all frameworks a cross-correlation): each output channel is a kernel moved over the image.
///
/// **Shapes** `x: [n, c, h, w]`, `W: [out, in, k, k]`, `b: [out]` → `[n, out, h', w']` with `h' = (h + padding - k) / stride + 1`
public struct Conv2d: LayerKind {
  public var weight: Tensor
  public var bias: Tensor?
  public let stride: Int
  public let padding: Padding

  public static let card = Card(
    name: "Conv2d", summary: "A convolution over images: each output channel is a kernel moved over the image.",
    formula: "y_{noij} = b_o + \\sum_{c,u,v} x_{n,c,si+u,sj+v} W_{ocuv}",
    shapes: "x: [n, in, h, w], W: [out, in, k, k], b: [out] → [n, out, (h + padding - k)/stride + 1, …]",
    arguments: [
      .required("in", .count(atLeast: 1), "channels of the input"),
      .required("out", .count(atLeast: 1), "channels of the output"),
      .required("k", .count(atLeast: 1), "side of the kernel"),
      .optional("stride", .count(atLeast: 1), "1", "places between two windows"), Padding.argument,
      Initializer.argument, .optional("W", .tensor, nil, "the kernels, instead of drawn ones"),
      .optional("b", .tensor, nil, "the bias, instead of zeros"),
      .optional("bias", .flag, "true", "whether there is a bias"),
    ],
    example: ("shape(Conv2d(1, 4, 3)(zeros(2, 1, 8, 8)))", "[2, 4, 6, 6]"),
    source: "D1.S3; D4.S1; W drawn as in Keras")

  /// A layer of given weights.
  /// - Precondition: `weight: [out, in, kh, kw]`, `bias: [out]`.
  public init(weight: Tensor, bias: Tensor?, stride: Int = 1, padding: Padding = .places(0)) {
    precondition(weight.rank == 4 && (bias?.shape ?? [weight.shape[0]]) == [weight.shape[0]])
    self.init(unchecked: weight, bias, stride, padding)
  }

  private init(unchecked weight: Tensor, _ bias: Tensor?, _ stride: Int, _ padding: Padding) {
    self.weight = weight
    self.bias = bias
    self.stride = stride
    self.padding = padding
  }

  /// A layer with weights drawn from `random`.
  public init(
    _ inputs: Int, _ outputs: Int, _ side: Int, stride: Int = 1, padding: Padding = .places(0),
    initializer: Initializer = .xavier, bias: Bool = true, elementType: ElementType = .float64,
    random: inout RandomGenerator
  ) {
    self.init(
      unchecked: initializer.draw(
        [outputs, inputs, side, side], fanIn: inputs * side * side, fanOut: outputs * side * side, elementType,
        from: &random),
      bias ? .zeros([outputs], elementType) : nil, stride, padding)
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let (inputs, outputs, side) = (arguments.count("in"), arguments.count("out"), arguments.count("k"))
    let shape = try arguments.checkedShape([outputs, inputs, side, side])
    let weight = try arguments.weight("W", shape, elementType) {
      Initializer(arguments).draw(
        shape, fanIn: inputs * side * side, fanOut: outputs * side * side, elementType, from: &random)
    }
    let bias =
      arguments.flag("bias", default: true)
      ? try arguments.weight("b", [outputs], elementType) { .zeros([outputs], elementType) } : nil
    self.init(unchecked: weight, bias, arguments.count("stride", default: 1), Padding(arguments))
  }

  public var description: String {
    let stride = stride == 1 ? "" : ", stride: \(stride)"
    let side = weight.shape[2]
    return "Conv2d(\(weight.shape[1]), \(weight.shape[0]), \(side)\(stride)\(padding.suffix)"
      + "\(bias == nil ? ", bias: false" : ""))"
  }

  public var countFormula: String {
    weight.shape.dimensions.map(String.init).joined(separator: "·") + (bias == nil ? "" : " + \(weight.shape[0])")
  }

  public var parameters: [Parameter] { [Parameter("W", weight)] + (bias.map { [Parameter("b", $0)] } ?? []) }

  public func replacing(_ values: [Tensor]) -> Conv2d {
    Conv2d(unchecked: values[0], bias == nil ? nil : values[1], stride, padding)
  }

  public func expectedInput(side: Int) -> Shape? { [1, weight.shape[1], side, side] }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 4 else { throw ShapeError.rank(input, expected: "[n, \(weight.shape[1]), h, w]") }
    guard input[1] == weight.shape[1] else { throw ShapeError.extent(input, axis: 1, expected: weight.shape[1]) }
    let (kh, kw) = (weight.shape[2], weight.shape[3])
    let height = padding.count(extent: input[2], window: kh, stride: stride)
    let width = padding.count(extent: input[3], window: kw, stride: stride)
    guard height > 0, width > 0 else { throw ShapeError.window(input, window: [kh, kw]) }
    return try Shape(checking: [input[0], weight.shape[0], height, width])
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    _ = try outputShape(for: x.shape)
    return try convolve(x, weight, bias, stride: (stride, stride), padding: (padding, padding))
  }
}

/// The convolution of images, with the places of padding that their size asks for.
func convolve(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, stride: (Int, Int), padding: (Padding, Padding)
) throws -> Tensor {
  let vertical = padding.0.edges(extent: x.shape[2], window: weight.shape[2], stride: stride.0)
  let horizontal = padding.1.edges(extent: x.shape[3], window: weight.shape[3], stride: stride.1)
  let convolution = Tensors.Conv2d(
    strides: (stride.0, stride.1),
    padding: WindowPadding(
      top: vertical.before, left: horizontal.before, bottom: vertical.after, right: horizontal.after))
  return try convolution.apply([x, weight] + (bias.map { [$0] } ?? []))
}
