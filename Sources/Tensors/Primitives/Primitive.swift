/// One operation on tensors, all of it in one place: what it is called, its formula, its shape rule, how it is computed and how
/// its derivative is.
///
/// A new operation is one type that conforms to this protocol, in one file, and one line in `PrimitiveCatalogue`. The built-in of
/// the language, its completion and help, the catalogue entry and the law tests (shape rule, first and second derivative against
/// central differences, the example) all derive from it.
///
/// Attributes, such as the axis of a reduction, are stored properties. The pullback is written in tensor operations, so it can be
/// differentiated again. Inputs that a pullback gets are tracked only when a second derivative may be asked for.
public protocol Primitive: Sendable {
  /// Name, doc, formula, example.
  static var card: PrimitiveCard { get }

  /// Applications on which the laws are tested.
  static var samples: [PrimitiveSample] { get }

  /// The shape of the result.
  /// - Throws: `ShapeError` if these operands do not fit.
  func shape(of inputs: Operands) throws(ShapeError) -> Shape

  /// Computes the result; the operands have passed the shape rule.
  func forward(_ inputs: Operands, shape: Shape) -> Tensor

  /// The cotangent of each input from the cotangent `g` of the output; nil where none flows.
  func pullback(_ g: Tensor, _ call: Application) -> Cotangents

  /// Whether every element of the result depends on one element of each operand alone.
  static var isElementwise: Bool { get }

  /// Adds the cotangent of the result to that of the only operand, in place; false if the primitive is not one that only reads some
  /// places of it.
  func scatter(_ g: Tensor, into sum: inout Tensor) -> Bool
}

/// A primitive whose every result element depends on one element of each operand alone.
public protocol Elementwise: Primitive {}

extension Elementwise {
  public static var isElementwise: Bool { true }
}

/// What a pullback may look at: the operands, the result, and which operands want a cotangent.
public struct Application {
  private let node: Node
  /// The history of the result, and a sign that the operands are seen with theirs; nil where all are plain numbers.
  private let history: Node?
  let wanted: UInt64

  init(_ node: Node, history: Node?, wanted: UInt64) {
    (self.node, self.history, self.wanted) = (node, history, wanted)
  }

  public var inputs: Inputs {
    @inline(__always) get { Inputs(node: node, haveHistory: history != nil) }
  }

  public var output: Tensor {
    var output = node.facts.output
    output.node = history
    return output
  }

  /// The same application with operands of the shape of the result.
  func at<P: Primitive>(_ operands: [Tensor], of primitive: P, output: Tensor) -> Application {
    let node = Operands.lending(operands) { Node.remembering(primitive, $0, output) }
    return Application(node, history: history, wanted: wanted)
  }

  /// Whether a cotangent for this input is wanted; computing an unwanted one is allowed but a waste.
  public func wants(_ input: Int) -> Bool { wanted & Self.bit(of: input) != 0 }

  /// The bit of `wanted` for this input; those beyond the 63rd share one.
  static func bit(of input: Int) -> UInt64 { 1 << UInt64(min(input, 63)) }

  /// The operands as a pullback sees them, looked up one by one.
  public struct Inputs: RandomAccessCollection {
    fileprivate let node: Node
    fileprivate let haveHistory: Bool

    public var startIndex: Int { 0 }
    public var endIndex: Int { node.facts.count }
    public var indices: Range<Int> { 0..<node.facts.count }
    public subscript(index: Int) -> Tensor { haveHistory ? node.operands[index] : node.operands[index].detached }
  }
}

/// What people read about a primitive.
public struct PrimitiveCard: Sendable {
  /// The name in the language.
  public let name: String
  /// The heading under which help lists it, as in LANGUAGE.md: make, shape, elementwise, reduce, …
  public let theme: String
  /// One sentence that says what it gives.
  public let summary: String
  /// The formula in TeX.
  public let formula: String
  /// Shapes in one line.
  public let shapes: String
  /// A program in the language and the number or tensor it gives, such as `relu([-1, 2])` and `[0, 2]`.
  public let example: (input: String, output: String)

  public init(
    name: String, theme: String, summary: String, formula: String, shapes: String,
    example: (input: String, output: String)
  ) {
    self.name = name
    self.theme = theme
    self.summary = summary
    self.formula = formula
    self.shapes = shapes
    self.example = example
  }
}

/// One application to test laws on: a primitive with its attributes, and where its operands are drawn from.
public struct PrimitiveSample: Sendable {
  public let primitive: any Primitive
  public let shapes: [Shape]
  /// One range for each operand, away from points where the derivative jumps.
  public let domains: [ClosedRange<Double>]
  /// Whether the result is differentiable by each operand.
  public let isDifferentiable: Bool

  public init(
    _ primitive: any Primitive, _ shapes: [Shape], in domains: [ClosedRange<Double>]? = nil,
    isDifferentiable: Bool = true
  ) {
    self.primitive = primitive
    self.shapes = shapes
    self.domains = domains ?? shapes.map { _ in -2...2 }
    self.isDifferentiable = isDifferentiable
  }
}

extension Primitive {
  public static var samples: [PrimitiveSample] { [] }
  public static var isElementwise: Bool { false }
  public func scatter(_ g: Tensor, into sum: inout Tensor) -> Bool { false }

  /// The shape of the result of these operands.
  /// - Precondition: there is one.
  /// - Throws: `ShapeError` if they do not fit.
  public func shape(of inputs: [Tensor]) throws(ShapeError) -> Shape {
    try Operands.lending(inputs) { operands throws(ShapeError) in try shape(of: operands) }
  }

  /// Applies the primitive to one operand that may not fit.
  /// - Throws: `ShapeError` if it does not, or if the result would be past the memory limit.
  public func apply(_ x: Tensor) throws(ShapeError) -> Tensor {
    try Operands.lending(x) { operands throws(ShapeError) in try checked(operands) }
  }

  /// Applies the primitive to two operands that may not fit.
  /// - Throws: `ShapeError` if they do not, or if the result would be past the memory limit.
  public func apply(_ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor {
    try Operands.lending(x, y) { operands throws(ShapeError) in try checked(operands) }
  }

  /// Applies the primitive to a list of operands that may not fit.
  /// - Precondition: there is one.
  /// - Throws: `ShapeError` if they do not, or if the result would be past the memory limit.
  public func apply(_ inputs: [Tensor]) throws(ShapeError) -> Tensor {
    try Operands.lending(inputs) { operands throws(ShapeError) in try checked(operands) }
  }

  /// Applies the primitive to operands that are known to fit.
  /// - Precondition: the shape rule accepts the operands.
  public func callAsFunction(_ inputs: Tensor...) -> Tensor { Operands.lending(inputs) { applied($0) } }

  /// Applies the primitive to one operand that is known to fit.
  public func callAsFunction(_ x: Tensor) -> Tensor { Operands.lending(x) { applied($0) } }

  /// Applies the primitive to two operands that are known to fit.
  public func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor { Operands.lending(x, y) { applied($0) } }

  private func checked(_ operands: Operands) throws(ShapeError) -> Tensor {
    let shape = try shape(of: operands)
    try MemoryLimit.check(shape, operands[0].elementType)
    return result(operands, shape)
  }

  /// Whatever memory it takes, a step on the way back is not left half done.
  private func applied(_ operands: Operands) -> Tensor {
    do {
      return result(operands, try shape(of: operands))
    } catch {
      preconditionFailure("\(Self.card.name): \(error)")
    }
  }

  @inline(__always)
  private func result(_ operands: Operands, _ shape: Shape) -> Tensor {
    var output = forward(operands, shape: shape)
    if operands.areTracked { output.node = Node.remembering(self, operands, output) }
    return output
  }
}
