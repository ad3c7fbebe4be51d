import Tensors

/// A function of one tensor as a layer: `relu`, or whatever the user wrote.
public struct FunctionLayer: Layer {
  public let kind: String
  /// Whether the result has the shape of the input, known without computing it.
  let keepsShape: Bool
  /// Where the function comes from, if somebody wants to know: the language keeps its own functions here.
  public let origin: (any FunctionOrigin)?
  private let body: @Sendable (Tensor) throws -> Tensor

  /// - Parameters:
  ///   - name: what tables show.
  ///   - keepsShape: whether the result always has the shape of the input.
  public init(
    _ name: String, keepsShape: Bool = false, origin: (any FunctionOrigin)? = nil,
    _ body: @escaping @Sendable (Tensor) throws -> Tensor
  ) {
    kind = name
    self.keepsShape = keepsShape
    self.origin = origin
    self.body = body
  }

  public var description: String { kind }

  /// Found by applying the function to zeros, where it is not known to keep the shape.
  ///
  /// For sequences of any length, an extent of 0, it is applied to two lengths; an extent that is the length in both is any length too.
  public func outputShape(for input: Shape) throws -> Shape {
    guard !keepsShape else { return input }
    func result(length: Int) throws -> Shape {
      let extents = input.dimensions.map { $0 == 0 ? length : $0 }
      return try body(.zeros(Shape(extents), .float32)).shape
    }
    guard input.dimensions.contains(0) else { return try result(length: 1) }
    let (short, long) = (try result(length: 5), try result(length: 7))
    let grown = zip(short.dimensions, long.dimensions).map { $0 == 5 && $1 == 7 ? 7 : $0 }
    guard grown == long.dimensions else { throw ShapeError.unequal(short, long) }
    return Shape(zip(short.dimensions, long.dimensions).map { $0 == $1 ? $0 : 0 })
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor { try body(x) }
}

/// What made a `FunctionLayer`.
public protocol FunctionOrigin: Sendable {}
