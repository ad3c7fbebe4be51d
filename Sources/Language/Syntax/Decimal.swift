/// Numbers as they are typed.
enum Decimal {
  /// The number these digits say, correctly rounded: `12`, `1_000.5`, `3e-9`.
  ///
  /// Up to 15 digits and a power of ten up to 22 are both exact in binary, and so one operation rounds once; what is longer is left to
  /// the standard library.
  static func value(_ bytes: ArraySlice<UInt8>) -> Double? {
    var (digits, count, decimals): (UInt64, Int, Int) = (0, 0, 0)
    var hasPoint = false
    for byte in bytes {
      switch byte {
      case 0x30...0x39:
        digits = digits &* 10 &+ UInt64(byte - 0x30)
        if digits > 0 { count += 1 }
        if hasPoint { decimals += 1 }
      case 0x2E: hasPoint = true
      case 0x5F: break
      default: return long(bytes)
      }
    }
    guard count <= 15, decimals < powers.count else { return long(bytes) }
    return decimals == 0 ? Double(digits) : Double(digits) / powers[decimals]
  }

  private static func long(_ bytes: ArraySlice<UInt8>) -> Double? {
    Double(String(decoding: bytes.filter { $0 != 0x5F }, as: UTF8.self))
  }

  /// 10⁰ to 10²², all exact.
  private static let powers: [Double] = (0...22).map { (0..<$0).reduce(1.0) { power, _ in power * 10 } }
}
