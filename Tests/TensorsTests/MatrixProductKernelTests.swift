import KernelInterface
import Testing

@testable import Tensors

/// How an operand lies in memory.
private enum Layout: CaseIterable {
  case rows, columns, wideRows, everySecond

  /// The strides of a matrix, and the numbers it spans.
  func strides(_ rows: Int, _ columns: Int) -> (row: Int, column: Int, span: Int) {
    switch self {
    case .rows: (columns, 1, rows * columns)
    case .columns: (1, rows, rows * columns)
    case .wideRows: (columns + 5, 1, rows * (columns + 5) - 5)
    case .everySecond: (2 * columns + 1, 2, rows * (2 * columns + 1) - 2)
    }
  }
}

@Suite("The matrix product kernel", .serialized)
struct MatrixProductKernelTests {
  static let shapes: [(rows: Int, columns: Int, inner: Int)] = [
    (1, 1, 1), (3, 4, 5), (2, 2, 0), (1, 37, 19), (41, 1, 23), (1, 1, 50), (7, 9, 1), (8, 32, 16), (9, 33, 17),
    (13, 10, 40), (16, 23, 31), (17, 47, 3), (31, 8, 64), (5, 70, 29), (26, 65, 12), (64, 17, 21), (64, 10, 20),
    (50, 12, 90), (90, 20, 30), (60, 7, 300), (200, 7, 40), (7, 200, 40),
  ]

  private func check<T: KernelScalar>(_: T.Type, _ instructions: Instructions) {
    let kernels = T.kernels(instructions)
    for (m, n, k) in Self.shapes {
      for (aLayout, bLayout) in zip(Layout.allCases + Layout.allCases, [.rows, .columns] + Layout.allCases) {
        for accumulate in [false, true] {
          let (a, b) = (aLayout.strides(m, k), bLayout.strides(k, n))
          let (x, y) = (samples(max(1, a.span), T.self), samples(max(1, b.span), T.self, seed: 2))
          let margin = 3
          let start = samples(m * (n + margin), T.self, seed: 3)
          var c = start
          c.withUnsafeMutableBufferPointer { c in
            kernels.matrixProduct(
              MatrixProductCall(
                rows: m, columns: n, inner: k, a: x, aRowStride: a.row, aColumnStride: a.column, b: y,
                bRowStride: b.row, bColumnStride: b.column, c: c.baseAddress!, cRowStride: n + margin,
                accumulate: accumulate))
          }
          var worst = 0.0
          var isMarginKept = true
          for i in 0..<m {
            for j in 0..<n {
              var (sum, size) = accumulate ? (Double(start[i * (n + margin) + j]), 1.0) : (0, 1e-300)
              for p in 0..<k {
                let term = Double(x[i * a.row + p * a.column]) * Double(y[p * b.row + j * b.column])
                sum += term
                size += abs(term)
              }
              worst = max(worst, abs(Double(c[i * (n + margin) + j]) - sum) / size)
            }
            for j in n..<n + margin where c[i * (n + margin) + j] != start[i * (n + margin) + j] {
              isMarginKept = false
            }
          }
          #expect(worst < T.tolerance, "\(m)×\(k) \(aLayout) by \(k)×\(n) \(bLayout), accumulate \(accumulate)")
          #expect(isMarginKept, "\(m)×\(k) \(aLayout) by \(k)×\(n) \(bLayout) wrote beside its result")
        }
      }
    }
  }

  @Test("a product is the sum of products, whatever the shape and the strides", arguments: runnableInstructions)
  func isTheSumOfProducts(_ instructions: Instructions) {
    check(Float.self, instructions)
    check(Double.self, instructions)
  }

  @Test("a product over several blocks and panels is right in a sample of its numbers", arguments: runnableInstructions)
  func isRightWhenLarge(_ instructions: Instructions) {
    let kernels = instructions.floatKernels
    for (m, n, k, bIsTransposed) in [
      (70, 600, 1100, false), (70, 600, 1100, true), (300, 40, 5000, false), (17, 1040, 700, false),
      (17, 1040, 700, true),
      (20, 1024, 500, false),
    ] {
      let (a, b) = (samples(m * k, Float.self), samples(k * n, Float.self, seed: 2))
      var c = [Float](repeating: .nan, count: m * n)
      kernels.matrixProduct(
        MatrixProductCall(
          rows: m, columns: n, inner: k, a: a, aRowStride: k, aColumnStride: 1, b: b, bRowStride: bIsTransposed ? 1 : n,
          bColumnStride: bIsTransposed ? k : 1, c: &c, cRowStride: n))
      for i in Set([0, 1, 7, 8, m / 2, m - 1]) {
        for j in [0, 17, n / 3, n / 2, n - 33, n - 1] {
          var (sum, size) = (0.0, 0.0)
          for p in 0..<k {
            let term = Double(a[i * k + p]) * Double(b[bIsTransposed ? j * k + p : p * n + j])
            sum += term
            size += abs(term)
          }
          #expect(abs(Double(c[i * n + j]) - sum) / size < Float.tolerance, "\(m)×\(k) by \(k)×\(n) at \(i), \(j)")
        }
      }
    }
  }

  @Test("the bits do not depend on the number of threads", arguments: runnableInstructions)
  func isTheSameFromAnyNumberOfThreads(_ instructions: Instructions) {
    let kernels = instructions.floatKernels
    for (m, n, k) in [
      (100, 90, 130), (64, 300, 500), (1, 3000, 200), (3000, 1, 200), (129, 33, 900), (9, 2000, 40), (17, 1000, 700),
    ] {
      for bIsTransposed in [false, true] {
        let (a, b) = (samples(m * k, Float.self), samples(k * n, Float.self, seed: 2))
        let isSame = isSameFromAnyNumberOfThreads {
          var c = [Float](repeating: .nan, count: m * n)
          kernels.matrixProduct(
            MatrixProductCall(
              rows: m, columns: n, inner: k, a: a, aRowStride: k, aColumnStride: 1, b: b,
              bRowStride: bIsTransposed ? 1 : n, bColumnStride: bIsTransposed ? k : 1, c: &c, cRowStride: n))
          return c
        }
        #expect(isSame, "\(m)×\(k) by \(k)×\(n)")
      }
    }
  }
}

@Suite("Loops shared among threads", .serialized)
struct ParallelTests {
  @Test("every index runs once, also in a loop within a loop", arguments: [1, 2, 5])
  func runsEveryIndexOnce(_ threads: Int) {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    Parallel.threads = threads
    let (outer, inner) = (23, 11)
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: outer * inner)
    defer { counts.deallocate() }
    for _ in 0..<50 {
      counts.initialize(repeating: 0, count: outer * inner)
      Parallel.forEach(outer) { i in Parallel.forEach(inner) { j in counts[i * inner + j] += 1 } }
      #expect((0..<outer * inner).allSatisfy { counts[$0] == 1 })
    }
    Parallel.forEach(0) { _ in Issue.record("a loop over nothing ran") }
  }
}
