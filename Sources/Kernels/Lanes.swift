/// A register's worth of numbers, the word in which every elementwise kernel is written.
///
/// A kernel sees the same few operations for `Float` and for `Double` and for every width the folder is compiled for; each is one
/// or a few instructions. The last, partial register of an array goes through the same operations as the full ones, so a number's
/// digits depend neither on its place nor on the length of the array.
protocol Lanes {
  associatedtype Scalar: VectorScalar
  associatedtype Mask

  static var count: Int { get }
  init(_ value: Scalar)
  init(load source: UnsafePointer<Scalar>)
  func store(_ target: UnsafeMutablePointer<Scalar>)
  /// The first `count` lanes, fewer than all, from memory, the others `filler`.
  init(load source: UnsafePointer<Scalar>, first count: Int, filler: Scalar)
  func store(_ target: UnsafeMutablePointer<Scalar>, first count: Int)

  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  static prefix func - (a: Self) -> Self
  /// `self * factor + addend`: fused where the instruction set has it, else rounded twice.
  func times(_ factor: Self, plus addend: Self) -> Self
  var magnitude: Self { get }
  var squareRoot: Self { get }
  var floor: Self { get }
  var ceil: Self { get }
  var rounded: Self { get }

  static func < (a: Self, b: Self) -> Mask
  static func <= (a: Self, b: Self) -> Mask
  static func == (a: Self, b: Self) -> Mask
  static func != (a: Self, b: Self) -> Mask
  static func either(_ a: Mask, _ b: Mask) -> Mask
  /// `a` where the mask holds, else `b`.
  static func choose(_ mask: Mask, _ a: Self, _ b: Self) -> Self

  /// Beyond this magnitude sine, cosine and tangent leave the reduction of their argument to the C library.
  static var periodicLimit: Scalar { get }
  var exp: Self { get }
  var expm1: Self { get }
  var log: Self { get }
  var log1p: Self { get }
  var sin: Self { get }
  var cos: Self { get }
  var tan: Self { get }
  var tanh: Self { get }
  var erf: Self { get }
  var sigmoid: Self { get }
  var softplus: Self { get }
  /// C's `pow`, in all its special cases.
  func power(_ exponent: Self) -> Self
}

/// A scalar type that has lanes.
protocol VectorScalar: BinaryFloatingPoint, Sendable {
  associatedtype Vector: Lanes where Vector.Scalar == Self
}

extension Float: VectorScalar {
  typealias Vector = FloatLanes
}

extension Double: VectorScalar {
  typealias Vector = DoubleLanes
}

extension Lanes {
  @inline(__always)
  init(load source: UnsafePointer<Scalar>, first count: Int) { self.init(load: source, first: count, filler: 1) }

  /// The lanes folded to one number in a fixed order: halves upon halves.
  @inline(__always)
  func folded(_ combine: (Scalar, Scalar) -> Scalar) -> Scalar {
    var lanes = self
    return withUnsafeMutableBytes(of: &lanes) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Scalar.self)
      var half = Self.count / 2
      while half > 0 {
        for lane in 0..<half { lanes[lane] = combine(lanes[lane], lanes[lane + half]) }
        half /= 2
      }
      return lanes[0]
    }
  }

  @inline(__always) static func maximum(_ a: Self, _ b: Self) -> Self { choose(either(b <= a, a != a), a, b) }
  @inline(__always) static func minimum(_ a: Self, _ b: Self) -> Self { choose(either(a <= b, a != a), a, b) }
  /// The larger, or the first where either is nan.
  @inline(__always) static func maximumNumber(_ a: Self, _ b: Self) -> Self { choose(a < b, b, a) }
  /// The lanes, but none above `bound`; nan stays nan.
  @inline(__always) func atMost(_ bound: Scalar) -> Self { Self.choose(Self(bound) < self, Self(bound), self) }
  /// The lanes, but none below `bound`; nan stays nan.
  @inline(__always) func atLeast(_ bound: Scalar) -> Self { Self.choose(self < Self(bound), Self(bound), self) }
}

/// Copies fewer than 64 bytes, a multiple of 4, without a call: 32, 16, 8 and 4 as the count's bits say.
@inline(__always)
func copyBytes(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int) {
  var done = 0
  @inline(__always)
  func copy<Piece>(_: Piece.Type) {
    if count & MemoryLayout<Piece>.size != 0 {
      (target + done).storeBytes(of: (source + done).loadUnaligned(as: Piece.self), as: Piece.self)
      done += MemoryLayout<Piece>.size
    }
  }
  copy((UInt64, UInt64, UInt64, UInt64).self)
  copy((UInt64, UInt64).self)
  copy(UInt64.self)
  copy(UInt32.self)
}

#if VECTOR512
  typealias FloatVector = SIMD16<Float>
  typealias FloatBits = SIMD16<UInt32>
  typealias FloatSteps = SIMD16<Int32>
  typealias DoubleVector = SIMD8<Double>
  typealias DoubleBits = SIMD8<UInt64>
  typealias HalfVector = SIMD8<Float>
#elseif VECTOR256
  typealias FloatVector = SIMD8<Float>
  typealias FloatBits = SIMD8<UInt32>
  typealias FloatSteps = SIMD8<Int32>
  typealias DoubleVector = SIMD4<Double>
  typealias DoubleBits = SIMD4<UInt64>
  typealias HalfVector = SIMD4<Float>
#else
  typealias FloatVector = SIMD4<Float>
  typealias FloatBits = SIMD4<UInt32>
  typealias FloatSteps = SIMD4<Int32>
  typealias DoubleVector = SIMD2<Double>
  typealias DoubleBits = SIMD2<UInt64>
  typealias HalfVector = SIMD2<Float>
#endif
