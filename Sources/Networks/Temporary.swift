import Tensors

extension Tensor {
  func sum() -> Tensor {
    reshaped(to: [1, count]).matmul(.ones([count, 1], elementType)).reshaped(to: .scalar)
  }
  func mean() -> Tensor { sum() / Double(count) }
}
