import CLanes
import KernelInterface

/// Words that one thread draws at a time.
private let grain = 16384
/// Words generated before they are turned into numbers; a multiple of every register's words.
private let block = 512

func random<T: VectorScalar>(
  _ draw: RandomDraw<T>, _ words: RandomWords, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  inParts(count, grain) { start, count in
    var words = words
    words.position &+= UInt64(start)
    randomPart(draw, words, out + start, count)
  }
}

private func randomPart<T: VectorScalar>(
  _ draw: RandomDraw<T>, _ words: RandomWords, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  withUnsafeTemporaryAllocation(byteCount: 5 * block * 8, alignment: 64) { bytes in
    let buffer = bytes.baseAddress.unsafelyUnwrapped.bindMemory(to: Double.self, capacity: 5 * block)
    // A stream's words come in pairs: an odd start leaves the first one out.
    let skip = Int(words.position & 1)
    var done = 0
    while done < count {
      let offset = done == 0 ? skip : 0
      let length = min(block - offset, count - done)
      let first = (words.position >> 1) &+ UInt64((done + skip) / 2)
      philox(words.seed, words.stream, first, buffer, offset + length)
      let (numbers, target) = (buffer + offset, out + done)
      switch draw {
      case .uniform:
        if T.self == Float.self {
          eachRegister(length, numbers) { $0.upper24 }
        } else {
          eachRegister(length, numbers) { $0.upper53 }
        }
        for i in 0..<length { target[i] = T(numbers[i]) }
      case .normal:
        eachRegister(length, numbers) { ($0.upper53 - 0.5) + 0x1p-54 }
        normalQuantiles(numbers, length, buffer + block + 8)
        for i in 0..<length { target[i] = T(numbers[i]) }
      case .mask(let probability, let value):
        let limit = DoubleLanes(probability)
        eachRegister(length, numbers) { DoubleLanes.choose($0.upper53 < limit, 1.0, 0.0) }
        for i in 0..<length { target[i] = numbers[i] != 0 ? value : 0 }
      }
      done += length
    }
  }
}

/// Replaces numbers by `f` of them, whole registers at a time: the buffer reaches a register beyond `count`.
@inline(__always)
private func eachRegister(_ count: Int, _ x: UnsafeMutablePointer<Double>, _ f: (DoubleLanes) -> DoubleLanes) {
  var i = 0
  while i < count {
    f(DoubleLanes(load: x + i)).store(x + i)
    i += DoubleLanes.count
  }
}

extension DoubleLanes {
  /// The upper 53 bits of words, as numbers in [0, 1).
  @_transparent
  fileprivate var upper53: Self {
    let exponent = DoubleBits(repeating: 0x4330_0000_0000_0000)
    let high = Self(bits: (bits &>> 32) | exponent) - 0x1p52
    let low = Self(bits: ((bits &>> 11) & DoubleBits(repeating: 0x1F_FFFF)) | exponent) - 0x1p52
    return high * 0x1p-32 + low * 0x1p-53
  }

  /// The upper 24 bits of words, as numbers in [0, 1).
  @_transparent
  fileprivate var upper24: Self {
    (Self(bits: (bits &>> 40) | DoubleBits(repeating: 0x4330_0000_0000_0000)) - 0x1p52) * 0x1p-24
  }
}

/// `count` words of a stream as they are.
func randomWords(_ words: RandomWords, _ out: UnsafeMutablePointer<UInt64>, _ count: Int) {
  withUnsafeTemporaryAllocation(byteCount: block * 8, alignment: 64) { bytes in
    let buffer = bytes.baseAddress.unsafelyUnwrapped.bindMemory(to: Double.self, capacity: block)
    var (position, done) = (words.position, 0)
    while done < count {
      let offset = Int(position & 1)
      let length = min(block - offset, count - done)
      philox(words.seed, words.stream, position >> 1, buffer, offset + length)
      UnsafeMutableRawPointer(out + done).copyMemory(from: buffer + offset, byteCount: length * 8)
      position &+= UInt64(length)
      done += length
    }
  }
}

/// Words of a stream, at most a block of them, two from each counter, many counters side by side: see `Philox`. The last register is
/// filled.
private func philox(
  _ seed: UInt64, _ stream: UInt64, _ first: UInt64, _ words: UnsafeMutablePointer<Double>, _ count: Int
) {
  let lower = DoubleBits(repeating: 0xFFFF_FFFF)
  let thirtyTwo = DoubleBits(repeating: 32)
  let multiplier0 = DoubleBits(repeating: Philox.multipliers.0)
  let multiplier1 = DoubleBits(repeating: Philox.multipliers.1)
  let (step0, step1) = Philox.keySteps
  var counter = DoubleBits(repeating: first)
  for lane in 0..<DoubleBits.scalarCount { counter[lane] &+= UInt64(lane) }
  var i = 0
  while i < count {
    var (c0, c1) = (counter & lower, counter &>> thirtyTwo)
    var (c2, c3) = (DoubleBits(repeating: stream & 0xFFFF_FFFF), DoubleBits(repeating: stream >> 32))
    var (k0, k1) = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    for _ in 0..<10 {
      let product0 = (c0 & lower) &* multiplier0
      let product1 = (c2 & lower) &* multiplier1
      c0 = (product1 &>> thirtyTwo) ^ c1 ^ DoubleBits(repeating: UInt64(k0))
      c1 = product1 & lower
      c2 = (product0 &>> thirtyTwo) ^ c3 ^ DoubleBits(repeating: UInt64(k1))
      c3 = product0 & lower
      k0 &+= step0
      k1 &+= step1
    }
    let even = DoubleLanes(bits: c0 | (c1 &<< thirtyTwo)).vector
    let odd = DoubleLanes(bits: c2 | (c3 &<< thirtyTwo)).vector
    DoubleLanes(nabla_doubles_interleave_low(even, odd)).store(words + i)
    DoubleLanes(nabla_doubles_interleave_high(even, odd)).store(words + i + DoubleLanes.count)
    counter = counter &+ DoubleBits(repeating: UInt64(DoubleBits.scalarCount))
    i += 2 * DoubleLanes.count
  }
}

/// `NormalQuantile.value` of each number: the middle in registers, then the tails, gathered, in registers of their own.
private func normalQuantiles(_ x: UnsafeMutablePointer<Double>, _ count: Int, _ room: UnsafeMutablePointer<Double>) {
  let places = UnsafeMutableRawPointer(room).assumingMemoryBound(to: Int.self)
  let tails = room + block + 8
  var found = 0
  for i in 0..<count {
    places[found] = i
    tails[found] = x[i]
    found += x[i].magnitude > NormalQuantile.middleLimit ? 1 : 0
  }
  let (above, below) = NormalQuantile.middle
  eachRegister(count, x) { q in
    let r = DoubleLanes(0.180625) - q * q
    return q * (horner(above, r) / horner(below, r))
  }
  for i in found..<found + 8 { tails[i] = 0.45 }
  let (tailAbove, tailBelow) = NormalQuantile.tail
  let values = tails + block + 8
  var i = 0
  while i < found {
    let q = DoubleLanes(load: tails + i)
    let root = (-(DoubleLanes(0.5) - q.magnitude).plainLog).squareRoot
    let r = root - 1.6
    (horner(tailAbove, r) / horner(tailBelow, r)).signed(q.signs).store(values + i)
    root.store(tails + i)
    i += DoubleLanes.count
  }
  for i in 0..<found {
    // One number in fifty thousand million is farther out.
    x[places[i]] = tails[i] <= 5 ? values[i] : far(tails[i], values[i])
  }
}

@inline(never)
private func far(_ root: Double, _ value: Double) -> Double {
  let size = NormalQuantile.farValue(root: root)
  return value < 0 ? -size : size
}

@inline(__always)
private func horner(_ c: SIMD8<Double>, _ r: DoubleLanes) -> DoubleLanes {
  var p = DoubleLanes(c[7]) * r + DoubleLanes(c[6])
  p = p * r + DoubleLanes(c[5])
  p = p * r + DoubleLanes(c[4])
  p = p * r + DoubleLanes(c[3])
  p = p * r + DoubleLanes(c[2])
  p = p * r + DoubleLanes(c[1])
  return p * r + DoubleLanes(c[0])
}

extension DoubleLanes {
  /// The logarithm of normal positive numbers without fused operations, in the steps of `NormalQuantile`.
  @_transparent
  fileprivate var plainLog: Self {
    let (k, f) = splitByTwo
    let s = f / (f + 2.0)
    let z = s * s
    let w = z * z
    let even = w * ((w * 1.531383769920937332e-01 + 2.222219843214978396e-01) * w + 3.999999999940941908e-01)
    let inner = (w * 1.479819860511658591e-01 + 1.818357216161805012e-01) * w + 2.857142874366239149e-01
    let odd = z * (inner * w + 6.666666666666735130e-01)
    let half = f * f * 0.5
    return k * 6.93147180369123816490e-01 - ((half - (s * (half + (even + odd)) + k * 1.90821492927058770002e-10)) - f)
  }
}
