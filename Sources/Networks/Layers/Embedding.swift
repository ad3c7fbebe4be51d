import Tensors

/// A table with a row for each word: whole numbers become rows.
///
/// **Shapes** `x: […]` whole numbers below `words`, `W: [words, d]` → `[…, d]`
public struct Embedding: LayerKind {
  public var weight: Tensor

  public static let card = Card(
    name: "Embedding", summary: "A table with a row for each word: whole numbers become the rows they name.",
    formula: "y_n = W_{x_n}", shapes: "x: [...] whole numbers, W: [words, d] → [..., d]",
    arguments: [
      .required("words", .count(atLeast: 1), "rows: the numbers go from 0 to words - 1"),
      .required("d", .count(atLeast: 1), "numbers in a row"),
      .optional(
        "init", .word(Initializer.allCases.map(\.rawValue)), "\"normal\"",
        "how the rows are drawn; normal has deviation 1 here"),
      .optional("W", .tensor, nil, "the rows, instead of drawn ones"),
    ],
    example: ("Embedding(3, 2, W: [1, 2; 3, 4; 5, 6])([2, 0])", "[5, 6; 1, 2]"),
    source: "D2 §2.4; D4.S2; torch.nn.Embedding")

  /// A layer of given rows.
  /// - Precondition: `weight: [words, d]`.
  public init(weight: Tensor) {
    precondition(weight.rank == 2)
    self.init(unchecked: weight)
  }

  private init(unchecked weight: Tensor) { self.weight = weight }

  /// A layer with rows drawn from `random`.
  public init(
    _ words: Int, _ width: Int, initializer: Initializer = .normal, elementType: ElementType = .float64,
    random: inout RandomGenerator
  ) {
    weight = Self.draw([words, width], initializer, elementType, &random)
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let shape = try arguments.checkedShape([arguments.count("words"), arguments.count("d")])
    let initializer = arguments.word("init").flatMap(Initializer.init) ?? .normal
    weight = try arguments.weight("W", shape, elementType) {
      Self.draw(shape, initializer, elementType, &random)
    }
  }

  private static func draw(
    _ shape: Shape, _ initializer: Initializer, _ type: ElementType, _ random: inout RandomGenerator
  ) -> Tensor {
    let drawn = initializer.draw(shape, fanIn: shape[0], fanOut: shape[1], type, from: &random)
    return initializer == .normal ? drawn * (1 / Initializer.normalDeviation) : drawn
  }

  public var words: Int { weight.shape[0] }
  public var description: String { "Embedding(\(words), \(weight.shape[1]))" }
  public var countFormula: String { "\(words)·\(weight.shape[1])" }
  public var parameters: [Parameter] { [Parameter("W", weight)] }
  public func replacing(_ values: [Tensor]) -> Embedding { Embedding(unchecked: values[0]) }
  public func expectedInput(side: Int) -> Shape? { [1, 0] }

  public func outputShape(for input: Shape) throws -> Shape {
    try Shape(checking: input.dimensions + [weight.shape[1]])
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor { try embedding(x, weight) }
}

/// The rows of a table that whole numbers name.
///
/// **Shapes** `x: […]`, `table: [words, d]` → `[…, d]`
/// - Throws: `ShapeError` if a number is no row's, or no whole number.
public func embedding(_ x: Tensor, _ table: Tensor) throws(ShapeError) -> Tensor {
  guard table.rank == 2 else { throw .rank(table.shape, expected: "[words, d]") }
  let shape = try Shape(checking: x.shape.dimensions + [table.shape[1]])
  return try Gather(axis: 0, places: try x.wholeNumbers()).apply(table).reshaped(to: shape)
}
