import KernelInterface

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// A first, plain version of every elementwise kernel: right, not yet fast.

func unary<T: BinaryFloatingPoint>(
  _ op: UnaryOperation, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  @inline(__always) func map(_ f: (T) -> T) { for i in 0..<count { out[i] = f(x[i]) } }
  @inline(__always) func libm(_ f: (Double) -> Double) { for i in 0..<count { out[i] = T(f(Double(x[i]))) } }
  switch op {
  case .negate: map { -$0 }
  case .absolute: map { abs($0) }
  case .sign: map { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
  case .square: map { $0 * $0 }
  case .reciprocal: map { 1 / $0 }
  case .sqrt: map { $0.squareRoot() }
  case .exp: libm(Glibc.exp)
  case .expm1: libm(Glibc.expm1)
  case .log: libm(Glibc.log)
  case .log1p: libm(Glibc.log1p)
  case .sin: libm(Glibc.sin)
  case .cos: libm(Glibc.cos)
  case .tan: libm(Glibc.tan)
  case .tanh: libm(Glibc.tanh)
  case .erf: libm(Glibc.erf)
  case .sigmoid: libm { $0 >= 0 ? 1 / (1 + Glibc.exp(-$0)) : Glibc.exp($0) / (1 + Glibc.exp($0)) }
  case .relu: map { $0 > 0 ? $0 : $0.isNaN ? $0 : 0 }
  case .softplus: libm { max($0, 0) + Glibc.log1p(Glibc.exp(-Swift.abs($0))) }
  case .floor: map { $0.rounded(.down) }
  case .ceil: map { $0.rounded(.up) }
  case .round: map { $0.rounded(.toNearestOrEven) }
  }
}

func binary<T: BinaryFloatingPoint>(
  _ op: BinaryOperation, _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>, _ bStep: Int,
  _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  @inline(__always) func map(_ f: (T, T) -> T) { for i in 0..<count { out[i] = f(a[i * aStep], b[i * bStep]) } }
  switch op {
  case .add: map { $0 + $1 }
  case .subtract: map { $0 - $1 }
  case .multiply: map { $0 * $1 }
  case .divide: map { $0 / $1 }
  case .power: map { T(Glibc.pow(Double($0), Double($1))) }
  case .maximum: map { $0.isNaN || $0 >= $1 ? $0 : $1 }
  case .minimum: map { $0.isNaN || $0 <= $1 ? $0 : $1 }
  case .modulo:
    map {
      let r = $0.truncatingRemainder(dividingBy: $1)
      return r != 0 && (r < 0) != ($1 < 0) ? r + $1 : r
    }
  case .less: map { $0 < $1 ? 1 : 0 }
  case .lessOrEqual: map { $0 <= $1 ? 1 : 0 }
  case .greater: map { $0 > $1 ? 1 : 0 }
  case .greaterOrEqual: map { $0 >= $1 ? 1 : 0 }
  case .equal: map { $0 == $1 ? 1 : 0 }
  case .notEqual: map { $0 != $1 ? 1 : 0 }
  case .reluGradient: map { $1 > 0 ? $0 : 0 }
  case .tanhGradient: map { $0 * (1 - $1 * $1) }
  case .sigmoidGradient: map { $0 * $1 * (1 - $1) }
  }
}

func binaryRows<T: BinaryFloatingPoint>(
  _ op: BinaryOperation, _ a: UnsafePointer<T>, _ aRowStep: Int, _ aStep: Int, _ b: UnsafePointer<T>, _ bRowStep: Int,
  _ bStep: Int, _ out: UnsafeMutablePointer<T>, _ rows: Int, _ count: Int
) {
  for r in 0..<rows { binary(op, a + r * aRowStep, aStep, b + r * bRowStep, bStep, out + r * count, count) }
}

func select<T: BinaryFloatingPoint>(
  _ condition: UnsafePointer<T>, _ conditionStep: Int, _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>,
  _ bStep: Int, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  for i in 0..<count { out[i] = condition[i * conditionStep] != 0 ? a[i * aStep] : b[i * bStep] }
}

func clamp<T: BinaryFloatingPoint>(
  _ x: UnsafePointer<T>, _ lower: T, _ upper: T, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  for i in 0..<count {
    let above = x[i] < lower ? lower : x[i]
    out[i] = above > upper ? upper : above
  }
}

func accumulate<T: BinaryFloatingPoint>(
  _ scale: T, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  for i in 0..<count { out[i] += scale * x[i] }
}
