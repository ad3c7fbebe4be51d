import Tensors

/// A fully connected layer: every output is a weighted sum of all inputs.
///
/// **Shapes** `x: […, in]`, `W: [in, out]`, `b: [out]` → `[…, out]`
public struct Dense: LayerKind {
  public var weight: Tensor
  public var bias: Tensor?

  public static let card = Card(
    name: "Dense", summary: "A fully connected layer: every output is a weighted sum of all inputs.",
    formula: "y = x W + b", shapes: "x: [..., in], W: [in, out], b: [out] → [..., out]",
    arguments: [
      .required("in", .count(atLeast: 1), "inputs"), .required("out", .count(atLeast: 1), "outputs"),
      Initializer.argument,
      .optional("W", .tensor, nil, "the weights, instead of drawn ones"),
      .optional("b", .tensor, nil, "the bias, instead of zeros"),
      .optional("bias", .flag, "true", "whether there is a bias"),
    ],
    example: ("Dense(2, 3, W: [1, 0, 2; 0, 1, 0], b: [0, 0, 1])([1, 2; 3, 4])", "[1, 2, 3; 3, 4, 7]"),
    source: "D4.S1; W drawn as in Keras")

  /// A layer of given weights.
  public init(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }

  /// A layer with weights drawn from `random`.
  public init(
    _ inputs: Int, _ outputs: Int, initializer: Initializer = .xavier, bias: Bool = true,
    elementType: ElementType = .float64, random: inout RandomGenerator
  ) {
    weight = initializer.draw(
      [inputs, outputs], fanIn: inputs, fanOut: outputs, elementType, from: &random)
    self.bias = bias ? .zeros([outputs], elementType) : nil
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let (inputs, outputs) = (arguments.count("in"), arguments.count("out"))
    weight = try arguments.weight("W", arguments.checkedShape([inputs, outputs]), elementType) {
      Initializer(arguments).draw([inputs, outputs], fanIn: inputs, fanOut: outputs, elementType, from: &random)
    }
    bias =
      arguments.flag("bias", default: true)
      ? try arguments.weight("b", [outputs], elementType) { .zeros([outputs], elementType) } : nil
  }

  public var inputs: Int { weight.shape[0] }
  public var outputs: Int { weight.shape[1] }
  public var description: String { "Dense(\(inputs), \(outputs)\(bias == nil ? ", bias: false" : ""))" }
  public var countFormula: String { "\(inputs)·\(outputs)" + (bias == nil ? "" : " + \(outputs)") }
  public var parameters: [Parameter] {
    bias.map { [Parameter("W", weight), Parameter("b", $0)] } ?? [Parameter("W", weight)]
  }

  public func replacing(_ values: [Tensor]) -> Dense {
    Dense(weight: values[0], bias: bias == nil ? nil : values[1])
  }

  public func expectedInput(side: Int) -> Shape? { [1, inputs] }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank > 0 else { throw ShapeError.rank(input, expected: "[n, \(inputs)]") }
    guard input.last == inputs else {
      throw ShapeError.extent(input, axis: input.rank - 1, expected: inputs)
    }
    var output = input
    output[input.rank - 1] = outputs
    return output
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    _ = try outputShape(for: x.shape)
    let product = try x.product(weight)
    return bias.map { product + $0 } ?? product
  }
}
