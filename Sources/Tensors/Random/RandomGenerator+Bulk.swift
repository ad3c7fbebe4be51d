extension RandomGenerator {
  /// Fills a buffer with uniform numbers in [0, 1), the same ones as that many calls of `uniform()`.
  public mutating func fillUniform<T: RandomScalar>(_ buffer: UnsafeMutableBufferPointer<T>) {
    fill(buffer) { T.uniform(word: $0) }
  }

  /// Fills a buffer with standard normal numbers, the same ones as that many calls of `normal()`.
  public mutating func fillNormal<T: RandomScalar>(_ buffer: UnsafeMutableBufferPointer<T>) {
    fill(buffer) { T.normal(word: $0) }
  }

  /// Fills a buffer with a mask: `value` with the given probability, else 0; the same draws as `bernoulli(_:)`.
  ///
  /// Dropout at rate `p` is `x * mask` with a mask of probability `1 - p` and value `1 / (1 - p)`.
  public mutating func fillMask<T: RandomScalar>(
    _ buffer: UnsafeMutableBufferPointer<T>, probability: Double, value: T = 1
  ) {
    fill(buffer) { Double.uniform(word: $0) < probability ? value : 0 }
  }

  @inline(__always)
  private mutating func fill<T: RandomScalar>(_ buffer: UnsafeMutableBufferPointer<T>, _ draw: (UInt64) -> T) {
    var index = 0
    if position & 1 == 1, index < buffer.count {
      buffer[index] = draw(next())
      index += 1
    }
    var block = position >> 1
    while index + 1 < buffer.count {
      let words = Philox.block(seed: seed, stream: stream, index: block)
      buffer[index] = draw(words.0)
      buffer[index + 1] = draw(words.1)
      index += 2
      block &+= 1
      position &+= 2
    }
    if index < buffer.count { buffer[index] = draw(next()) }
  }
}
