import KernelInterface
import Tensors

/// Elementwise operations, reductions, copies, optimiser steps and random numbers on a million elements of `Float`.
func benchmarkElementwise() {
  let (n, side) = (1_000_000, 1000)
  let kernels = Float.kernels
  let x = Field<Float>(n)
  let y = Field<Float>(n)
  let out = Field<Float>(n)
  let m = Field<Float>(n)
  let v = Field<Float>(n)
  for i in 0..<n {
    x.start[i] = Float((i * 7919 + i / 101) % 1009) / 168.2 - 3
    y.start[i] = x.start[i].magnitude + 0.1
    (out.start[i], m.start[i], v.start[i]) = (0, 0, 0.1)
  }
  let unary: [UnaryOperation] = [
    .negate, .square, .reciprocal, .exp, .expm1, .sin, .cos, .tan, .tanh, .erf, .sigmoid, .relu, .softplus, .floor,
  ]
  for op in unary { measure("\(op)") { kernels.unary(op, x.start, out.start, n) } }
  for op in [.sqrt, .log, .log1p] as [UnaryOperation] { measure("\(op)") { kernels.unary(op, y.start, out.start, n) } }
  for op in [.add, .multiply, .divide, .maximum] as [BinaryOperation] {
    measure("\(op)") { kernels.binary(op, x.start, 1, y.start, 1, out.start, n) }
  }
  measure("power") { kernels.binary(.power, y.start, 1, x.start, 1, out.start, n) }
  measure("row added to 1000x1000") {
    kernels.binaryRows(.add, x.start, side, 1, y.start, 0, 1, out.start, side, side)
  }
  measure("row added to 100000x10") { kernels.binaryRows(.add, x.start, 10, 1, y.start, 0, 1, out.start, n / 10, 10) }
  measure("sum") { kernels.reduce(.sum, x.start, out.start, 1, n, 1) }
  measure("maximum of all") { kernels.reduce(.maximum, x.start, out.start, 1, n, 1) }
  measure("sum of rows 1000x1000") { kernels.reduce(.sum, x.start, out.start, side, side, 1) }
  measure("sum of columns 1000x1000") { kernels.reduce(.sum, x.start, out.start, 1, side, side) }
  measure("sum of columns 100000x10") { kernels.reduce(.sum, x.start, out.start, 1, n / 10, 10) }
  measure("softmax 1000x1000") { kernels.softmax(false, x.start, out.start, side, side) }
  measure("logarithm of softmax 1000x1000") { kernels.softmax(true, x.start, out.start, side, side) }
  measure("transpose 1000x1000") { kernels.copy(x.start, out.start, [side, side], [1, side], 2) }
  measure("permute 10x100x100x10") {
    kernels.copy(x.start, out.start, [10, 100, 100, 10], [100_000, 10, 1000, 1], 4)
  }
  measure("adam") {
    kernels.adamStep(
      AdamStep(
        parameter: out.start, gradient: x.start, mean: m.start, square: v.start, count: n, number: 3, rate: 1e-3,
        beta1: 0.9, beta2: 0.999, epsilon: 1e-8))
  }
  measure("descent with momentum") {
    kernels.descentStep(
      DescentStep(parameter: out.start, gradient: x.start, velocity: m.start, count: n, rate: 1e-3, momentum: 0.9))
  }
  var random = RandomGenerator(seed: 1)
  let buffer = UnsafeMutableBufferPointer(start: out.start, count: n)
  measure("uniform") { random.fillUniform(buffer) }
  measure("normal") { random.fillNormal(buffer) }
  measure("bernoulli") { random.fillMask(buffer, probability: 0.5) }
}
