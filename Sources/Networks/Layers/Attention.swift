import Tensors

/// Each query's mean of the values, weighted by how well its key fits: `softmax(s QKᵀ) V`, without weights of its own.
///
/// As a layer it looks from each step of a sequence at all steps; `net(x, keys: k, values: v)` looks elsewhere.
///
/// **Shapes** `x: […, t, d]` → the same; with keys `[…, u, d]` and values `[…, u, e]` → `[…, t, e]`
public struct Attention: LayerKind {
  public let isScaled: Bool
  public let isCausal: Bool

  public static let card = Card(
    name: "Attention",
    summary: "Each step's mean of all steps, weighted by how well they fit: softmax of dot products.",
    formula: "y = \\mathrm{softmax}\\left(\\frac{Q K^T}{\\sqrt{d}}\\right) V",
    shapes: "x: [..., t, d] → [..., t, d]; with keys: [..., u, d], values: [..., u, e] → [..., t, e]; "
      + "mask: [n, u], 0 hides a step",
    arguments: [
      .optional("scaled", .flag, "true", "whether scores are divided by the root of d"), Attending.causalArgument,
    ],
    example: ("Attention()([1, 0; 1, 0], values: [2, 0; 4, 0])", "[3, 0; 3, 0]"),
    source: "D1.S5, D3 §3.3; Vaswani et al. 2017; Keras' Attention is unscaled")

  public init(isScaled: Bool = true, isCausal: Bool = false) {
    self.isScaled = isScaled
    self.isCausal = isCausal
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    self.init(isScaled: arguments.flag("scaled", default: true), isCausal: arguments.flag("causal"))
  }

  public var description: String {
    let options = (isScaled ? [] : ["scaled: false"]) + (isCausal ? ["causal: true"] : [])
    return "Attention(\(options.joined(separator: ", ")))"
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank >= 2 else { throw ShapeError.rank(input, expected: "[..., t, d]") }
    return input
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    _ = try outputShape(for: x.shape)
    let (keys, values) = context.attended(x)
    return try attention(
      x, keys, values, mask: context.keyMask(keys, rank: x.rank), isCausal: isCausal, isScaled: isScaled)
  }
}

/// Attention whose scores come from a small network: `e_ij = v · tanh(W q_i + R k_j + b)`.
///
/// **Shapes** `x: […, t, d]`, `W: [d, hidden]`, `R: [keys, hidden]`, `b, v: [hidden]` → `[…, t, d]`
public struct AdditiveAttention: LayerKind {
  public var queryWeight, keyWeight, bias, scores: Tensor

  public static let card = Card(
    name: "AdditiveAttention", summary: "Attention whose scores come from a small network of the query and the key.",
    formula: "e_{ij} = v^T \\tanh(W q_i + R k_j + b), \\quad y_i = \\sum_j \\mathrm{softmax}(e_i)_j v_j",
    shapes: "x: [..., t, d], W: [d, hidden], R: [keys, hidden], b, v: [hidden] → [..., t, d]",
    arguments: [
      .required("d", .count(atLeast: 1), "numbers of a query"),
      .required("hidden", .count(atLeast: 1), "units of the small network"),
      .optional("keys", .count(atLeast: 1), nil, "numbers of a key; d if not given"), Initializer.argument,
    ],
    example: ("AdditiveAttention(2, 3, init: \"zeros\")([1, 2; 3, 4])", "[2, 3; 2, 3]"),
    source: "D3 §3.3, corrected; Bahdanau et al. 2015")

  /// A layer of given weights.
  /// - Precondition: `W: [d, hidden]`, `R: [keys, hidden]`, `b, v: [hidden]`.
  public init(queryWeight: Tensor, keyWeight: Tensor, bias: Tensor, scores: Tensor) {
    let hidden: Shape = [queryWeight.shape.last]
    precondition(queryWeight.rank == 2 && keyWeight.rank == 2 && keyWeight.shape.last == hidden[0])
    precondition(bias.shape == hidden && scores.shape == hidden)
    self.init(unchecked: [queryWeight, keyWeight, bias, scores])
  }

  private init(unchecked values: [Tensor]) {
    (queryWeight, keyWeight, bias, scores) = (values[0], values[1], values[2], values[3])
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let (width, hidden) = (arguments.count("d"), arguments.count("hidden"))
    let keys = arguments.count("keys", default: width)
    let initializer = Initializer(arguments)
    _ = try arguments.checkedShape([max(width, keys), hidden])
    func draw(_ inputs: Int) -> Tensor {
      initializer.draw([inputs, hidden], fanIn: inputs, fanOut: hidden, elementType, from: &random)
    }
    self.init(unchecked: [
      draw(width), draw(keys), .zeros([hidden], elementType),
      initializer.draw([hidden], fanIn: hidden, fanOut: 1, elementType, from: &random),
    ])
  }

  public var description: String {
    let (d, keys) = (queryWeight.shape[0], keyWeight.shape[0])
    return "AdditiveAttention(\(d), \(bias.count)\(keys == d ? "" : ", keys: \(keys)"))"
  }

  public var countFormula: String {
    let hidden = bias.count
    return "\(queryWeight.shape[0])·\(hidden) + \(keyWeight.shape[0])·\(hidden) + 2·\(hidden)"
  }

  public var parameters: [Parameter] {
    [Parameter("W", queryWeight), Parameter("R", keyWeight), Parameter("b", bias), Parameter("v", scores)]
  }

  public func replacing(_ values: [Tensor]) -> AdditiveAttention { AdditiveAttention(unchecked: values) }
  public func expectedInput(side: Int) -> Shape? { [1, 0, queryWeight.shape[0]] }

  public func outputShape(for input: Shape) throws -> Shape {
    try Attending.check(input, queryWeight.shape[0])
    return input
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    try Attending.check(x.shape, queryWeight.shape[0])
    let (keys, values) = context.attended(x)
    try Attending.check(keys.shape, keyWeight.shape[0])
    try Attending.check(keys, values)
    let (t, u, hidden) = (x.shape[x.rank - 2], keys.shape[keys.rank - 2], bias.count)
    let lead = x.shape.dimensions.dropLast(2)
    guard Array(keys.shape.dimensions.dropLast(2)) == Array(lead) else { throw ShapeError.unequal(keys.shape, x.shape) }
    // Every query beside every key.
    let pairs = try Shape(checking: lead + [t, u, hidden])
    let queries = (try x.product(queryWeight) + bias).reshaped(to: Shape(lead + [t, 1, hidden]))
    let others = try keys.product(keyWeight).reshaped(to: Shape(lead + [1, u, hidden]))
    let inner = (Broadcast(to: pairs)(queries) + others).tanh()
    let found = try inner.product(scores)
    let weights = try Attending.masked(found, context.keyMask(keys, rank: x.rank)).softmax()
    return try weights.product(values)
  }
}

/// Attention of several heads side by side: each sees its own part of the projected features.
///
/// **Shapes** `x: […, t, d]`, `Wq, Wk, Wv, Wo: [d, d]`, their biases `[d]` → `[…, t, d]`
public struct MultiHeadAttention: LayerKind {
  public let heads: Int
  public let isCausal: Bool
  /// `Wq bq Wk bk Wv bv Wo bo`.
  private var values: [Tensor]

  public static let card = Card(
    name: "MultiHeadAttention",
    summary: "Attention of several heads side by side, each with its own queries, keys and values.",
    formula: "y = [A_1 V_1, ..., A_h V_h] W_o + b_o, \\quad "
      + "A_i = \\mathrm{softmax}\\left(\\frac{Q_i K_i^T}{\\sqrt{d/h}}\\right)",
    shapes: "x: [..., t, d], Wq, Wk, Wv, Wo: [d, d] → [..., t, d]; net(x, mask: m) with m: [n, t], 0 hides a step",
    arguments: [
      .required("d", .count(atLeast: 1), "features"),
      .required("heads", .count(atLeast: 1), "heads; d is a multiple of it"), Attending.causalArgument,
      Initializer.argument,
    ],
    example: ("shape(MultiHeadAttention(4, 2)(zeros(3, 5, 4)))", "(3, 5, 4)"),
    source: "D3 §3.3; Vaswani et al. 2017; heads are consecutive columns")

  /// A layer of given weights `Wq bq Wk bk Wv bv Wo bo`.
  /// - Precondition: weights `[d, d]`, biases `[d]`, d a multiple of `heads`.
  public init(heads: Int, weights: [Tensor], isCausal: Bool = false) {
    let width = weights.first?.shape.last ?? 0
    precondition(weights.count == 8 && heads > 0 && width % heads == 0)
    precondition(weights.indices.allSatisfy { weights[$0].shape == ($0 % 2 == 0 ? [width, width] : [width]) })
    (self.heads, values, self.isCausal) = (heads, weights, isCausal)
  }

  private init(unchecked values: [Tensor], _ heads: Int, _ isCausal: Bool) {
    (self.values, self.heads, self.isCausal) = (values, heads, isCausal)
  }

  /// A layer with weights drawn from `random`.
  public init(
    _ width: Int, _ heads: Int, isCausal: Bool = false, initializer: Initializer = .xavier,
    elementType: ElementType = .float64, random: inout RandomGenerator
  ) {
    values = (0..<4).flatMap { _ in
      [
        initializer.draw([width, width], fanIn: width, fanOut: width, elementType, from: &random),
        Tensor.zeros([width], elementType),
      ]
    }
    (self.heads, self.isCausal) = (heads, isCausal)
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let (width, heads) = (arguments.count("d"), arguments.count("heads"))
    try Attending.checkHeads(arguments)
    self.init(
      width, heads, isCausal: arguments.flag("causal"), initializer: Initializer(arguments), elementType: elementType,
      random: &random)
  }

  public var width: Int { values[7].count }
  public var description: String { "MultiHeadAttention(\(width), \(heads)\(isCausal ? ", causal: true" : ""))" }
  public var countFormula: String { "4·\(width)·\(width) + 4·\(width)" }
  public var parameters: [Parameter] {
    zip(["Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "bo"], values).map { Parameter($0, $1) }
  }

  public func replacing(_ values: [Tensor]) -> MultiHeadAttention {
    MultiHeadAttention(unchecked: values, heads, isCausal)
  }
  public func expectedInput(side: Int) -> Shape? { [1, 0, width] }

  public func outputShape(for input: Shape) throws -> Shape {
    try Attending.check(input, width)
    return input
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    let (keys, sources) = context.attended(x)
    for operand in [x, keys, sources] { try Attending.check(operand.shape, width) }
    let parts = [
      try split(x.product(values[0]) + values[1]), try split(keys.product(values[2]) + values[3]),
      try split(sources.product(values[4]) + values[5]),
    ]
    let found = try attention(
      parts[0], parts[1], parts[2], mask: context.keyMask(keys, rank: x.rank + 1), isCausal: isCausal)
    return try joined(found).product(values[6]) + values[7]
  }

  /// `[…, t, d]` as `[…, heads, t, d/heads]`.
  private func split(_ x: Tensor) throws -> Tensor {
    guard x.rank < Shape.maximumRank else { throw ShapeError.tooManyAxes(rank: x.rank + 1) }
    let lead = x.shape.dimensions.dropLast()
    return exchanged(x.reshaped(to: Shape(lead + [heads, width / heads])))
  }

  private func joined(_ x: Tensor) -> Tensor {
    let y = exchanged(x)
    return y.reshaped(to: Shape(y.shape.dimensions.dropLast(2) + [width]))
  }

  /// The third axis from the back and the second exchanged.
  private func exchanged(_ x: Tensor) -> Tensor {
    var order = Array(0..<x.rank)
    order.swapAt(x.rank - 3, x.rank - 2)
    return Permute(order)(x)
  }
}

/// Each query's mean of the values, weighted by how well its key fits.
///
/// A score whose mask is 0 counts for nothing; a query that may look nowhere gets the plain mean.
///
/// **Shapes** `q: […, m, d]`, `k: […, n, d]`, `v: […, n, e]`; `mask` stretches to `[…, m, n]` → `[…, m, e]`
/// - Throws: `ShapeError` if they do not fit.
public func attention(
  _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, isCausal: Bool = false, isScaled: Bool = true
) throws(ShapeError) -> Tensor {
  for (x, name) in [(q, "[..., m, d]"), (k, "[..., n, d]"), (v, "[..., n, e]")] where x.rank < 2 {
    throw .rank(x.shape, expected: name)
  }
  guard q.shape.last == k.shape.last else { throw .extent(k.shape, axis: k.rank - 1, expected: q.shape.last) }
  try Attending.check(k, v)
  // Scaling the queries is scaling the scores, and there are fewer of them.
  let queries = isScaled ? q * (1 / Double(max(1, q.shape.last)).squareRoot()) : q
  var scores = try queries.product(k.transposed)
  if isCausal { scores = try Attending.masked(scores, Attending.triangle(scores)) }
  return try Attending.masked(scores, mask).softmax().product(v)
}

/// What the attention layers share.
enum Attending {
  static let causalArgument = Argument.optional(
    "causal", .flag, "false", "whether a step sees only itself and the steps before")

  /// `[…, t, width]`.
  static func check(_ shape: Shape, _ width: Int) throws(ShapeError) {
    guard shape.rank >= 2 else { throw .rank(shape, expected: "[..., t, \(width)]") }
    guard shape.last == width else { throw .extent(shape, axis: shape.rank - 1, expected: width) }
  }

  /// As many values as keys, at least one.
  static func check(_ keys: Tensor, _ values: Tensor) throws(ShapeError) {
    guard values.rank >= 2 else { throw .rank(values.shape, expected: "[..., n, e]") }
    let count = keys.shape[keys.rank - 2]
    guard values.shape[values.rank - 2] == count else {
      throw .extent(values.shape, axis: values.rank - 2, expected: count)
    }
    guard count > 0 else { throw .empty(keys.shape) }
  }

  static func checkHeads(_ arguments: Arguments) throws {
    let (width, heads) = (arguments.count("d"), arguments.count("heads"))
    _ = try arguments.checkedShape([width, width])
    guard width % heads == 0 else { throw ArgumentError.notMultiple("d", width, of: "heads", heads) }
  }

  /// Scores where a mask is not 0; elsewhere so much is taken away that softmax makes nothing of what is left.
  static func masked(_ scores: Tensor, _ mask: Tensor?) throws(ShapeError) -> Tensor {
    guard let mask else { return scores }
    guard mask.shape.stretches(to: scores.shape) else { throw .unequal(mask.shape, scores.shape) }
    // Half of the largest, so that no score that is added makes it infinite.
    let most =
      scores.elementType == .float64 ? Double.greatestFiniteMagnitude : Double(Float.greatestFiniteMagnitude)
    let (nothing, least) = (Tensor(0, scores.elementType), Tensor(-most / 2, scores.elementType))
    return try Add().apply(scores, Choose()(mask.detached, nothing, least))
  }

  /// 1 where a key is not behind its query.
  static func triangle(_ scores: Tensor) -> Tensor {
    let (m, n) = (scores.shape[scores.rank - 2], scores.shape[scores.rank - 1])
    return Tensor((0..<(m * n)).map { $0 % n <= $0 / n ? 1 : 0 }, shape: [m, n], scores.elementType)
  }
}

extension Context {
  /// What attention looks at: the keys and values that were given, or the input itself.
  func attended(_ x: Tensor) -> (keys: Tensor, values: Tensor) {
    let keys = keys ?? x
    return (keys, values ?? keys)
  }

  /// The mask over the steps of the keys, for scores of this rank: `[n, u]` as `[n, 1, …, u]`.
  func keyMask(_ keys: Tensor, rank: Int) throws(ShapeError) -> Tensor? {
    guard let mask else { return nil }
    let steps = keys.shape[keys.rank - 2]
    guard mask.rank > 0, mask.shape.last == steps else {
      throw .extent(mask.shape, axis: max(0, mask.rank - 1), expected: steps)
    }
    guard mask.rank == 2 else {
      guard mask.rank == 1 else { throw .rank(mask.shape, expected: "[n, t]") }
      return mask
    }
    return mask.reshaped(to: Shape([mask.shape[0]] + [Int](repeating: 1, count: rank - 2) + [steps]))
  }
}
