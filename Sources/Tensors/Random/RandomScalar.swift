import KernelInterface

/// A floating-point type that a random word can be turned into.
public protocol RandomScalar: BinaryFloatingPoint, Sendable {
  /// The uniform number in [0, 1) of a word.
  static func uniform(word: UInt64) -> Self
  /// The standard normal number of a word.
  static func normal(word: UInt64) -> Self
  /// The numbers of many words.
  static func fill(_ draw: RandomDraw<Self>, _ words: RandomWords, _ out: UnsafeMutablePointer<Self>, _ count: Int)
}

extension Double: RandomScalar {
  @inline(__always)
  public static func uniform(word: UInt64) -> Double { Double(Int64(truncatingIfNeeded: word >> 11)) * 0x1p-53 }

  @inline(__always)
  public static func normal(word: UInt64) -> Double {
    // The middle of the word's interval, less one half: exact, and symmetrical about zero.
    let step = Int64(bitPattern: word ^ (1 << 63)) >> 11
    return NormalQuantile.value(centred: (Double(step) + 0.5) * 0x1p-53)
  }

  public static func fill(
    _ draw: RandomDraw<Double>, _ words: RandomWords, _ out: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    Double.kernels.random(draw, words, out, count)
  }
}

extension Float: RandomScalar {
  @inline(__always)
  public static func uniform(word: UInt64) -> Float { Float(Int32(truncatingIfNeeded: word >> 40)) * 0x1p-24 }

  @inline(__always)
  public static func normal(word: UInt64) -> Float { Float(Double.normal(word: word)) }

  public static func fill(
    _ draw: RandomDraw<Float>, _ words: RandomWords, _ out: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    Float.kernels.random(draw, words, out, count)
  }
}
