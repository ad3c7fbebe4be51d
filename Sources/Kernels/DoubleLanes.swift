import CLanes

/// Lanes of `Double`.
struct DoubleLanes: Lanes, ExpressibleByFloatLiteral {
  typealias Mask = SIMDMask<DoubleVector.MaskStorage>

  var vector: DoubleVector

  @_transparent static var count: Int { DoubleVector.scalarCount }
  @_transparent init(_ vector: DoubleVector) { self.vector = vector }
  @_transparent init(_ value: Double) { vector = DoubleVector(repeating: value) }
  @_transparent init(floatLiteral value: Double) { vector = DoubleVector(repeating: value) }
  @_transparent init(bits: DoubleBits) { vector = unsafeBitCast(bits, to: DoubleVector.self) }
  @_transparent init(load source: UnsafePointer<Double>) {
    vector = UnsafeRawPointer(source).loadUnaligned(as: DoubleVector.self)
  }
  @_transparent func store(_ target: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(target).storeBytes(of: vector, as: DoubleVector.self)
  }
  @_transparent init(load source: UnsafePointer<Double>, first count: Int, filler: Double) {
    #if VECTOR512 || VECTOR256
      vector = nabla_doubles_load(source, count, DoubleVector(repeating: filler))
    #else
      vector = DoubleVector(repeating: filler)
      withUnsafeMutableBytes(of: &vector) {
        copyBytes(UnsafeRawPointer(source), $0.baseAddress.unsafelyUnwrapped, count * MemoryLayout<Double>.stride)
      }
    #endif
  }
  @_transparent func store(_ target: UnsafeMutablePointer<Double>, first count: Int) {
    #if VECTOR512 || VECTOR256
      nabla_doubles_store(target, count, vector)
    #else
      withUnsafeBytes(of: vector) {
        copyBytes(
          $0.baseAddress.unsafelyUnwrapped, UnsafeMutableRawPointer(target), count * MemoryLayout<Double>.stride)
      }
    #endif
  }
  @_transparent var bits: DoubleBits { unsafeBitCast(vector, to: DoubleBits.self) }

  @_transparent static func + (a: Self, b: Self) -> Self { Self(a.vector + b.vector) }
  @_transparent static func - (a: Self, b: Self) -> Self { Self(a.vector - b.vector) }
  @_transparent static func * (a: Self, b: Self) -> Self { Self(a.vector * b.vector) }
  @_transparent static func / (a: Self, b: Self) -> Self { Self(a.vector / b.vector) }
  @_transparent static prefix func - (a: Self) -> Self {
    Self(bits: a.bits ^ DoubleBits(repeating: 0x8000_0000_0000_0000))
  }
  @_transparent func times(_ factor: Self, plus addend: Self) -> Self {
    #if BASELINE && arch(x86_64)
      Self(vector * factor.vector + addend.vector)
    #else
      Self(nabla_doubles_fma(vector, factor.vector, addend.vector))
    #endif
  }
  @_transparent var magnitude: Self { Self(bits: bits & DoubleBits(repeating: 0x7FFF_FFFF_FFFF_FFFF)) }
  /// Only the sign bits.
  @_transparent var signs: DoubleBits { bits & DoubleBits(repeating: 0x8000_0000_0000_0000) }
  /// These lanes, none of them negative, with the signs of others.
  @_transparent func signed(_ signs: DoubleBits) -> Self { Self(bits: bits | signs) }
  @_transparent var squareRoot: Self { Self(nabla_doubles_sqrt(vector)) }
  @_transparent var floor: Self { Self(nabla_doubles_floor(vector)) }
  @_transparent var ceil: Self { Self(nabla_doubles_ceil(vector)) }
  /// Half to even.
  @_transparent var rounded: Self { Self(nabla_doubles_roundeven(vector)) }

  @_transparent static func < (a: Self, b: Self) -> Mask { a.vector .< b.vector }
  @_transparent static func <= (a: Self, b: Self) -> Mask { a.vector .<= b.vector }
  @_transparent static func == (a: Self, b: Self) -> Mask { a.vector .== b.vector }
  @_transparent static func != (a: Self, b: Self) -> Mask { a.vector .!= b.vector }
  @_transparent static func either(_ a: Mask, _ b: Mask) -> Mask { a .| b }
  @_transparent static func choose(_ mask: Mask, _ a: Self, _ b: Self) -> Self {
    Self(b.vector.replacing(with: a.vector, where: mask))
  }
}
