import Tensors

/// A layer made of layers that are called by name: `net[2].body`.
public protocol CompositeLayer: LayerKind {
  var parts: [(name: String, layer: any Layer)] { get }
  /// The same with other parts, in the order of `parts`.
  func replacing(parts: [any Layer]) -> Self
}

extension CompositeLayer {
  private var layers: [any Layer] { parts.map(\.layer) }
  public var parameters: [Parameter] { parts.flatMap { part in part.layer.parameters.map { $0.below(part.name) } } }
  public var buffers: [Parameter] { parts.flatMap { part in part.layer.buffers.map { $0.below(part.name) } } }
  public var stateCount: Int { layers.reduce(0) { $0 + $1.stateCount } }
  public func replacing(_ values: [Tensor]) -> Self { replacing(parts: layers.replacing(values)) }
  public func replacing(buffers: [Tensor]) -> Self { replacing(parts: layers.replacing(buffers: buffers)) }
  public var countFormula: String { layers.map(\.countFormula).filter { !$0.isEmpty }.joined(separator: " + ") }
}

/// The input added to what layers make of it: `y = f(x) + x`, or `f(x) + s(x)` with a shortcut of another shape.
///
/// **Shapes** as `f`, which gives the shape of its input, or of the shortcut
public struct Residual: CompositeLayer {
  /// The body, and the shortcut if there is one.
  private let layers: [any Layer]

  public static let card = Card(
    name: "Residual", summary: "The input added to what layers make of it, so that they learn the difference only.",
    formula: "y = f(x) + x", shapes: "x: what f takes and gives",
    arguments: [
      .required("body", .layer, "layers, or a function"),
      .optional("shortcut", .layer, nil, "what the input goes through beside the body, where shapes differ"),
    ],
    example: ("Residual(x -> 2x)([1, 2])", "[3, 6]"), source: "He et al. 2016; D2 §2.3; D4.S4")

  public init(_ body: any Layer, shortcut: (any Layer)? = nil) { layers = [body] + (shortcut.map { [$0] } ?? []) }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    guard let body = arguments.layer("body") else { throw ArgumentError.missing("body") }
    self.init(body, shortcut: arguments.layer("shortcut"))
  }

  private init(layers: [any Layer]) { self.layers = layers }

  public var parts: [(name: String, layer: any Layer)] { zip(["body", "shortcut"], layers).map { ($0, $1) } }
  public func replacing(parts: [any Layer]) -> Residual { Residual(layers: parts) }

  public var description: String {
    "Residual(\(layers[0].description)\(layers.count > 1 ? ", shortcut: \(layers[1].description)" : ""))"
  }

  public func expectedInput(side: Int) -> Shape? {
    layers[0].expectedInput(side: side) ?? (layers.count > 1 ? layers[1].expectedInput(side: side) : nil)
  }

  public func outputShape(for input: Shape) throws -> Shape {
    let (inner, other) = (
      try layers[0].outputShape(for: input), layers.count > 1 ? try layers[1].outputShape(for: input) : input
    )
    guard inner == other else { throw ShapeError.unequal(inner, other) }
    return inner
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    let inner = try layers[0](x, context: &context)
    let other = layers.count > 1 ? try layers[1](x, context: &context) : x
    guard inner.shape == other.shape else { throw ShapeError.unequal(inner.shape, other.shape) }
    return inner + other
  }
}
