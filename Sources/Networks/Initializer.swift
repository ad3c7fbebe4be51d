import Tensors

/// How the weights of a new layer are drawn; biases begin at 0.
///
/// With `fanIn` inputs and `fanOut` outputs of one unit (for a convolution: channels times the places of its kernel):
///
/// - `xavier`: uniform in ±√(6 / (fanIn + fanOut)), the default, as in Keras (Glorot and Bengio 2010);
/// - `he`: normal with deviation √(2 / fanIn), for relu (He et al. 2015);
/// - `normal`: normal with deviation 0.05, as Keras' RandomNormal;
/// - `zeros`.
public enum Initializer: String, Sendable, CaseIterable {
  case xavier, he, zeros, normal

  /// The deviation of `normal`.
  static let normalDeviation = 0.05

  /// The argument `init:` of layers.
  static let argument = Argument.optional(
    "init", .word(allCases.map(\.rawValue)), "\"xavier\"", "how the weights are drawn")

  init(_ arguments: Arguments) { self = arguments.word("init").flatMap(Self.init) ?? .xavier }

  /// Weights of a shape, one word of the stream for each.
  public func draw(
    _ shape: Shape, fanIn: Int, fanOut: Int, _ type: ElementType, from random: inout RandomGenerator
  ) -> Tensor {
    let count = shape.count
    func fill<T: Scalar & RandomScalar>(_: T.Type) -> Tensor {
      Tensor(shape, as: T.self) { out in
        let buffer = UnsafeMutableBufferPointer(start: out, count: count)
        switch self {
        case .xavier:
          let bound = T((6 / Double(fanIn + fanOut)).squareRoot())
          random.fillUniform(buffer)
          for i in 0..<count { out[i] = (2 * out[i] - 1) * bound }
        case .he, .normal:
          let deviation = T(self == .he ? (2 / Double(fanIn)).squareRoot() : Self.normalDeviation)
          random.fillNormal(buffer)
          for i in 0..<count { out[i] *= deviation }
        case .zeros:
          buffer.update(repeating: 0)
        }
      }
    }
    return type == .float64 ? fill(Double.self) : fill(Float.self)
  }
}

extension Arguments {
  /// A weight that was given, in the precision asked for, or a new one.
  /// - Throws: `ArgumentError.shape` if it has another shape.
  func weight(
    _ name: String, _ shape: Shape, _ type: ElementType, otherwise draw: () -> Tensor
  ) throws -> Tensor {
    guard let given = tensor(name) else {
      try MemoryLimit.check(shape, type)
      return draw()
    }
    guard given.shape == shape else { throw ArgumentError.shape(name, given.shape, expected: shape) }
    return given.detached.cast(to: type)
  }

  /// - Throws: `ShapeError` if no tensor can have this shape.
  func checkedShape(_ extents: [Int]) throws -> Shape { try Shape(checking: extents) }
}
