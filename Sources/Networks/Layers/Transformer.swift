import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Sines and cosines of each step's place added to its features, so that attention can tell the steps apart.
///
/// **Shapes** `x: […, t, d]` → the same
public struct PositionalEncoding: LayerKind {
  public let width: Int

  public static let card = Card(
    name: "PositionalEncoding",
    summary: "Sines and cosines of each step's place added to its features, so that attention can tell steps apart.",
    formula: "y_{p,2i} = x_{p,2i} + \\sin\\frac{p}{10000^{2i/d}}, \\quad "
      + "y_{p,2i+1} = x_{p,2i+1} + \\cos\\frac{p}{10000^{2i/d}}",
    shapes: "x: [..., t, d] → [..., t, d]", arguments: [.required("d", .count(atLeast: 1), "features")],
    example: ("PositionalEncoding(2)(zeros(1, 2))", "[[0, 1]]"), source: "Vaswani et al. 2017")

  public init(_ width: Int) { self.width = width }
  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    self.init(arguments.count("d"))
  }

  public var description: String { "PositionalEncoding(\(width))" }
  public func expectedInput(side: Int) -> Shape? { [1, 0, width] }

  public func outputShape(for input: Shape) throws -> Shape {
    try Attending.check(input, width)
    return input
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    try Attending.check(x.shape, width)
    let steps = x.shape[x.rank - 2]
    let places = (0..<(steps * width)).map { place -> Double in
      let (step, feature) = (place / width, place % width)
      let angle = Double(step) / pow(10_000, Double(feature / 2 * 2) / Double(width))
      return feature % 2 == 0 ? sin(angle) : cos(angle)
    }
    return x + Tensor(places, shape: [steps, width], x.elementType)
  }
}

/// A block of the Transformer: attention and a small network at each step, each added to its input and normalised.
///
/// With `norm: "after"`, as first published: `u = LayerNorm(x + attention(x))`, `y = LayerNorm(u + W₂ f(W₁ u))`; with
/// `"before"` the input of each part is normalised instead, and the sum is left as it is.
///
/// **Shapes** `x: […, t, d]` → the same
public struct TransformerBlock: CompositeLayer {
  /// Attention, its norm, the two dense layers, their norm.
  private let layers: [any Layer]
  private let width, heads, hidden: Int
  private let isCausal, normalizesFirst: Bool
  private let dropout: Dropout
  private let activation: String

  public static let card = Card(
    name: "TransformerBlock",
    summary: "Attention, then a small network at each step, each added to its input and normalised.",
    formula: "u = N(x + A(x)), \\quad y = N(u + W_2 f(W_1 u + b_1) + b_2)",
    shapes: "x: [..., t, d] → [..., t, d]",
    arguments: [
      .required("d", .count(atLeast: 1), "features"),
      .required("heads", .count(atLeast: 1), "heads of the attention; d is a multiple of it"),
      .optional("hidden", .count(atLeast: 1), nil, "units of the small network; 4·d if not given"),
      Attending.causalArgument,
      .optional("dropout", .number(in: 0...0.999_999), "0", "the share dropped after each part"),
      .optional("norm", .word(["after", "before"]), "\"after\"", "normalise sums, or what goes into the parts"),
      .optional("activation", .word(["relu", "gelu"]), "\"relu\"", "of the small network"), Initializer.argument,
    ],
    example: ("shape(TransformerBlock(4, 2)(zeros(3, 5, 4)))", "(3, 5, 4)"),
    source: "Vaswani et al. 2017; torch.nn.TransformerEncoderLayer")

  public init(
    _ width: Int, _ heads: Int, hidden: Int? = nil, isCausal: Bool = false, dropout: Double = 0,
    normalizesFirst: Bool = false, activation: String = "relu", initializer: Initializer = .xavier,
    elementType: ElementType = .float64, random: inout RandomGenerator
  ) {
    let hidden = hidden ?? 4 * width
    layers = [
      MultiHeadAttention(
        width, heads, isCausal: isCausal, initializer: initializer, elementType: elementType, random: &random),
      LayerNorm(width, elementType: elementType),
      Dense(width, hidden, initializer: initializer, elementType: elementType, random: &random),
      Dense(hidden, width, initializer: initializer, elementType: elementType, random: &random),
      LayerNorm(width, elementType: elementType),
    ]
    (self.width, self.heads, self.hidden) = (width, heads, hidden)
    (self.isCausal, self.normalizesFirst, self.activation) = (isCausal, normalizesFirst, activation)
    self.dropout = Dropout(dropout)
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    try Attending.checkHeads(arguments)
    let width = arguments.count("d")
    let hidden = arguments.count("hidden", default: 4 * width)
    try MemoryLimit.check(arguments.checkedShape([width, hidden]), elementType)
    self.init(
      width, arguments.count("heads"), hidden: hidden, isCausal: arguments.flag("causal"),
      dropout: arguments.number("dropout", default: 0), normalizesFirst: arguments.word("norm") == "before",
      activation: arguments.word("activation") ?? "relu", initializer: Initializer(arguments),
      elementType: elementType, random: &random)
  }

  private init(_ other: TransformerBlock, layers: [any Layer]) {
    self.layers = layers
    (width, heads, hidden) = (other.width, other.heads, other.hidden)
    (isCausal, normalizesFirst, activation) = (other.isCausal, other.normalizesFirst, other.activation)
    dropout = other.dropout
  }

  public var parts: [(name: String, layer: any Layer)] {
    zip(["attention", "norm1", "expand", "contract", "norm2"], layers).map { ($0, $1) }
  }

  public func replacing(parts: [any Layer]) -> TransformerBlock { TransformerBlock(self, layers: parts) }

  public var description: String {
    var text = "TransformerBlock(\(width), \(heads)"
    if hidden != 4 * width { text += ", hidden: \(hidden)" }
    if isCausal { text += ", causal: true" }
    if dropout.probability > 0 { text += ", dropout: \(shortest(dropout.probability))" }
    if normalizesFirst { text += ", norm: \"before\"" }
    if activation != "relu" { text += ", activation: \"\(activation)\"" }
    return text + ")"
  }

  public func expectedInput(side: Int) -> Shape? { [1, 0, width] }

  public func outputShape(for input: Shape) throws -> Shape {
    try Attending.check(input, width)
    return input
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    try Attending.check(x.shape, width)
    func add(_ x: Tensor, norm: any Layer, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
      let inner = try body(normalizesFirst ? norm(x, context: &context) : x)
      let sum = x + (try dropout(inner, context: &context))
      return normalizesFirst ? sum : try norm(sum, context: &context)
    }
    let attended = try add(x, norm: layers[1]) { try layers[0]($0, context: &context) }
    return try add(attended, norm: layers[4]) {
      let inner = try layers[2]($0, context: &context)
      return try layers[3](activation == "gelu" ? inner.gelu() : inner.relu(), context: &context)
    }
  }
}
