import KernelInterface
import Tensors

/// The engine's operations under the names the language needs.
enum Engine {
  static func power(_ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor { x }
  static func remainder(_ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor { x }
  static func compare(_ op: BinaryOperation, _ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor { x }
  static func near(_ x: Tensor, _ y: Tensor, _ settings: Settings) throws(ShapeError) -> Tensor { x }
  static func truths(_ x: Tensor) -> Tensor { x }
  static func join(_ x: [Tensor]) throws(ShapeError) -> Tensor { x[0] }
  static func stack(_ x: [Tensor]) throws(ShapeError) -> Tensor { x[0] }
  static func select(_ c: Tensor, _ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor { x }
  static func gather(_ x: Tensor, axis: Int, _ indices: Tensor) throws(ShapeError) -> Tensor { x }

  static func slice(_ x: Tensor, offsets: [Int], extents: [Int]) throws(ShapeError) -> Tensor {
    let coefficients = offsets.indices.map { axis in offsets.indices.map { $0 == axis ? 1 : 0 } }
    return try AffineView(extents: Shape(extents), offsets: offsets, coefficients: coefficients).apply([x])
  }
}

extension Tensor {
  /// One place of the first axis.
  func row(_ place: Int) -> Tensor {
    var offsets = [Int](repeating: 0, count: rank)
    offsets[0] = place
    var extents = shape.dimensions
    extents[0] = 1
    do {
      return try Engine.slice(self, offsets: offsets, extents: extents).reshaped(to: shape.removing(axis: 0))
    } catch {
      preconditionFailure("a place of the first axis: \(error)")
    }
  }
}
