import CLanes

// The elementary functions on lanes of `Float`, to within 2 units in the last place. The four that training lives on
// are computed in `Float`; the others in `Double` with short polynomials (see `ElementaryFloat+Wide`), and rounded once.

extension FloatLanes {
  @_transparent static var rounder: Self { 0x1.8p23 }
  @_transparent static var log2e: Self { 1.44269504 }
  /// ln 2 in two parts; the first has 9 bits, so that its products with exponents are exact.
  @_transparent static var ln2High: Self { 0.693359375 }
  @_transparent static var ln2Low: Self { -2.12194440e-4 }

  /// 2ⁿ from `n + rounder`, for n in -126...127.
  @_transparent
  static func powerOfTwo(_ shifted: Self) -> Self {
    Self(bits: (shifted.bits &<< 23) &+ FloatBits(repeating: 127 << 23))
  }

  /// exp(r) - 1 - r over r², for |r| up to ln 2 / 2.
  @_transparent
  static func expSeries(_ r: Self) -> Self {
    var p: Self = 0.0013814390255297287
    p = p.times(r, plus: 0.008368785167948034)
    p = p.times(r, plus: 0.04166839574059072)
    p = p.times(r, plus: 0.1666652005555502)
    return p.times(r, plus: 0.4999999340555698)
  }

  /// `x = n ln 2 + r` with n the nearest integer.
  @_transparent
  var reducedByLn2: (n: Self, r: Self) {
    let n = times(Self.log2e, plus: Self.rounder) - Self.rounder
    let r = n.times(-Self.ln2Low, plus: n.times(-Self.ln2High, plus: self))
    return (n, r)
  }

  /// `self * 2ⁿ`, rounded once. Without an instruction for it 2ⁿ is taken in two factors, so that neither overflows nor vanishes
  /// before the product does.
  @_transparent
  func scaled(_ n: Self) -> Self {
    #if VECTOR512
      return Self(nabla_floats_scale(vector, n.vector))
    #else
      let half = n.times(0.5, plus: Self.rounder)
      let rest = (n - (half - Self.rounder)) + Self.rounder
      return self * Self.powerOfTwo(half) * Self.powerOfTwo(rest)
    #endif
  }

  var exp: Self {
    @_transparent get {
      let (n, r) = atMost(89).atLeast(-104).reducedByLn2
      let p = Self.expSeries(r).times(r * r, plus: r) + 1.0
      return p.scaled(n)
    }
  }

  /// exp of minus the magnitude over 1 + it, or 1 over that; what the sum's rounding lost is put back to first order.
  var sigmoid: Self {
    @_transparent get {
      let e = (-magnitude).exp
      let sum = e + 1.0
      let lost = (Self(1.0) - sum) + e
      let isNegative = self < 0.0
      let y = Self.choose(isNegative, e, 1.0) / sum
      return (y * lost).times(-Self.choose(isNegative, Self(1.0) - y, y), plus: y)
    }
  }

  /// Near 0 an odd polynomial, beyond it 1 - 2 / (exp(2x) + 1).
  var tanh: Self {
    @_transparent get {
      let a = magnitude.atMost(10)
      let z = a * a
      var p: Self = -0.006280191689241972
      p = p.times(z, plus: 0.021076226408419357)
      p = p.times(z, plus: -0.05385350621914054)
      p = p.times(z, plus: 0.13332598528858966)
      p = p.times(z, plus: -0.33333317958063086)
      let inner = p.times(z * a, plus: a)
      let (n, r) = (a + a).reducedByLn2
      let e = (Self.expSeries(r).times(r * r, plus: r) + 1.0) * Self.powerOfTwo(n + Self.rounder)
      let outer = Self(1.0) - Self(2.0) / (e + 1.0)
      return Self.choose(Self(0.55) < a, outer, inner).signed(signs)
    }
  }

  var log: Self {
    @_transparent get {
      let tiny = self < 0x1p-126
      let root = FloatBits(repeating: 0x3F35_04F3)
      let bits = Self.choose(tiny, self * 0x1p23, self).bits &- root
      // The exponent plus 256, put behind the bits of 2²³.
      let exponent = (bits ^ FloatBits(repeating: 1 << 31)) &>> 23
      let k = Self(bits: exponent | FloatBits(repeating: 0x4B00_0000)) - Self.choose(tiny, 0x1.00022ep23, 0x1.0002p23)
      let f = Self(bits: (bits & FloatBits(repeating: 0x007F_FFFF)) &+ root) - 1.0
      // The polynomial of Cephes' `logf.c`.
      let z = f * f
      var p: Self = 7.0376836292e-2
      p = p.times(f, plus: -1.1514610310e-1)
      p = p.times(f, plus: 1.1676998740e-1)
      p = p.times(f, plus: -1.2420140846e-1)
      p = p.times(f, plus: 1.4249322787e-1)
      p = p.times(f, plus: -1.6668057665e-1)
      p = p.times(f, plus: 2.0000714765e-1)
      p = p.times(f, plus: -2.4999993993e-1)
      p = p.times(f, plus: 3.3333331174e-1)
      let series = (f * z * p + k * Self.ln2Low) - z * 0.5
      let value = (f + series) + k * Self.ln2High
      let low = Self.choose(self == 0.0, Self(-.infinity), Self(.nan))
      return Self.choose(Self(0.0) < self, Self.choose(self < Self(.infinity), value, self), low)
    }
  }
}
