// Functions of `Float` by way of `Double`: the halves of a register are widened, a short polynomial is exact far beyond `Float`'s 24
// bits, and the one rounding at the end is the only error to speak of.

extension FloatLanes {
  static var periodicLimit: Float { 0x1p20 }

  @inline(__always)
  private func widened(_ f: (DoubleLanes) -> DoubleLanes) -> Self {
    let (low, high) = halves
    return Self(f(low), f(high))
  }

  var expm1: Self { @inline(__always) get { widened { $0.shortExpm1 } } }
  var log1p: Self { @inline(__always) get { widened { $0.shortLog1p } } }
  var sin: Self { @inline(__always) get { widened { $0.shortSin } } }
  var cos: Self { @inline(__always) get { widened { $0.shortCos } } }
  var tan: Self { @inline(__always) get { widened { $0.shortTan } } }
  var erf: Self { @inline(__always) get { widened { $0.shortErf } } }
  var softplus: Self { @inline(__always) get { widened { $0.shortSoftplus } } }

  /// C's `pow`, in all its special cases.
  @inline(__always)
  func power(_ exponent: Self) -> Self {
    let (low, high) = halves
    let (lowExponent, highExponent) = exponent.halves
    return Self(low.shortPower(lowExponent), high.shortPower(highExponent))
  }
}

extension DoubleLanes {
  /// exp(r) - 1 over r, to 34 bits.
  @inline(__always)
  private static func shortSeries(_ r: Self) -> Self {
    var p: Self = 0.00019790514704818546
    p = p.times(r, plus: 0.0013944776293360601)
    p = p.times(r, plus: 0.008333497247366687)
    p = p.times(r, plus: 0.04166629332911613)
    p = p.times(r, plus: 0.1666666586595291)
    p = p.times(r, plus: 0.5000000068155762)
    return p.times(r, plus: 1.0)
  }

  /// exp(x) for x in -700...700.
  @inline(__always)
  private var shortExp: Self {
    let (n, r) = reducedByLn2
    return Self.shortSeries(r).times(r, plus: 1.0) * Self.powerOfTwo(n + Self.rounder)
  }

  @inline(__always)
  fileprivate var shortExpm1: Self {
    let (n, r) = atMost(100).atLeast(-30).reducedByLn2
    let scale = Self.powerOfTwo(n + Self.rounder)
    let value = scale.times(Self.shortSeries(r) * r, plus: scale - 1.0)
    return Self.choose(self == 0.0, self, value)
  }

  /// k ln 2 + log(1 + f), to 36 bits.
  @inline(__always)
  private static func shortLog(_ k: Self, _ f: Self) -> Self {
    let s = f / (f + 2.0)
    let z = s * s
    var p: Self = 0.23585053788281812
    p = p.times(z, plus: 0.2853716393919832)
    p = p.times(z, plus: 0.40000337327493835)
    p = p.times(z, plus: 0.6666666563666952)
    return k.times(0.6931471805599453, plus: p.times(z, plus: 2.0) * s)
  }

  @inline(__always)
  fileprivate var shortLog1p: Self {
    let u = self + 1.0
    let (k, f) = u.splitByTwo
    let value = u.fencedLog(Self.shortLog(k, Self.choose(k == 0.0, self, f)))
    return Self.choose(self == 0.0, self, value)
  }

  @inline(__always)
  fileprivate var shortSoftplus: Self {
    let e = (-magnitude).atLeast(-200).shortExp
    let (k, f) = (e + 1.0).splitByTwo
    return Self.choose(self < 0.0, 0.0, self) + Self.shortLog(k, Self.choose(k == 0.0, e, f))
  }

  @inline(__always)
  private var shortQuadrant: (sine: Self, cosine: Self, turns: DoubleBits) {
    let x = magnitude
    let shifted = x.times(0.6366197723675814, plus: Self.rounder)
    let n = shifted - Self.rounder
    let r = n.times(-6.07710050650619224932e-11, plus: n.times(-1.57079632673412561417e+00, plus: x))
    let z = r * r
    var s: Self = 2.7182351764942304e-06
    s = s.times(z, plus: -0.0001983932687124424)
    s = s.times(z, plus: 0.008333329361238978)
    s = s.times(z, plus: -0.1666666664141422)
    var c: Self = 2.443769033761219e-05
    c = c.times(z, plus: -0.0013887361049458207)
    c = c.times(z, plus: 0.041666646738007886)
    c = c.times(z, plus: -0.5)
    return (s.times(z * r, plus: r), c.times(z, plus: 1.0), shifted.bits)
  }

  @inline(__always)
  fileprivate var shortSin: Self {
    let (sine, cosine, turns) = shortQuadrant
    let value = Self.choose(Self.isOdd(turns), cosine, sine)
    return Self(bits: value.bits ^ ((turns &<< 62) & DoubleBits(repeating: 1 << 63)) ^ signs)
  }

  @inline(__always)
  fileprivate var shortCos: Self {
    let (sine, cosine, turns) = shortQuadrant
    let value = Self.choose(Self.isOdd(turns), sine, cosine)
    return Self(
      bits: value.bits ^ (((turns &+ DoubleBits(repeating: 1)) &<< 62) & DoubleBits(repeating: 1 << 63)))
  }

  @inline(__always)
  fileprivate var shortTan: Self {
    let (sine, cosine, turns) = shortQuadrant
    let odd = Self.isOdd(turns)
    return Self(bits: (Self.choose(odd, -cosine, sine) / Self.choose(odd, sine, cosine)).bits ^ signs)
  }

  @inline(__always)
  fileprivate var shortErf: Self {
    let a = magnitude.atMost(4)
    let z = a * a
    var p: Self = -9.6390206818527e-06
    p = p.times(z, plus: 0.0001125713863911248)
    p = p.times(z, plus: -0.0008483004921399435)
    p = p.times(z, plus: 0.005220967945203357)
    p = p.times(z, plus: -0.02686541172615435)
    p = p.times(z, plus: 0.11283782235038739)
    p = p.times(z, plus: -0.3761263845534114)
    p = p.times(z, plus: 0.12837916706061867)
    let inner = p.times(a, plus: a)
    var q: Self = 7.839156174830764e-07
    q = q.times(a, plus: -1.2442828686673383e-05)
    q = q.times(a, plus: 6.427038648424847e-05)
    q = q.times(a, plus: 0.00010204939707285821)
    q = q.times(a, plus: -0.0033610094623659492)
    q = q.times(a, plus: 0.023837742281134652)
    q = q.times(a, plus: -0.10696283973184594)
    q = q.times(a, plus: -0.6341952041967303)
    q = q.times(a, plus: -1.129204214939328)
    q = q.times(a, plus: 0.00012535527281153864)
    return Self.choose(Self(1.0) < a, Self(1.0) - q.shortExp, inner).signed(signs)
  }

  /// Half to even; numbers from 2⁵² up are whole already.
  @inline(__always)
  private var nearestWhole: Self {
    let whole = ((magnitude + 0x1p52) - 0x1p52).signed(signs)
    return Self.choose(magnitude < 0x1p52, whole, self)
  }

  @inline(__always)
  fileprivate func shortPower(_ exponent: Self) -> Self {
    let size = magnitude
    let (k, f) = size.splitByTwo
    let product = exponent * size.fencedLog(Self.shortLog(k, f))
    var value = product.atMost(100).atLeast(-120).shortExp
    // A negative base: odd exponents keep its sign, other whole ones drop it, the rest have no answer.
    let half = exponent * 0.5
    let isWhole = exponent.nearestWhole == exponent
    let parity = Self.choose(half.nearestWhole == half, Self(0.0), Self.choose(isWhole, self, Self(0.0)))
    value = Self(bits: value.bits | parity.signs)
    let answer = Self.choose(
      isWhole, value, Self.choose(self < 0.0, Self.choose(Self(-.infinity) < self, Self(.nan), value), value))
    // x⁰ and 1ʸ are 1, and so is (-1) to an infinite power.
    let isOne = Self.choose(size == 1.0, Self.choose(exponent.magnitude == Self(.infinity), 1.0, answer), answer)
    return Self.choose(self == 1.0, 1.0, Self.choose(exponent == 0.0, 1.0, isOne))
  }
}
