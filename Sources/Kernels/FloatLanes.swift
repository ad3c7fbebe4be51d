import CLanes

/// Lanes of `Float`.
struct FloatLanes: Lanes, ExpressibleByFloatLiteral {
  typealias Mask = SIMDMask<FloatVector.MaskStorage>

  var vector: FloatVector

  @_transparent static var count: Int { FloatVector.scalarCount }
  @_transparent init(_ vector: FloatVector) { self.vector = vector }
  @_transparent init(_ value: Float) { vector = FloatVector(repeating: value) }
  @_transparent init(floatLiteral value: Float) { vector = FloatVector(repeating: value) }
  @_transparent init(bits: FloatBits) { vector = unsafeBitCast(bits, to: FloatVector.self) }
  @_transparent init(load source: UnsafePointer<Float>) {
    vector = UnsafeRawPointer(source).loadUnaligned(as: FloatVector.self)
  }
  @_transparent func store(_ target: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(target).storeBytes(of: vector, as: FloatVector.self)
  }
  @_transparent init(load source: UnsafePointer<Float>, first count: Int, filler: Float) {
    #if VECTOR512 || VECTOR256
      vector = nabla_floats_load(source, count, FloatVector(repeating: filler))
    #else
      vector = FloatVector(repeating: filler)
      withUnsafeMutableBytes(of: &vector) {
        copyBytes(UnsafeRawPointer(source), $0.baseAddress.unsafelyUnwrapped, count * MemoryLayout<Float>.stride)
      }
    #endif
  }
  @_transparent func store(_ target: UnsafeMutablePointer<Float>, first count: Int) {
    #if VECTOR512 || VECTOR256
      nabla_floats_store(target, count, vector)
    #else
      withUnsafeBytes(of: vector) {
        copyBytes($0.baseAddress.unsafelyUnwrapped, UnsafeMutableRawPointer(target), count * MemoryLayout<Float>.stride)
      }
    #endif
  }
  @_transparent var bits: FloatBits { unsafeBitCast(vector, to: FloatBits.self) }

  @_transparent static func + (a: Self, b: Self) -> Self { Self(a.vector + b.vector) }
  @_transparent static func - (a: Self, b: Self) -> Self { Self(a.vector - b.vector) }
  @_transparent static func * (a: Self, b: Self) -> Self { Self(a.vector * b.vector) }
  @_transparent static func / (a: Self, b: Self) -> Self { Self(a.vector / b.vector) }
  @_transparent static prefix func - (a: Self) -> Self {
    Self(bits: a.bits ^ FloatBits(repeating: 0x8000_0000))
  }
  @_transparent func times(_ factor: Self, plus addend: Self) -> Self {
    #if BASELINE && arch(x86_64)
      Self(vector * factor.vector + addend.vector)
    #else
      Self(nabla_floats_fma(vector, factor.vector, addend.vector))
    #endif
  }
  @_transparent var magnitude: Self { Self(bits: bits & FloatBits(repeating: 0x7FFF_FFFF)) }
  /// Only the sign bits.
  @_transparent var signs: FloatBits { bits & FloatBits(repeating: 0x8000_0000) }
  /// These lanes, none of them negative, with the signs of others.
  @_transparent func signed(_ signs: FloatBits) -> Self { Self(bits: bits | signs) }
  @_transparent var squareRoot: Self { Self(nabla_floats_sqrt(vector)) }
  @_transparent var floor: Self { Self(nabla_floats_floor(vector)) }
  @_transparent var ceil: Self { Self(nabla_floats_ceil(vector)) }
  /// Half to even.
  @_transparent var rounded: Self { Self(nabla_floats_roundeven(vector)) }

  @_transparent static func < (a: Self, b: Self) -> Mask { a.vector .< b.vector }
  @_transparent static func <= (a: Self, b: Self) -> Mask { a.vector .<= b.vector }
  @_transparent static func == (a: Self, b: Self) -> Mask { a.vector .== b.vector }
  @_transparent static func != (a: Self, b: Self) -> Mask { a.vector .!= b.vector }
  @_transparent static func either(_ a: Mask, _ b: Mask) -> Mask { a .| b }
  @_transparent static func choose(_ mask: Mask, _ a: Self, _ b: Self) -> Self {
    Self(b.vector.replacing(with: a.vector, where: mask))
  }

  /// The lower and the upper half as doubles.
  @_transparent var halves: (DoubleLanes, DoubleLanes) {
    (DoubleLanes(nabla_widen_low(vector)), DoubleLanes(nabla_widen_high(vector)))
  }
  /// Two halves rounded and joined.
  @_transparent init(_ low: DoubleLanes, _ high: DoubleLanes) { vector = nabla_narrow_both(low.vector, high.vector) }
}
