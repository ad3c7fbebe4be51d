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
  public func outputShape(for input: Shape) throws -> Shape {
    keepsShape ? input : try body(.zeros(input, .float32)).shape
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor { try body(x) }
}

/// What made a `FunctionLayer`.
public protocol FunctionOrigin: Sendable {}
