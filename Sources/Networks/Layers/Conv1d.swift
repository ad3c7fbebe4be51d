import Tensors

/// A convolution over sequences: each output channel is a kernel moved along the sequence.
///
/// **Shapes** `x: [n, c, l]`, `W: [out, in, k]`, `b: [out]` → `[n, out, (l + padding - k) / stride + 1]`
public struct Conv1d: LayerKind {
  public var weight: Tensor
  public var bias: Tensor?
  public let stride: Int
  public let padding: Padding

  public static let card = Card(
    name: "Conv1d", summary: "A convolution over sequences: each output channel is a kernel moved along the sequence.",
    formula: "y_{noi} = b_o + \\sum_{c,u} x_{n,c,si+u} W_{ocu}",
    shapes: "x: [n, in, l], W: [out, in, k], b: [out] → [n, out, (l + padding - k)/stride + 1]",
    arguments: [
      .required("in", .count(atLeast: 1), "channels of the input"),
      .required("out", .count(atLeast: 1), "channels of the output"),
      .required("k", .count(atLeast: 1), "length of the kernel"),
      .optional("stride", .count(atLeast: 1), "1", "places between two windows"), Padding.argument,
      Initializer.argument, .optional("W", .tensor, nil, "the kernels, instead of drawn ones"),
      .optional("b", .tensor, nil, "the bias, instead of zeros"),
      .optional("bias", .flag, "true", "whether there is a bias"),
    ],
    example: ("shape(Conv1d(2, 4, 3)(zeros(5, 2, 8)))", "[5, 4, 6]"), source: "D1; W drawn as in Keras")

  /// A layer of given weights.
  /// - Precondition: `weight: [out, in, k]`, `bias: [out]`.
  public init(weight: Tensor, bias: Tensor?, stride: Int = 1, padding: Padding = .places(0)) {
    precondition(weight.rank == 3 && (bias?.shape ?? [weight.shape[0]]) == [weight.shape[0]])
    self.init(unchecked: weight, bias, stride, padding)
  }

  private init(unchecked weight: Tensor, _ bias: Tensor?, _ stride: Int, _ padding: Padding) {
    self.weight = weight
    self.bias = bias
    self.stride = stride
    self.padding = padding
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let (inputs, outputs, length) = (arguments.count("in"), arguments.count("out"), arguments.count("k"))
    let shape = try arguments.checkedShape([outputs, inputs, length])
    let weight = try arguments.weight("W", shape, elementType) {
      Initializer(arguments).draw(
        shape, fanIn: inputs * length, fanOut: outputs * length, elementType, from: &random)
    }
    let bias =
      arguments.flag("bias", default: true)
      ? try arguments.weight("b", [outputs], elementType) { .zeros([outputs], elementType) } : nil
    self.init(unchecked: weight, bias, arguments.count("stride", default: 1), Padding(arguments))
  }

  public var description: String {
    let stride = stride == 1 ? "" : ", stride: \(stride)"
    return "Conv1d(\(weight.shape[1]), \(weight.shape[0]), \(weight.shape[2])\(stride)\(padding.suffix)"
      + "\(bias == nil ? ", bias: false" : ""))"
  }

  public var countFormula: String {
    weight.shape.dimensions.map(String.init).joined(separator: "·") + (bias == nil ? "" : " + \(weight.shape[0])")
  }

  public var parameters: [Parameter] { [Parameter("W", weight)] + (bias.map { [Parameter("b", $0)] } ?? []) }

  public func replacing(_ values: [Tensor]) -> Conv1d {
    Conv1d(unchecked: values[0], bias == nil ? nil : values[1], stride, padding)
  }

  public func expectedInput(side: Int) -> Shape? { [1, weight.shape[1], side] }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 3 else { throw ShapeError.rank(input, expected: "[n, \(weight.shape[1]), l]") }
    guard input[1] == weight.shape[1] else { throw ShapeError.extent(input, axis: 1, expected: weight.shape[1]) }
    let length = padding.count(extent: input[2], window: weight.shape[2], stride: stride)
    guard length > 0 else { throw ShapeError.window(input, window: [weight.shape[2]]) }
    return try Shape(checking: [input[0], weight.shape[0], length])
  }

  /// A convolution over images of height 1.
  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    let output = try outputShape(for: x.shape)
    let image = x.reshaped(to: [x.shape[0], x.shape[1], 1, x.shape[2]])
    let kernel = weight.reshaped(to: [weight.shape[0], weight.shape[1], 1, weight.shape[2]])
    return try convolve(image, kernel, bias, stride: (1, stride), padding: (.places(0), padding)).reshaped(to: output)
  }
}
