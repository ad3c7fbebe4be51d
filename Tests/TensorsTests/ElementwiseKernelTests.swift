import KernelInterface
import Testing

@testable import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension KernelTable {
  /// An elementwise operation on arrays.
  func apply(_ op: UnaryOperation, _ x: [Scalar]) -> [Scalar] {
    [Scalar](unsafeUninitializedCapacity: x.count) { buffer, count in
      unary(op, x, buffer.baseAddress!, x.count)
      count = x.count
    }
  }

  func apply(_ op: BinaryOperation, _ a: [Scalar], _ b: [Scalar]) -> [Scalar] {
    let size = max(a.count, b.count)
    return [Scalar](unsafeUninitializedCapacity: size) { buffer, count in
      binary(op, a, a.count == 1 ? 0 : 1, b, b.count == 1 ? 0 : 1, buffer.baseAddress!, size)
      count = size
    }
  }
}

/// The same number: equal with the same sign, or both nan.
func isSame<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool { a == b ? a.sign == b.sign : a.isNaN && b.isNaN }

/// How many units in the last place of the reference lie between; 0 for the same, infinity between a number and none.
func unitsApart<T: BinaryFloatingPoint>(_ value: T, _ reference: Double) -> Double {
  let rounded = T(reference)
  if isSame(value, rounded) { return 0 }
  guard value.isFinite, reference.isFinite else { return .infinity }
  let unit = rounded.isFinite ? Double(rounded.ulp) : Double(T.greatestFiniteMagnitude.ulp)
  return abs(Double(value) - reference) / unit
}

@Suite("The elementwise kernels")
struct ElementwiseKernelTests {
  /// The C library's answer, in `Double`.
  static func reference(_ op: UnaryOperation, _ x: Double) -> Double {
    switch op {
    case .negate: -x
    case .absolute: abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .square: x * x
    case .reciprocal: 1 / x
    case .sqrt: x.squareRoot()
    case .exp: exp(x)
    case .expm1: expm1(x)
    case .log: log(x)
    case .log1p: log1p(x)
    case .sin: sin(x)
    case .cos: cos(x)
    case .tan: tan(x)
    case .tanh: tanh(x)
    case .erf: erf(x)
    case .sigmoid: x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
    case .relu: x > 0 ? x : x.isNaN ? x : 0
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    }
  }

  static let special: [Double] = [
    0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -3, 1e-8, -1e-8, 10, -10, 88.5, -88.5, 103.9, -103.9, 1e4,
    -1e4,
    1e6, -1e6, 1e15, .infinity, -.infinity, .nan, 0x1p-126, 0x1p-149, -0x1p-149, 0x1.fffffep127, -0x1.fffffep127,
  ]

  /// 4096 bit patterns of `Float`, nans and denormals among them, evenly spread.
  static let patterns: [Float] = stride(from: UInt32(12345), through: .max - 1_048_583, by: 1_048_583).map {
    Float(bitPattern: $0)
  }

  @Test("functions of Float are within two units of the last place", arguments: runnableInstructions)
  func floats(instructions: Instructions) {
    let xs = Self.patterns + Self.special.map { Float($0) } + samples(500, Float.self).map { $0 * 8 }
    for op in UnaryOperation.allCases {
      let ys = instructions.floatKernels.apply(op, xs)
      let worst = zip(xs, ys).max {
        unitsApart($0.1, Self.reference(op, Double($0.0))) < unitsApart($1.1, Self.reference(op, Double($1.0)))
      }!
      let units = unitsApart(worst.1, Self.reference(op, Double(worst.0)))
      #expect(units <= 2, "\(op)(\(worst.0)) = \(worst.1)")
    }
  }

  @Test("functions of Double are within two units of the last place", arguments: runnableInstructions)
  func doubles(instructions: Instructions) {
    for row in ElementaryTable.rows {
      let ys = instructions.doubleKernels.apply(row.operation, row.values.map(\.x))
      for (value, y) in zip(row.values, ys) {
        #expect(unitsApart(y, value.y) <= 2, "\(row.operation)(\(value.x)) = \(y), not \(value.y)")
      }
    }
  }

  @Test("special numbers have their answers in both precisions", arguments: runnableInstructions)
  func specials(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let edges: [T] = [
        0, -0.0, .infinity, -.infinity, .nan, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
        .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      ]
      for op in UnaryOperation.allCases {
        for (x, y) in zip(edges, T.kernels(instructions).apply(op, edges)) {
          let expected = Self.reference(op, Double(x))
          #expect(unitsApart(y, expected) <= 2, "\(op)(\(x)) = \(y), not \(expected)")
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("a number's digits depend neither on its place nor on the length", arguments: runnableInstructions)
  func places(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let xs = samples(67, T.self).map { $0 * 4 }
      for op in UnaryOperation.allCases {
        let whole = T.kernels(instructions).apply(op, xs)
        for count in [1, 2, 3, 7, 8, 15, 16, 17, 31, 33] {
          let part = T.kernels(instructions).apply(op, Array(xs[5..<5 + count]))
          #expect(zip(part, whole[5...]).allSatisfy { isSame($0, $1) }, "\(op), \(count) numbers")
        }
        var place = xs
        place.withUnsafeMutableBufferPointer {
          T.kernels(instructions).unary(op, UnsafePointer($0.baseAddress!), $0.baseAddress!, $0.count)
        }
        #expect(zip(place, whole).allSatisfy { isSame($0, $1) }, "\(op) in place")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  static func reference(_ op: BinaryOperation, _ a: Double, _ b: Double) -> Double {
    switch op {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .power: pow(a, b)
    case .maximum: a.isNaN || a >= b ? a : b
    case .minimum: a.isNaN || a <= b ? a : b
    case .modulo:
      {
        let rest = fmod(a, b)
        return rest == 0 ? copysign(0, b) : (rest < 0) != (b < 0) ? rest + b : rest
      }()
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    case .reluGradient: b > 0 ? a : 0
    case .tanhGradient: a * (1 - b * b)
    case .sigmoidGradient: a * b * (1 - b)
    }
  }

  @Test(
    "operations of two operands follow their formulas, numbers and special numbers", arguments: runnableInstructions)
  func pairs(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let some: [T] = [
        0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, 7.25, -7.25, 100, .infinity, -.infinity, .nan, 1e-5, 0.99,
      ]
      let a = some.flatMap { x in some.map { _ in x } } + samples(200, T.self).map { $0 * 3 }
      let b = some.flatMap { _ in some } + samples(200, T.self, seed: 2).map { $0 * 3 }
      for op in BinaryOperation.allCases {
        for (index, y) in T.kernels(instructions).apply(op, a, b).enumerated() {
          let expected = Self.reference(op, Double(a[index]), Double(b[index]))
          // Formulas of several operations are rounded at each; cancellation is measured against what cancels.
          let slack =
            [.tanhGradient, .sigmoidGradient].contains(op)
            ? 8 * T.ulpOfOne * max(abs(a[index]), 1) * max(1, b[index] * b[index]) : 0
          let isNear = abs(Double(y) - expected) <= Double(slack)
          #expect(
            isNear || unitsApart(y, expected) <= 2, "\(op)(\(a[index]), \(b[index])) = \(y), not \(expected)")
        }
        // One number against many.
        for scalar in some {
          let left = T.kernels(instructions).apply(op, [scalar], some)
          let right = T.kernels(instructions).apply(op, some, [scalar])
          for (k, x) in some.enumerated() where ![.tanhGradient, .sigmoidGradient].contains(op) {
            let (l, r) = (Self.reference(op, Double(scalar), Double(x)), Self.reference(op, Double(x), Double(scalar)))
            #expect(unitsApart(left[k], l) <= 2, "\(op)(\(scalar), \(x)) = \(left[k]), not \(l)")
            #expect(unitsApart(right[k], r) <= 2, "\(op)(\(x), \(scalar)) = \(right[k]), not \(r)")
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("rows and columns are broadcast as written out", arguments: runnableInstructions)
  func rows(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      for (rows, count) in [(1, 1), (3, 10), (10, 3), (7, 64), (5, 33), (1, 100), (100, 1)] {
        let (a, b) = (samples(rows * count, T.self), samples(max(rows, count), T.self, seed: 2))
        for isColumn in [false, true] {
          var out = [T](repeating: 0, count: rows * count)
          kernels.binaryRows(
            .subtract, a, count, 1, b, isColumn ? 1 : 0, isColumn ? 0 : 1, &out, rows, count)
          let expected = (0..<rows * count).map { a[$0] - b[isColumn ? $0 / count : $0 % count] }
          #expect(out == expected)
          kernels.binaryRows(
            .subtract, b, isColumn ? 1 : 0, isColumn ? 0 : 1, a, count, 1, &out, rows, count)
          #expect(out == expected.map { -$0 })
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("choosing, clamping, filling and counting give what they say", arguments: runnableInstructions)
  func simple(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      for count in [1, 5, 16, 37] {
        let (x, a, b) = (samples(count, T.self), samples(count, T.self, seed: 2), samples(count, T.self, seed: 3))
        let condition: [T] = x.map { $0 > 0.3 ? 2 : $0 < -0.3 ? .nan : 0 }
        var out = [T](repeating: 9, count: count)
        kernels.select(condition, 1, a, 1, b, 0, &out, count)
        #expect(out == (0..<count).map { condition[$0] != 0 ? a[$0] : b[0] })
        kernels.clamp(x + [.nan], -0.25, 0.5, &out, count)
        #expect(out == x.map { min(max($0, -0.25), 0.5) })
        out = a
        kernels.accumulate(2, x, &out, count)
        #expect(zip(out, 0..<count).allSatisfy { abs($0 - (a[$1] + 2 * x[$1])) <= 4 * T.ulpOfOne })
        kernels.fill(3, &out, count)
        #expect(out == [T](repeating: 3, count: count))
        kernels.ramp(1, 0.5, &out, count)
        #expect(out == (0..<count).map { 1 + T($0) / 2 })
        var floats = [Float](repeating: 0, count: count)
        kernels.toFloat(x, &floats, count)
        #expect(floats == x.map { Float($0) })
        var doubles = [Double](repeating: 0, count: count)
        kernels.toDouble(x, &doubles, count)
        #expect(doubles == x.map { Double($0) })
      }
      var nan: [T] = [.nan]
      kernels.clamp([.nan], 0, 1, &nan, 1)
      #expect(nan[0].isNaN)
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("the bits do not depend on the number of threads", arguments: runnableInstructions)
  func threads(instructions: Instructions) {
    func check<T: KernelScalar>(_: T.Type) {
      let kernels = T.kernels(instructions)
      let (a, b) = (samples(100_003, T.self), samples(100_003, T.self, seed: 2))
      #expect(isSameFromAnyNumberOfThreads { kernels.apply(.sigmoid, a) })
      #expect(isSameFromAnyNumberOfThreads { kernels.apply(.sin, a) })
      #expect(isSameFromAnyNumberOfThreads { kernels.apply(.divide, a, b) })
    }
    check(Float.self)
    check(Double.self)
  }
}
