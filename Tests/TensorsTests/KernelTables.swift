import KernelInterface

@testable import Tensors

/// The instruction sets that this machine runs: each kernel test runs on all of them.
let runnableInstructions = Instructions.allCases.filter { $0.rawValue <= Instructions.best.rawValue }

/// Scalars whose kernels are tested, with the rounding error a sum of products may have, relative to the sum of absolute products.
protocol KernelScalar: BinaryFloatingPoint & Sendable {
  static func kernels(_ instructions: Instructions) -> KernelTable<Self>
  static var tolerance: Double { get }
}

extension Float: KernelScalar {
  static func kernels(_ instructions: Instructions) -> KernelTable<Float> { instructions.floatKernels }
  static var tolerance: Double { 2e-6 }
}

extension Double: KernelScalar {
  static func kernels(_ instructions: Instructions) -> KernelTable<Double> { instructions.doubleKernels }
  static var tolerance: Double { 4e-15 }
}

/// Numbers between -1 and 1 that no short period repeats.
func samples<T: KernelScalar>(_ count: Int, _: T.Type, seed: Int = 1) -> [T] {
  var state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return T(Int64(bitPattern: state) >> 40) / T(1 << 23)
  }
}

/// Runs `body` with one thread, then with three, and says whether all numbers came out the same, bit for bit.
func isSameFromAnyNumberOfThreads<T: KernelScalar>(_ body: () -> [T]) -> Bool {
  let before = Parallel.threads
  defer { Parallel.threads = before }
  Parallel.threads = 1
  let alone = body()
  Parallel.threads = 3
  return zip(alone, body()).allSatisfy { $0 == $1 }
}
