/// What to draw from each word of a random stream; `RandomGenerator` in `Tensors` says how words become numbers.
public enum RandomDraw<Scalar: Sendable>: Sendable {
  /// Uniform in [0, 1).
  case uniform
  /// Of the standard normal distribution.
  case normal
  /// `value` with a probability, else 0.
  case mask(probability: Double, value: Scalar)
}

/// A place in a random stream.
public struct RandomWords: Sendable {
  public var seed: UInt64
  public var stream: UInt64
  /// The index of the first word.
  public var position: UInt64

  public init(seed: UInt64, stream: UInt64, position: UInt64) {
    self.seed = seed
    self.stream = stream
    self.position = position
  }
}
