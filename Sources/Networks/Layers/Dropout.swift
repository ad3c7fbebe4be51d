import Tensors

/// In training, each number becomes 0 with probability p, and the others grow by 1/(1-p) so that their mean stays.
///
/// **Shapes** `x: any` → the same. In use it is the identity. One word of the generator for each number.
public struct Dropout: LayerKind {
  public let probability: Double

  public static let card = Card(
    name: "Dropout",
    summary:
      "In training, each number becomes 0 with probability p and the others grow by 1/(1-p); in use, nothing happens.",
    formula: "y = \\frac{m \\odot x}{1 - p}", shapes: "x: any → the same",
    arguments: [.required("p", .number(in: 0...0.999_999), "the share that is dropped")],
    example: ("Dropout(0.5)([1, 2, 3])", "[1, 2, 3]"), source: "Srivastava et al. 2014, inverted; D4.S1")

  /// - Precondition: `probability` is at least 0 and below 1.
  public init(_ probability: Double) {
    precondition(probability >= 0 && probability < 1, "the share that is dropped is below 1")
    self.probability = probability
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    self.init(arguments.number("p", default: 0.5))
  }

  public var description: String { "Dropout(\(shortest(probability)))" }
  public func outputShape(for input: Shape) throws -> Shape { input }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    guard context.isTraining, probability > 0 else { return x }
    return x * mask(x.shape, x.elementType, from: &context.random)
  }

  /// 0 where a number is dropped, else 1/(1-p).
  private func mask(_ shape: Shape, _ type: ElementType, from random: inout RandomGenerator) -> Tensor {
    let keep = 1 - probability
    func fill<T: Scalar & RandomScalar>(_: T.Type) -> Tensor {
      Tensor(shape, as: T.self) { out in
        random.fillMask(
          UnsafeMutableBufferPointer(start: out, count: shape.count), probability: keep, value: T(1 / keep))
      }
    }
    return type == .float64 ? fill(Double.self) : fill(Float.self)
  }
}

/// A number as one would type it: `0.25`, `2`.
func shortest(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : "\(value)"
}
