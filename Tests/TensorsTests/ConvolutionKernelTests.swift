import KernelInterface
import Testing

@testable import Tensors

@Suite("The convolution kernels", .serialized)
struct ConvolutionKernelTests {
  static let geometries: [Conv2dGeometry] = {
    func g(
      _ batch: Int, _ inputs: Int, _ height: Int, _ width: Int, _ outputs: Int, _ k: Int, _ l: Int,
      _ strides: (Int, Int),
      _ padding: WindowPadding
    ) -> Conv2dGeometry {
      Conv2dGeometry(
        batch: batch, inputChannels: inputs, inputHeight: height, inputWidth: width, outputChannels: outputs,
        kernelHeight: k, kernelWidth: l, strideHeight: strides.0, strideWidth: strides.1, padding: padding)
    }
    let none = WindowPadding()
    let one = WindowPadding(top: 1, left: 1, bottom: 1, right: 1)
    return [
      g(1, 1, 1, 1, 1, 1, 1, (1, 1), none), g(2, 1, 8, 8, 5, 3, 3, (1, 1), none), g(3, 2, 9, 21, 9, 3, 3, (1, 1), one),
      g(1, 3, 6, 40, 33, 1, 1, (1, 1), none), g(2, 4, 7, 7, 17, 5, 2, (1, 1), WindowPadding(bottom: 3, right: 1)),
      g(2, 3, 11, 13, 8, 3, 3, (2, 2), WindowPadding(bottom: 1, right: 1)), g(1, 2, 1, 50, 12, 1, 5, (1, 3), none),
      g(2, 2, 12, 9, 6, 4, 3, (3, 1), WindowPadding(top: 2, left: 0, bottom: 1, right: 2)),
      g(1, 40, 5, 6, 10, 3, 3, (1, 1), one),
      g(2, 1, 3, 3, 2, 5, 5, (1, 1), WindowPadding(top: 2, left: 2, bottom: 2, right: 2)),
      g(3, 5, 10, 4, 4, 2, 4, (2, 2), WindowPadding(top: 1, left: 3)),
    ]
  }()

  /// Calls `body` with every number of input, kernel and output that meet: their indices.
  private func eachTerm(_ g: Conv2dGeometry, _ body: (_ input: Int, _ kernel: Int, _ output: Int) -> Void) {
    let (oh, ow) = (g.outputHeight, g.outputWidth)
    for n in 0..<g.batch {
      for o in 0..<g.outputChannels {
        for i in 0..<g.inputChannels {
          for k in 0..<g.kernelHeight {
            for l in 0..<g.kernelWidth {
              for y in 0..<oh {
                let row = y * g.strideHeight + k - g.padding.top
                if row < 0 || row >= g.inputHeight { continue }
                for x in 0..<ow {
                  let column = x * g.strideWidth + l - g.padding.left
                  if column < 0 || column >= g.inputWidth { continue }
                  body(
                    ((n * g.inputChannels + i) * g.inputHeight + row) * g.inputWidth + column,
                    ((o * g.inputChannels + i) * g.kernelHeight + k) * g.kernelWidth + l,
                    ((n * g.outputChannels + o) * oh + y) * ow + x)
                }
              }
            }
          }
        }
      }
    }
  }

  private func expectClose<T: KernelScalar>(_ found: [T], _ sums: [Double], _ sizes: [Double], _ what: String) {
    var worst = 0.0
    for (i, value) in found.enumerated() {
      let error = abs(Double(value) - sums[i]) / (sizes[i] + 1e-300)
      worst = error.isNaN ? .infinity : max(worst, error)
    }
    #expect(worst < T.tolerance, "\(what)")
  }

  private func check<T: KernelScalar>(_: T.Type, _ instructions: Instructions) {
    let kernels = T.kernels(instructions)
    for g in Self.geometries {
      let x = samples(g.inputCount, T.self)
      let kernel = samples(g.kernelCount, T.self, seed: 2)
      let bias = samples(g.outputChannels, T.self, seed: 3)
      let gradient = samples(g.outputCount, T.self, seed: 4)
      let plane = g.outputHeight * g.outputWidth
      var (out, outSize) = ([Double](repeating: 0, count: g.outputCount), [Double](repeating: 1, count: g.outputCount))
      var (dx, dxSize) = ([Double](repeating: 0, count: g.inputCount), [Double](repeating: 1, count: g.inputCount))
      var (dk, dkSize) = ([Double](repeating: 0, count: g.kernelCount), [Double](repeating: 1, count: g.kernelCount))
      for i in 0..<g.outputCount { out[i] = Double(bias[i / plane % g.outputChannels]) }
      eachTerm(g) { i, k, o in
        let (a, b, c) = (Double(x[i]), Double(kernel[k]), Double(gradient[o]))
        out[o] += a * b
        outSize[o] += abs(a * b)
        dx[i] += c * b
        dxSize[i] += abs(c * b)
        dk[k] += c * a
        dkSize[k] += abs(c * a)
      }
      var found = [T](repeating: .nan, count: g.outputCount)
      kernels.conv2d(g, x, kernel, bias, &found)
      expectClose(found, out, outSize, "convolution \(g)")
      kernels.conv2d(g, x, kernel, nil, &found)
      for i in 0..<g.outputCount { out[i] -= Double(bias[i / plane % g.outputChannels]) }
      expectClose(found, out, outSize, "convolution without bias \(g)")
      found = [T](repeating: .nan, count: g.inputCount)
      kernels.conv2dInputGradient(g, gradient, kernel, &found)
      expectClose(found, dx, dxSize, "gradient by the input \(g)")
      found = [T](repeating: .nan, count: g.kernelCount)
      kernels.conv2dKernelGradient(g, x, gradient, &found)
      expectClose(found, dk, dkSize, "gradient by the kernel \(g)")
    }
  }

  @Test("a convolution and its two gradients are the sums they stand for", arguments: runnableInstructions)
  func areTheSums(_ instructions: Instructions) {
    check(Float.self, instructions)
    check(Double.self, instructions)
  }

  @Test("the bits do not depend on the number of threads", arguments: runnableInstructions)
  func areTheSameFromAnyNumberOfThreads(_ instructions: Instructions) {
    let kernels = instructions.floatKernels
    for (batch, channels) in [(20, 3), (1, 70)] {
      let g = Conv2dGeometry(
        batch: batch, inputChannels: channels, inputHeight: 14, inputWidth: 17, outputChannels: 20, kernelHeight: 3,
        kernelWidth: 3, padding: WindowPadding(top: 1, left: 1, bottom: 1, right: 1))
      let x = samples(g.inputCount, Float.self)
      let kernel = samples(g.kernelCount, Float.self, seed: 2)
      let gradient = samples(g.outputCount, Float.self, seed: 3)
      let isSame = isSameFromAnyNumberOfThreads {
        var out = [Float](repeating: .nan, count: g.outputCount)
        var dx = [Float](repeating: .nan, count: g.inputCount)
        var dk = [Float](repeating: .nan, count: g.kernelCount)
        kernels.conv2d(g, x, kernel, nil, &out)
        kernels.conv2dInputGradient(g, gradient, kernel, &dx)
        kernels.conv2dKernelGradient(g, x, gradient, &dk)
        return out + dx + dk
      }
      #expect(isSame, "\(g)")
    }
  }
}

@Suite("The pooling kernels", .serialized)
struct PoolingKernelTests {
  static let geometries = [
    Pool2dGeometry(
      planes: 3, inputHeight: 7, inputWidth: 9, windowHeight: 2, windowWidth: 2, strideHeight: 2, strideWidth: 2),
    Pool2dGeometry(
      planes: 2, inputHeight: 8, inputWidth: 38, windowHeight: 2, windowWidth: 2, strideHeight: 2, strideWidth: 2),
    Pool2dGeometry(
      planes: 1, inputHeight: 6, inputWidth: 5, windowHeight: 3, windowWidth: 2, strideHeight: 1, strideWidth: 1),
    Pool2dGeometry(
      planes: 2, inputHeight: 6, inputWidth: 7, windowHeight: 3, windowWidth: 3, strideHeight: 2, strideWidth: 2,
      padding: WindowPadding(top: 1, left: 1, bottom: 1, right: 1)),
    Pool2dGeometry(
      planes: 2, inputHeight: 5, inputWidth: 5, windowHeight: 2, windowWidth: 3, strideHeight: 2, strideWidth: 3,
      padding: WindowPadding(bottom: 1, right: 2), countsPadding: true),
  ]

  /// The indices, in its input plane, of what each output position sees.
  private func windows(_ g: Pool2dGeometry) -> [[Int]] {
    var all: [[Int]] = []
    for y in 0..<g.outputHeight {
      for x in 0..<g.outputWidth {
        var seen: [Int] = []
        for k in 0..<g.windowHeight {
          for l in 0..<g.windowWidth {
            let (row, column) = (y * g.strideHeight + k - g.padding.top, x * g.strideWidth + l - g.padding.left)
            if row >= 0 && row < g.inputHeight && column >= 0 && column < g.inputWidth {
              seen.append(row * g.inputWidth + column)
            }
          }
        }
        all.append(seen)
      }
    }
    return all
  }

  @Test(
    "the first largest number of each window wins, and gradients go to the winners", arguments: runnableInstructions)
  func maximumGoesToTheFirst(_ instructions: Instructions) {
    let kernels = instructions.floatKernels
    for g in Self.geometries {
      // Few different values, so that there are ties; and one nan, which wins its windows.
      var x = samples(g.inputCount, Float.self).map { ($0 * 3).rounded() }
      x[g.inputWidth + 1] = .nan
      let windows = windows(g)
      let (size, count) = (g.inputHeight * g.inputWidth, windows.count)
      var out = [Float](repeating: 0, count: g.outputCount)
      var winners = [Int32](repeating: -1, count: g.outputCount)
      kernels.maxPool2d(g, x, &out, &winners)
      for plane in 0..<g.planes {
        for (w, seen) in windows.enumerated() {
          let values = seen.map { x[plane * size + $0] }
          let best = values.firstIndex { $0.isNaN } ?? values.firstIndex(of: values.max()!)!
          #expect(winners[plane * count + w] == Int32(seen[best]), "\(g), plane \(plane), window \(w)")
          #expect(out[plane * count + w].bitPattern == values[best].bitPattern)
        }
      }
      let gradient = samples(g.outputCount, Float.self, seed: 5)
      var scattered = [Float](repeating: .nan, count: g.inputCount)
      kernels.maxPool2dScatter(g, gradient, winners, &scattered)
      var expected = [Float](repeating: 0, count: g.inputCount)
      for i in 0..<g.outputCount { expected[i / count * size + Int(winners[i])] += gradient[i] }
      #expect(scattered == expected)
      var gathered = [Float](repeating: .nan, count: g.outputCount)
      kernels.maxPool2dGather(g, scattered, winners, &gathered)
      #expect((0..<g.outputCount).allSatisfy { gathered[$0] == scattered[$0 / count * size + Int(winners[$0])] })
    }
  }

  @Test("an average divides by what it saw, or by the whole window if asked", arguments: runnableInstructions)
  func averageDividesByWhatItSaw(_ instructions: Instructions) {
    let kernels = instructions.doubleKernels
    for g in Self.geometries {
      let x = samples(g.inputCount, Double.self)
      let gradient = samples(g.outputCount, Double.self, seed: 6)
      let windows = windows(g)
      let (size, count) = (g.inputHeight * g.inputWidth, windows.count)
      var out = [Double](repeating: .nan, count: g.outputCount)
      var back = [Double](repeating: .nan, count: g.inputCount)
      kernels.averagePool2d(g, x, &out)
      kernels.averagePool2dGradient(g, gradient, &back)
      var expected = [Double](repeating: 0, count: g.inputCount)
      for plane in 0..<g.planes {
        for (w, seen) in windows.enumerated() {
          let divisor = Double(g.countsPadding ? g.windowHeight * g.windowWidth : seen.count)
          let sum = seen.reduce(0) { $0 + x[plane * size + $1] }
          #expect(abs(out[plane * count + w] - sum / divisor) < 1e-14)
          for place in seen { expected[plane * size + place] += gradient[plane * count + w] / divisor }
        }
      }
      #expect(zip(back, expected).allSatisfy { abs($0 - $1) < 1e-14 })
    }
  }
}
