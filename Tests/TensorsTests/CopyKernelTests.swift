import KernelInterface
import Testing

@testable import Tensors

@Suite("The copy and step kernels")
struct CopyKernelTests {
  static let views: [(extents: [Int], strides: [Int])] = [
    ([], []), ([0], [1]), ([5], [1]), ([5], [3]), ([4], [0]), ([3, 4], [4, 1]), ([4, 3], [1, 4]), ([37, 50], [1, 37]),
    ([70, 33], [1, 70]), ([5, 6], [0, 1]), ([5, 6], [1, 0]), ([2, 3, 4], [1, 2, 6]), ([4, 5, 6, 7], [42, 7, 168, 1]),
    ([3, 9, 8, 10], [720, 8, 1, 72]), ([2, 1, 3, 1, 5], [15, 77, 5, 99, 1]),
    ([2, 2, 2, 2, 2, 2, 2, 2], [1, 2, 4, 8, 16, 32, 64, 128]),
    ([6, 5], [-5, -1]), ([300, 7], [1, 300]), ([1000, 100], [1, 1000]), ([7, 6000], [1, 7]), ([3, 0, 4], [4, 4, 1]),
  ]

  /// Where each number of a view lies, from the lowest, and how many numbers it spans.
  static func offsets(_ view: (extents: [Int], strides: [Int])) -> (offsets: [Int], base: Int, span: Int) {
    var offsets = [0]
    for (extent, stride) in zip(view.extents, view.strides) {
      offsets = offsets.flatMap { offset in (0..<extent).map { offset + $0 * stride } }
    }
    let base = -(offsets.min() ?? 0)
    return (offsets, base, base + (offsets.max() ?? 0) + 1)
  }

  @Test("a strided view is copied in row-major order, and placed back", arguments: runnableInstructions)
  func views(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      for view in Self.views {
        let (offsets, base, span) = Self.offsets(view)
        let x = samples(span, T.self)
        var out = [T](repeating: 7, count: offsets.count + 1)
        x.withUnsafeBufferPointer {
          kernels.copy($0.baseAddress! + base, &out, view.extents, view.strides, view.extents.count)
        }
        #expect(out == offsets.map { x[base + $0] } + [7], "\(view)")

        let g = samples(offsets.count + 1, T.self, seed: 2)
        var (placed, added) = (x, x)
        var (expectedPlaced, expectedAdded) = (x, x.map { Double($0) })
        for (k, offset) in offsets.enumerated() {
          expectedPlaced[base + offset] = g[k]
          expectedAdded[base + offset] += Double(g[k])
        }
        placed.withUnsafeMutableBufferPointer {
          kernels.place(g, $0.baseAddress! + base, view.extents, view.strides, view.extents.count, false)
        }
        if !view.strides.contains(0) { #expect(placed == expectedPlaced, "\(view)") }
        added.withUnsafeMutableBufferPointer {
          kernels.place(g, $0.baseAddress! + base, view.extents, view.strides, view.extents.count, true)
        }
        #expect(zip(added, expectedAdded).allSatisfy { abs(Double($0) - $1) <= 16 * Double(T.ulpOfOne) }, "\(view)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("rows are gathered by index and added back", arguments: runnableInstructions)
  func gather(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      for width in [1, 3, 16, 37] {
        let x = samples(9 * width, T.self)
        let index = [3, 3, 0, 8, 5, 3, 1]
        var out = [T](repeating: 0, count: index.count * width)
        kernels.gather(x, index, &out, index.count, width)
        #expect(out == index.flatMap { x[$0 * width..<($0 + 1) * width] })
        var back = [T](repeating: 0, count: 9 * width)
        kernels.scatterAdd(out, index, &back, index.count, width)
        let times = (0..<9).map { row in T(index.count { $0 == row }) }
        #expect(zip(back, 0...).allSatisfy { abs($0 - times[$1 / width] * x[$1]) <= 8 * T.ulpOfOne })
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("optimiser steps follow PyTorch's formulas", arguments: runnableInstructions)
  func steps(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      let count = 37
      let start = samples(count, T.self)
      let gradients = (0..<3).map { samples(count, T.self, seed: 5 + $0) }
      func near(_ a: [T], _ b: [Double]) -> Bool {
        zip(a, b).allSatisfy { abs(Double($0) - $1) <= 64 * Double(T.ulpOfOne) }
      }
      for (momentum, nesterov, decay) in [(0.0, false, 0.0), (0, false, 0.1), (0.9, false, 0), (0.9, true, 0.1)] {
        var (p, v) = (start, [T](repeating: .nan, count: count))
        var (q, w) = (start.map { Double($0) }, [Double](repeating: 0, count: count))
        for (number, g) in gradients.enumerated() {
          p.withUnsafeMutableBufferPointer { p in
            v.withUnsafeMutableBufferPointer { v in
              kernels.descentStep(
                DescentStep(
                  parameter: p.baseAddress!, gradient: g, velocity: momentum == 0 ? nil : v.baseAddress!, count: count,
                  rate: 0.1, momentum: momentum, weightDecay: decay, nesterov: nesterov, isFirst: number == 0))
            }
          }
          for i in 0..<count {
            let slope = Double(g[i]) + decay * q[i]
            w[i] = momentum * w[i] + slope
            q[i] -= 0.1 * (nesterov ? slope + momentum * w[i] : w[i])
          }
        }
        #expect(near(p, q))
      }
      for (decay, decoupled, amsgrad) in [
        (0.0, false, false), (0.1, false, false), (0.1, true, false), (0, false, true),
      ] {
        let zeros = [T](repeating: 0, count: count)
        var (p, m, v, top) = (start, zeros, zeros, zeros)
        var q = start.map { Double($0) }
        var (mean, square, largest) = (zeros.map { Double($0) }, zeros.map { Double($0) }, zeros.map { Double($0) })
        for (number, g) in gradients.enumerated() {
          p.withUnsafeMutableBufferPointer { p in
            m.withUnsafeMutableBufferPointer { m in
              v.withUnsafeMutableBufferPointer { v in
                top.withUnsafeMutableBufferPointer { top in
                  kernels.adamStep(
                    AdamStep(
                      parameter: p.baseAddress!, gradient: g, mean: m.baseAddress!, square: v.baseAddress!,
                      largest: amsgrad ? top.baseAddress! : nil, count: count, number: number + 1, rate: 0.01,
                      beta1: 0.9,
                      beta2: 0.999, epsilon: 1e-8, weightDecay: decay, decoupled: decoupled))
                }
              }
            }
          }
          let t = number + 1
          let (c1, c2) = (1 - (0..<t).reduce(1.0) { b, _ in b * 0.9 }, 1 - (0..<t).reduce(1.0) { b, _ in b * 0.999 })
          for i in 0..<count {
            var slope = Double(g[i])
            if decoupled { q[i] *= 1 - 0.01 * decay } else { slope += decay * q[i] }
            mean[i] = 0.9 * mean[i] + 0.1 * slope
            square[i] = 0.999 * square[i] + 0.001 * slope * slope
            largest[i] = max(largest[i], square[i])
            let spread = amsgrad ? largest[i] : square[i]
            q[i] -= 0.01 / c1 * mean[i] / (spread.squareRoot() / c2.squareRoot() + 1e-8)
          }
        }
        #expect(near(p, q))
      }
    }
    check(Float.self)
    check(Double.self)
  }
}
