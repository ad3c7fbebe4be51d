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
  let (a, b) = (numbers(m * k, T.self), numbers(k * n, T.self))
  var c = [T](repeating: 0, count: m * n)
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      c.withUnsafeMutableBufferPointer { c in
        let call = MatrixProductCall(
          rows: m, columns: n, inner: k, a: a.baseAddress!, aRowStride: aIsTransposed ? 1 : k,
          aColumnStride: aIsTransposed ? m : 1, b: b.baseAddress!, bRowStride: bIsTransposed ? 1 : n,
          bColumnStride: bIsTransposed ? k : 1, c: c.baseAddress!, cRowStride: n)
        measure("\(type) \(m)x\(n)x\(k)\(aIsTransposed ? " a'" : "")\(bIsTransposed ? " b'" : "")") {
          kernels.matrixProduct(call)
        }
      }
    }
  }
}
