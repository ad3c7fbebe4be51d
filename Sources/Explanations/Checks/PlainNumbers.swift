import Tensors

/// Numbers in rows, with their shape: what the second computation works on, without the engine.
struct PlainNumbers {
  var shape: [Int]
  var values: [Double]

  init(_ shape: [Int], _ values: [Double]) { (self.shape, self.values) = (shape, values) }
  init(_ number: Double) { self.init([], [number]) }

  init(_ tensor: Tensor) { self.init(tensor.shape.dimensions, tensor.detached.elements) }

  var isNumber: Bool { shape.isEmpty }
}
