import KernelInterface
import Testing

@testable import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func logarithm(_ x: Double) -> Double { log(x) }

@Suite("The reduction kernels")
struct ReductionKernelTests {
  static let shapes: [(outer: Int, count: Int, inner: Int)] = [
    (1, 0, 1), (1, 1, 1), (3, 2, 1), (2, 5, 1), (1, 17, 1), (1, 2049, 1), (5, 100, 1), (1, 70_000, 1), (1, 150_001, 1),
    (2, 3, 4), (1, 7, 10), (3, 129, 5), (2, 300, 64), (1, 50, 100), (1, 9001, 3), (2, 1, 7), (1, 0, 3), (1, 128, 70),
  ]

  private func reduced<T: KernelScalar>(
    _ kernels: KernelTable<T>, _ op: ReduceOperation, _ x: [T], _ shape: (outer: Int, count: Int, inner: Int)
  ) -> [T] {
    var out = [T](repeating: 99, count: shape.outer * shape.inner)
    kernels.reduce(op, x + [0], &out, shape.outer, shape.count, shape.inner)
    return out
  }

  @Test("sums are accurate and extremes exact, over any axis", arguments: runnableInstructions)
  func values(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      for shape in Self.shapes {
        let x = samples(shape.outer * shape.count * shape.inner, T.self)
        let sums = reduced(kernels, .sum, x, shape)
        let products = reduced(kernels, .product, x.map { 1 + $0 / 1024 }, shape)
        let largest = reduced(kernels, .maximum, x, shape)
        let smallest = reduced(kernels, .minimum, x, shape)
        for o in 0..<shape.outer {
          for i in 0..<shape.inner {
            var (sum, size, product, top, bottom) = (0.0, 1e-300, 1.0, -T.infinity, T.infinity)
            for k in 0..<shape.count {
              let value = x[(o * shape.count + k) * shape.inner + i]
              sum += Double(value)
              size += Double(value.magnitude)
              product *= Double(1 + value / 1024)
              top = max(top, value)
              bottom = min(bottom, value)
            }
            let place = o * shape.inner + i
            #expect(abs(Double(sums[place]) - sum) <= 12 * Double(T.ulpOfOne) * size, "\(shape)")
            let error = abs(Double(products[place]) / product - 1)
            #expect(error <= Double(T.ulpOfOne) * Double(shape.count + 1), "\(shape)")
            #expect(largest[place] == top && smallest[place] == bottom, "\(shape)")
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("a nan anywhere is the largest and the smallest, and comes first", arguments: runnableInstructions)
  func nans(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      for count in [1, 3, 16, 40, 2500] {
        for place in Set([0, count / 2, count - 1]) {
          var x = samples(count, T.self)
          x[place] = .nan
          for op in ReduceOperation.allCases {
            #expect(reduced(kernels, op, x, (1, count, 1))[0].isNaN)
            let columns: [T] = x.flatMap { [1, $0, 1] as [T] }
            let down = reduced(kernels, op, columns, (1, count, 3))
            #expect(down[1].isNaN && !down[0].isNaN && !down[2].isNaN)
          }
          var index = [-1]
          kernels.argument(true, x, &index, 1, count, 1)
          #expect(index[0] == place)
          kernels.argument(false, x, &index, 1, count, 1)
          #expect(index[0] == place)
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("the first extreme is the one whose index is given", arguments: runnableInstructions)
  func arguments(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      for shape in Self.shapes where shape.count > 0 {
        let x = samples(shape.outer * shape.count * shape.inner, T.self).map { ($0 * 16).rounded() }
        var (top, bottom) = (
          [Int](repeating: -1, count: shape.outer * shape.inner), [Int](repeating: -1, count: shape.outer * shape.inner)
        )
        kernels.argument(true, x, &top, shape.outer, shape.count, shape.inner)
        kernels.argument(false, x, &bottom, shape.outer, shape.count, shape.inner)
        for o in 0..<shape.outer {
          for i in 0..<shape.inner {
            let line = (0..<shape.count).map { x[(o * shape.count + $0) * shape.inner + i] }
            #expect(top[o * shape.inner + i] == line.firstIndex(of: line.max()!))
            #expect(bottom[o * shape.inner + i] == line.firstIndex(of: line.min()!))
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test(
    "softmax, its logarithm, their pullbacks and log-sum-exp follow their formulas", arguments: runnableInstructions)
  func softmax(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      for (rows, count) in [(1, 1), (3, 2), (7, 10), (4, 16), (2, 33), (1, 1000), (2, 5000)] {
        let x = samples(rows * count, T.self).map { $0 * 20 }
        let g = samples(rows * count, T.self, seed: 2)
        var (soft, log, softBack, logBack) = (x, x, x, x)
        var folded = [T](repeating: 0, count: rows)
        kernels.softmax(false, x, &soft, rows, count)
        kernels.softmax(true, x, &log, rows, count)
        kernels.softmaxGradient(false, g, soft, &softBack, rows, count)
        kernels.softmaxGradient(true, g, log, &logBack, rows, count)
        kernels.logSumExp(x, &folded, rows, count)
        for r in 0..<rows {
          let line = (r * count..<(r + 1) * count)
          let top = line.map { Double(x[$0]) }.max()!
          let sum = line.reduce(0.0) { $0 + exp(Double(x[$1]) - top) }
          let unit = Double(T.ulpOfOne)
          #expect(abs(Double(folded[r]) - (top + logarithm(sum))) <= 4 * unit * 20)
          let dot = line.reduce(0.0) { $0 + Double(g[$1]) * exp(Double(x[$1]) - top) / sum }
          let total = line.reduce(0.0) { $0 + Double(g[$1]) }
          for k in line {
            let y = exp(Double(x[k]) - top) / sum
            #expect(abs(Double(soft[k]) - y) <= 24 * unit * y + Double(T.leastNormalMagnitude))
            #expect(abs(Double(log[k]) - (Double(x[k]) - top - logarithm(sum))) <= 80 * unit)
            #expect(abs(Double(softBack[k]) - y * (Double(g[k]) - dot)) <= 40 * unit * y * 2 + 1e-300)
            #expect(abs(Double(logBack[k]) - (Double(g[k]) - y * total)) <= 100 * unit * (1 + abs(total)))
          }
        }
      }
      var edge: [T] = [0, 0, 0]
      kernels.softmax(false, [-.infinity, 1, 1], &edge, 1, 3)
      #expect(edge == [0, 0.5, 0.5])
      kernels.softmax(true, [1e4, 0, -1e4], &edge, 1, 3)
      #expect(edge == [0, -1e4, -2e4])
      kernels.logSumExp([-.infinity, -.infinity], &edge, 1, 2)
      #expect(edge[0] == -.infinity)
      kernels.logSumExp([.infinity, 1], &edge, 1, 2)
      #expect(edge[0] == .infinity)
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("the bits do not depend on the number of threads", arguments: runnableInstructions)
  func threads(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      let x = samples(200_000, T.self)
      #expect(isSameFromAnyNumberOfThreads { reduced(kernels, .sum, x, (1, 200_000, 1)) })
      #expect(isSameFromAnyNumberOfThreads { reduced(kernels, .sum, x, (1, 20_000, 10)) })
      #expect(isSameFromAnyNumberOfThreads { reduced(kernels, .sum, x, (100, 20, 100)) })
      #expect(isSameFromAnyNumberOfThreads { reduced(kernels, .sum, x, (2000, 100, 1)) })
      #expect(isSameFromAnyNumberOfThreads { [kernels.dot(x, x, x.count)] })
      #expect(
        isSameFromAnyNumberOfThreads {
          var out = x
          kernels.softmax(false, x, &out, 2000, 100)
          return out
        })
    }
    check(Float.self)
    check(Double.self)
  }
}
