import KernelInterface

extension RandomGenerator {
  /// Fills a buffer with uniform numbers in [0, 1), the same ones as that many calls of `uniform()`.
  public mutating func fillUniform<T: RandomScalar>(_ buffer: UnsafeMutableBufferPointer<T>) {
    fill(buffer, .uniform)
  }

  /// Fills a buffer with standard normal numbers, the same ones as that many calls of `normal()`.
  public mutating func fillNormal<T: RandomScalar>(_ buffer: UnsafeMutableBufferPointer<T>) {
    fill(buffer, .normal)
  }

  /// Fills a buffer with a mask: `value` with the given probability, else 0; the same draws as `bernoulli(_:)`.
  ///
  /// Dropout at rate `p` is `x * mask` with a mask of probability `1 - p` and value `1 / (1 - p)`.
  public mutating func fillMask<T: RandomScalar>(
    _ buffer: UnsafeMutableBufferPointer<T>, probability: Double, value: T = 1
  ) {
    fill(buffer, .mask(probability: probability, value: value))
  }

  private mutating func fill<T: RandomScalar>(_ buffer: UnsafeMutableBufferPointer<T>, _ draw: RandomDraw<T>) {
    guard let start = buffer.baseAddress else { return }
    T.fill(draw, RandomWords(seed: seed, stream: stream, position: position), start, buffer.count)
    position &+= UInt64(buffer.count)
  }
}
