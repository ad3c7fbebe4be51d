/// Lanes of `Double`.
struct DoubleLanes: Lanes, ExpressibleByFloatLiteral {
  typealias Mask = SIMDMask<DoubleVector.MaskStorage>

  var vector: DoubleVector

  @inline(__always) static var count: Int { DoubleVector.scalarCount }
  @inline(__always) init(_ vector: DoubleVector) { self.vector = vector }
  @inline(__always) init(_ value: Double) { vector = DoubleVector(repeating: value) }
  @inline(__always) init(floatLiteral value: Double) { vector = DoubleVector(repeating: value) }
  @inline(__always) init(bits: DoubleBits) { vector = unsafeBitCast(bits, to: DoubleVector.self) }
  @inline(__always) init(load source: UnsafePointer<Double>) {
    vector = UnsafeRawPointer(source).loadUnaligned(as: DoubleVector.self)
  }
  @inline(__always) func store(_ target: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(target).storeBytes(of: vector, as: DoubleVector.self)
  }
  @inline(__always) var bits: DoubleBits { unsafeBitCast(vector, to: DoubleBits.self) }

  @inline(__always) static func + (a: Self, b: Self) -> Self { Self(a.vector + b.vector) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { Self(a.vector - b.vector) }
  @inline(__always) static func * (a: Self, b: Self) -> Self { Self(a.vector * b.vector) }
  @inline(__always) static func / (a: Self, b: Self) -> Self { Self(a.vector / b.vector) }
  @inline(__always) static prefix func - (a: Self) -> Self {
    Self(bits: a.bits ^ DoubleBits(repeating: 0x8000_0000_0000_0000))
  }
  @inline(__always) func times(_ factor: Self, plus addend: Self) -> Self {
    #if BASELINE && arch(x86_64)
      Self(vector * factor.vector + addend.vector)
    #else
      Self(addend.vector.addingProduct(vector, factor.vector))
    #endif
  }
  @inline(__always) var magnitude: Self { Self(bits: bits & DoubleBits(repeating: 0x7FFF_FFFF_FFFF_FFFF)) }
  /// Only the sign bits.
  @inline(__always) var signs: DoubleBits { bits & DoubleBits(repeating: 0x8000_0000_0000_0000) }
  /// These lanes, none of them negative, with the signs of others.
  @inline(__always) func signed(_ signs: DoubleBits) -> Self { Self(bits: bits | signs) }
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
}
