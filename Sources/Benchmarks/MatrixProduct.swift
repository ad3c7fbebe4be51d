import KernelInterface
import Tensors

/// Products by the kernels of the best instruction set, named `f32 rows x columns x inner` with a prime for a transposed operand.
func benchmarkMatrixProducts() {
  let squares = [64, 127, 256, 500, 512, 1024].map { ($0, $0, $0) }
  let others = [
    (64, 128, 784), (64, 10, 128), (784, 128, 64), (64, 128, 9216), (9216, 128, 64), (1000, 17, 3000), (17, 1000, 3000),
    (1000, 3000, 17), (3, 4, 5), (1000, 1, 1000), (1, 1000, 1000), (1000, 1000, 1),
  ]
  for (m, n, k) in squares + others {
    for (a, b) in [(false, false), (true, false), (false, true)] {
      product(Instructions.best.floatKernels, "f32", m, n, k, a, b)
      product(Instructions.best.doubleKernels, "f64", m, n, k, a, b)
    }
  }
}

private func product<T: BinaryFloatingPoint & Sendable>(
  _ kernels: KernelTable<T>, _ type: String, _ m: Int, _ n: Int, _ k: Int, _ aIsTransposed: Bool, _ bIsTransposed: Bool
) {
  let name = "\(type) \(m)x\(n)x\(k)\(aIsTransposed ? " a'" : "")\(bIsTransposed ? " b'" : "")"
  guard isAsked(name) else { return }
  let (a, b, c) = (Field<T>(m * k), Field<T>(k * n), Field<T>(m * n))
  let call = MatrixProductCall(
    rows: m, columns: n, inner: k, a: a.start, aRowStride: aIsTransposed ? 1 : k, aColumnStride: aIsTransposed ? m : 1,
    b: b.start,
    bRowStride: bIsTransposed ? 1 : n, bColumnStride: bIsTransposed ? k : 1, c: c.start, cRowStride: n)
  measure(name) { kernels.matrixProduct(call) }
}
