// Functions of `Float` by way of `Double`: the halves of a register are widened, a short polynomial is exact far beyond `Float`'s 24
// bits, and the one rounding at the end is the only error to speak of.

extension FloatLanes {
  static var periodicLimit: Float { 0x1p20 }

  var expm1: Self { @_transparent get { Self(halves.0.shortExpm1, halves.1.shortExpm1) } }
  var log1p: Self { @_transparent get { Self(halves.0.shortLog1p, halves.1.shortLog1p) } }
  var sin: Self { @_transparent get { Self(halves.0.shortSin, halves.1.shortSin) } }
  var cos: Self { @_transparent get { Self(halves.0.shortCos, halves.1.shortCos) } }
  var tan: Self { @_transparent get { Self(halves.0.shortTan, halves.1.shortTan) } }
  var erf: Self { @_transparent get { Self(halves.0.shortErf, halves.1.shortErf) } }
  var softplus: Self { @_transparent get { Self(halves.0.shortSoftplus, halves.1.shortSoftplus) } }

  /// C's `pow`, in all its special cases.
  @_transparent
  func power(_ exponent: Self) -> Self {
    let size = magnitude
    let (bases, exponents) = (size.halves, exponent.halves)
    let value = Self(bases.0.shortPower(exponents.0), bases.1.shortPower(exponents.1))
    // A negative base: odd exponents keep its sign, other whole ones drop it, the rest have no answer.
    let half = exponent * 0.5
    let isWhole = exponent.nearestWhole == exponent
    let parity = Self.choose(half.nearestWhole == half, 0.0, Self.choose(isWhole, self, 0.0))
    let signed = Self(bits: value.bits | parity.signs)
    let noAnswer = Self.choose(self < 0.0, Self.choose(Self(-.infinity) < self, Self(.nan), value), value)
    let answer = Self.choose(isWhole, signed, noAnswer)
    // x⁰ and 1ʸ are 1, and so is (-1) to an infinite power.
    let one = Self.choose(exponent.magnitude == Self(.infinity), 1.0, answer)
    return Self.choose(self == 1.0, 1.0, Self.choose(exponent == 0.0, 1.0, Self.choose(size == 1.0, one, answer)))
  }

  /// Half to even; numbers from 2²³ up are whole already.
  @_transparent
  private var nearestWhole: Self {
    let whole = ((magnitude + 0x1p23) - 0x1p23).signed(signs)
    return Self.choose(magnitude < 0x1p23, whole, self)
  }
}

extension DoubleLanes {
  /// exp(r) - 1 over r, to 34 bits.
  @_transparent
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
  @_transparent
  private var shortExp: Self {
    let shifted = times(Self.log2e, plus: Self.rounder)
    let r = (shifted - Self.rounder).times(-0.6931471805599453, plus: self)
    return Self.shortSeries(r).times(r, plus: 1.0) * Self.powerOfTwo(shifted)
  }

  @_transparent
  fileprivate var shortExpm1: Self {
    let x = atMost(100).atLeast(-30)
    let shifted = x.times(Self.log2e, plus: Self.rounder)
    let r = (shifted - Self.rounder).times(-0.6931471805599453, plus: x)
    let scale = Self.powerOfTwo(shifted)
    let value = scale.times(Self.shortSeries(r) * r, plus: scale - 1.0)
    return Self.choose(self == 0.0, self, value)
  }

  /// k ln 2 + log(1 + f), to 36 bits.
  @_transparent
  private static func shortLog(_ k: Self, _ f: Self) -> Self {
    let s = f / (f + 2.0)
    let z = s * s
    var p: Self = 0.23585053788281812
    p = p.times(z, plus: 0.2853716393919832)
    p = p.times(z, plus: 0.40000337327493835)
    p = p.times(z, plus: 0.6666666563666952)
    return k.times(0.6931471805599453, plus: p.times(z, plus: 2.0) * s)
  }

  @_transparent
  fileprivate var shortLog1p: Self {
    let u = self + 1.0
    let (k, f) = u.splitByTwo
    let value = u.fencedLog(Self.shortLog(k, Self.choose(k == 0.0, self, f)))
    return Self.choose(self == 0.0, self, value)
  }

  @_transparent
  fileprivate var shortSoftplus: Self {
    let e = (-magnitude).atLeast(-200).shortExp
    let (k, f) = (e + 1.0).splitByTwo
    return Self.choose(self < 0.0, 0.0, self) + Self.shortLog(k, Self.choose(k == 0.0, e, f))
  }

  @_transparent
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

  @_transparent
  fileprivate var shortSin: Self {
    let (sine, cosine, turns) = shortQuadrant
    let value = Self.choose(Self.isOdd(turns), cosine, sine)
    return Self(bits: value.bits ^ ((turns &<< 62) & DoubleBits(repeating: 1 << 63)) ^ signs)
  }

  @_transparent
  fileprivate var shortCos: Self {
    let (sine, cosine, turns) = shortQuadrant
    let value = Self.choose(Self.isOdd(turns), sine, cosine)
    return Self(
      bits: value.bits ^ (((turns &+ DoubleBits(repeating: 1)) &<< 62) & DoubleBits(repeating: 1 << 63)))
  }

  @_transparent
  fileprivate var shortTan: Self {
    let (sine, cosine, turns) = shortQuadrant
    let odd = Self.isOdd(turns)
    return Self(bits: (Self.choose(odd, -cosine, sine) / Self.choose(odd, sine, cosine)).bits ^ signs)
  }

  @_transparent
  fileprivate var shortErf: Self {
    let a = magnitude.atMost(4)
    let z = a * a
    var p: Self = 7.8563901236035e-05
    p = p.times(z, plus: -0.0008011816239190512)
    p = p.times(z, plus: 0.005188610235159618)
    p = p.times(z, plus: -0.026854012163229773)
    p = p.times(z, plus: 0.11283591160064209)
    p = p.times(z, plus: -0.376126264600309)
    p = p.times(z, plus: 0.12837916583346473)
    let inner = p.times(a, plus: a)
    var q: Self = 2.537050466028817e-07
    q = q.times(a, plus: -2.5348224216363248e-05)
    q = q.times(a, plus: 0.0004639890722556485)
    q = q.times(a, plus: -0.004283059595363126)
    q = q.times(a, plus: 0.025374951762996933)
    q = q.times(a, plus: -0.10864080427196832)
    q = q.times(a, plus: -0.633038179046681)
    q = q.times(a, plus: -1.129661795292182)
    q = q.times(a, plus: 0.00020448205948577958)
    return Self.choose(Self(1.0) < a, Self(1.0) - q.shortExp, inner).signed(signs)
  }

  /// The magnitude of a power, for a base that is not negative.
  @_transparent
  fileprivate func shortPower(_ exponent: Self) -> Self {
    let (k, f) = splitByTwo
    let product = exponent * fencedLog(Self.shortLog(k, f))
    return product.atMost(100).atLeast(-120).shortExp
  }
}
