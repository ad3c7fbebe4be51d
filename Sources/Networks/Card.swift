/// What people read about a layer, a loss or an optimiser; help, completion and the built-in of the language derive from it.
public struct Card: Sendable {
  /// The name in the language.
  public let name: String
  /// One sentence that says what it is.
  public let summary: String
  /// The formula in TeX.
  public let formula: String
  /// Shapes in one line; empty where there are none.
  public let shapes: String
  /// What a call takes, in order.
  public let arguments: [Argument]
  /// A program in the language and what it gives.
  public let example: (input: String, output: String)
  /// The paper, book or program whose rule and defaults these are.
  public let source: String

  public init(
    name: String, summary: String, formula: String, shapes: String = "", arguments: [Argument] = [],
    example: (input: String, output: String), source: String = ""
  ) {
    self.name = name
    self.summary = summary
    self.formula = formula
    self.shapes = shapes
    self.arguments = arguments
    self.example = example
    self.source = source
  }
}
