/// The block function of Philox4x32-10: 128 bits of counter and 64 bits of key to 128 random bits.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
public enum Philox {
  public static let multipliers: (UInt64, UInt64) = (0xD251_1F53, 0xCD9E_8D57)
  public static let keySteps: (UInt32, UInt32) = (0x9E37_79B9, 0xBB67_AE85)

  /// The four output words of a counter under a key, ten rounds.
  @inlinable
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (c0, c1, c2, c3) = (counter.x, counter.y, counter.z, counter.w)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let product0 = UInt64(c0) &* multipliers.0
      let product1 = UInt64(c2) &* multipliers.1
      c0 = UInt32(truncatingIfNeeded: product1 >> 32) ^ c1 ^ k0
      c1 = UInt32(truncatingIfNeeded: product1)
      c2 = UInt32(truncatingIfNeeded: product0 >> 32) ^ c3 ^ k1
      c3 = UInt32(truncatingIfNeeded: product0)
      k0 &+= keySteps.0
      k1 &+= keySteps.1
    }
    return SIMD4(c0, c1, c2, c3)
  }

  /// Words `2 * index` and `2 * index + 1` of a stream.
  @inlinable
  public static func block(seed: UInt64, stream: UInt64, index: UInt64) -> (UInt64, UInt64) {
    let counter = SIMD4<UInt32>(
      UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
    let key = SIMD2<UInt32>(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let bits = block(counter: counter, key: key)
    return (UInt64(bits.x) | UInt64(bits.y) << 32, UInt64(bits.z) | UInt64(bits.w) << 32)
  }
}
