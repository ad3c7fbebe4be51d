/// Lanes of `Float`.
struct FloatLanes: Lanes, ExpressibleByFloatLiteral {
  typealias Mask = SIMDMask<FloatVector.MaskStorage>

  var vector: FloatVector

  @inline(__always) static var count: Int { FloatVector.scalarCount }
  @inline(__always) init(_ vector: FloatVector) { self.vector = vector }
  @inline(__always) init(_ value: Float) { vector = FloatVector(repeating: value) }
  @inline(__always) init(floatLiteral value: Float) { vector = FloatVector(repeating: value) }
  @inline(__always) init(bits: FloatBits) { vector = unsafeBitCast(bits, to: FloatVector.self) }
  @inline(__always) init(load source: UnsafePointer<Float>) {
    vector = UnsafeRawPointer(source).loadUnaligned(as: FloatVector.self)
  }
  @inline(__always) func store(_ target: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(target).storeBytes(of: vector, as: FloatVector.self)
  }
  @inline(__always) var bits: FloatBits { unsafeBitCast(vector, to: FloatBits.self) }

  @inline(__always) static func + (a: Self, b: Self) -> Self { Self(a.vector + b.vector) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { Self(a.vector - b.vector) }
  @inline(__always) static func * (a: Self, b: Self) -> Self { Self(a.vector * b.vector) }
  @inline(__always) static func / (a: Self, b: Self) -> Self { Self(a.vector / b.vector) }
  @inline(__always) static prefix func - (a: Self) -> Self {
    Self(bits: a.bits ^ FloatBits(repeating: 0x8000_0000))
  }
  @inline(__always) func times(_ factor: Self, plus addend: Self) -> Self {
    #if BASELINE && arch(x86_64)
      Self(vector * factor.vector + addend.vector)
    #else
      Self(addend.vector.addingProduct(vector, factor.vector))
    #endif
  }
  @inline(__always) var magnitude: Self { Self(bits: bits & FloatBits(repeating: 0x7FFF_FFFF)) }
  /// Only the sign bits.
  @inline(__always) var signs: FloatBits { bits & FloatBits(repeating: 0x8000_0000) }
  /// These lanes, none of them negative, with the signs of others.
  @inline(__always) func signed(_ signs: FloatBits) -> Self { Self(bits: bits | signs) }
  @inline(__always) var squareRoot: Self {
    // The square root of a magnitude never sets errno, so it is one instruction and not a library call.
    let size = magnitude.vector
    var root = size
    for lane in root.indices { root[lane] = size[lane].squareRoot() }
    return Self.choose(self < 0.0, Self(.nan), Self(root).signed(signs))
  }
  @inline(__always) func rounded(_ rule: FloatingPointRoundingRule) -> Self { Self(vector.rounded(rule)) }

  @inline(__always) static func < (a: Self, b: Self) -> Mask { a.vector .< b.vector }
  @inline(__always) static func <= (a: Self, b: Self) -> Mask { a.vector .<= b.vector }
  @inline(__always) static func == (a: Self, b: Self) -> Mask { a.vector .== b.vector }
  @inline(__always) static func != (a: Self, b: Self) -> Mask { a.vector .!= b.vector }
  @inline(__always) static func either(_ a: Mask, _ b: Mask) -> Mask { a .| b }
  @inline(__always) static func choose(_ mask: Mask, _ a: Self, _ b: Self) -> Self {
    Self(b.vector.replacing(with: a.vector, where: mask))
  }

  /// The lower and the upper half as doubles.
  @inline(__always) var halves: (DoubleLanes, DoubleLanes) {
    (DoubleLanes(DoubleVector(vector.lowHalf)), DoubleLanes(DoubleVector(vector.highHalf)))
  }
  /// Two halves rounded and joined.
  @inline(__always) init(_ low: DoubleLanes, _ high: DoubleLanes) {
    vector = FloatVector(lowHalf: HalfVector(low.vector), highHalf: HalfVector(high.vector))
  }
}
