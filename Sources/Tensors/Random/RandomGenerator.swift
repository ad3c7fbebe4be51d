import KernelInterface

/// A source of random numbers that is a value: a seed, a stream and a position in it, nothing hidden.
///
/// Word `n` of a stream is a pure function of `(seed, stream, n)`: half of one block of Philox4x32-10 (see ``Philox``), so a
/// stream can be read in bulk, in parts, from the middle or in parallel, and always holds the same numbers. Every uniform, normal
/// or Bernoulli draw takes exactly one word, in either precision; the `Float` is the `Double` of the same word, rounded (uniform:
/// cut to 24 bits). Stream version 1:
///
///     block  = Philox4x32-10(counter: [n / 2 low, n / 2 high, stream low, stream high], key: [seed low, seed high])
///     word n = block[0] | block[1] << 32 for even n, block[2] | block[3] << 32 for odd n
///     uniform = (word >> 11) · 2⁻⁵³                  Double, in [0, 1)
///     uniform = (word >> 40) · 2⁻²⁴                  Float, in [0, 1)
///     normal  = Φ⁻¹((word >> 11) · 2⁻⁵³ + 2⁻⁵⁴)      Wichura's AS241, see `NormalQuantile`
///
/// The arithmetic has no fused operations and no C library functions, so the stream is the same on every machine.
public struct RandomGenerator: RandomNumberGenerator, Hashable, Sendable {
  /// The version of the stream: raised when any draw of a given seed changes.
  public static let streamVersion = 1

  /// The key of the generator.
  public let seed: UInt64
  /// Which of the seed's 2⁶⁴ independent streams this is.
  public let stream: UInt64
  /// The index of the next word; it may be set to go anywhere in the stream.
  public var position: UInt64

  public init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.position = position
  }

  /// The word at an index of this stream.
  public func word(at index: UInt64) -> UInt64 {
    let block = Philox.block(seed: seed, stream: stream, index: index >> 1)
    return index & 1 == 0 ? block.0 : block.1
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    defer { position &+= 1 }
    return word(at: position)
  }

  /// A generator independent of this one and of every other split: the next two words become its seed and its stream.
  public mutating func split() -> RandomGenerator {
    let seed = next()
    return RandomGenerator(seed: seed, stream: next())
  }

  /// A number uniform in [0, 1), from one word.
  public mutating func uniform<T: RandomScalar>(_: T.Type = T.self) -> T { T.uniform(word: next()) }

  /// A number of the standard normal distribution, from one word.
  public mutating func normal<T: RandomScalar>(_: T.Type = T.self) -> T { T.normal(word: next()) }

  /// True with the given probability, from one word: where the uniform `Double` is below it.
  public mutating func bernoulli(_ probability: Double) -> Bool { Double.uniform(word: next()) < probability }

  /// An integer in `0..<bound`, each equally likely.
  ///
  /// Lemire's method: the upper half of `word · bound`, drawing again while the lower half is below `2⁶⁴ mod bound`, which
  /// happens with probability under `bound / 2⁶⁴`.
  /// - Precondition: `bound > 0`.
  public mutating func integer(below bound: Int) -> Int { Self.integer(below: bound) { next() } }

  private static func integer(below bound: Int, _ next: () -> UInt64) -> Int {
    precondition(bound > 0, "the bound of a random integer must be positive")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// The numbers `0..<count` in random order, each order equally likely: Fisher and Yates from the last place down.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = [Int](unsafeUninitializedCapacity: count) { places, initialized in
      for place in 0..<count { places.initializeElement(at: place, to: place) }
      initialized = count
    }
    shuffle(&order)
    return order
  }

  /// Puts the elements in random order, as ``permutation(_:)`` does.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Swift.min(elements.count + 1, 256)) { room in
      var words = WordsAhead(self, room)
      elements.withUnsafeMutableBufferPointer { elements in
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
          elements.swapAt(last, Self.integer(below: last + 1) { words.next() })
        }
      }
      position = words.position
    }
  }
}

/// The next words of a generator, computed many at a time.
private struct WordsAhead {
  private let generator: RandomGenerator
  private let words: UnsafeMutableBufferPointer<UInt64>
  private var used: Int
  private(set) var position: UInt64

  init(_ generator: RandomGenerator, _ room: UnsafeMutableBufferPointer<UInt64>) {
    (self.generator, words, used, position) = (generator, room, room.count, generator.position)
  }

  mutating func next() -> UInt64 {
    if used == words.count, let start = words.baseAddress {
      let place = RandomWords(seed: generator.seed, stream: generator.stream, position: position)
      Double.kernels.randomWords(place, start, words.count)
      used = 0
    }
    defer { (used, position) = (used + 1, position &+ 1) }
    return words[used]
  }
}
