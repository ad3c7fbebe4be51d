import CLanes

// The elementary functions on lanes of `Double`, to within 2 units in the last place. Polynomials without a named source are
// weighted minimax fits made for this file with 50 digits of arithmetic.

extension DoubleLanes {
  static var periodicLimit: Double { 0x1p20 }

  /// Added to a number below 2⁵¹ in magnitude it rounds it to an integer, whose last bits are then those of the sum.
  @_transparent static var rounder: Self { 0x1.8p52 }
  @_transparent static var log2e: Self { 1.4426950408889634 }
  /// ln 2 in two parts; the first has trailing zeros, so that its products with exponents are exact.
  @_transparent static var ln2High: Self { 6.93147180369123816490e-01 }
  @_transparent static var ln2Low: Self { 1.90821492927058770002e-10 }

  /// 2ⁿ from `n + rounder`, for n in -1022...1023.
  @_transparent
  static func powerOfTwo(_ shifted: Self) -> Self {
    Self(bits: (shifted.bits &<< 52) &+ DoubleBits(repeating: 1023 << 52))
  }

  /// exp(r) - 1 - r over r², for |r| up to ln 2 / 2.
  @_transparent
  static func expSeries(_ r: Self) -> Self {
    var p: Self = 2.5000187810715796e-08
    p = p.times(r, plus: 2.7630391778281305e-07)
    p = p.times(r, plus: 2.755758671460555e-06)
    p = p.times(r, plus: 2.480149272295598e-05)
    p = p.times(r, plus: 0.00019841269505349878)
    p = p.times(r, plus: 0.0013888888943964534)
    p = p.times(r, plus: 0.008333333333495434)
    p = p.times(r, plus: 0.04166666666652901)
    p = p.times(r, plus: 0.1666666666666641)
    return p.times(r, plus: 0.5000000000000011)
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
      return Self(nabla_doubles_scale(vector, n.vector))
    #else
      let half = n.times(0.5, plus: Self.rounder)
      let rest = (n - (half - Self.rounder)) + Self.rounder
      return self * Self.powerOfTwo(half) * Self.powerOfTwo(rest)
    #endif
  }

  var exp: Self {
    @_transparent get {
      let (n, r) = atMost(710).atLeast(-746).reducedByLn2
      let p = Self.expSeries(r).times(r * r, plus: r) + 1.0
      return p.scaled(n)
    }
  }

  var expm1: Self {
    @_transparent get {
      let x = atMost(710).atLeast(-40)
      let n = x.times(Self.log2e, plus: Self.rounder) - Self.rounder
      let first = n.times(-Self.ln2High, plus: x)
      let second = n * Self.ln2Low
      let r = first - second
      let lost = (first - r) - second
      let half = Self.powerOfTwo((n - 1.0) + Self.rounder)
      let series = Self.expSeries(r).times(r * r, plus: lost)
      let value = half.times(series, plus: half.times(r, plus: half - 0.5)) * 2.0
      return Self.choose(magnitude < 0x1p-54, self, value)
    }
  }

  /// `x = 2ᵏ (1 + f)` with 1 + f in √½..<√2, for normal positive x.
  @_transparent
  var splitByTwo: (k: Self, f: Self) {
    let root = DoubleBits(repeating: 0x3FE6_A09E_667F_3BCD)
    let bits = self.bits &- root
    let shifted = (bits ^ DoubleBits(repeating: 1 << 63)) &>> 52  // k + 2048
    let k = Self(bits: shifted | DoubleBits(repeating: 0x4330_0000_0000_0000)) - 0x1.00000000008p52
    let m = Self(bits: (bits & DoubleBits(repeating: 0x000F_FFFF_FFFF_FFFF)) &+ root)
    return (k, m - 1.0)
  }

  /// k ln 2 + log(1 + f) + c, by the series of FreeBSD's `e_log.c`; c is tiny.
  @_transparent
  static func logSeries(_ k: Self, _ f: Self, _ c: Self) -> Self {
    let s = f / (f + 2.0)
    let z = s * s
    let w = z * z
    var even: Self = 1.531383769920937332e-01
    even = even.times(w, plus: 2.222219843214978396e-01)
    even = even.times(w, plus: 3.999999999940941908e-01)
    var odd: Self = 1.479819860511658591e-01
    odd = odd.times(w, plus: 1.818357216161805012e-01)
    odd = odd.times(w, plus: 2.857142874366239149e-01)
    odd = odd.times(w, plus: 6.666666666666735130e-01)
    let series = odd.times(z, plus: even * w)
    let half = f * f * 0.5
    return k.times(ln2High, plus: f - (half - s.times(half + series, plus: k.times(ln2Low, plus: c))))
  }

  /// A logarithm with the answers at and outside the ends of its domain put in.
  @_transparent
  func fencedLog(_ value: Self) -> Self {
    let low = Self.choose(self == 0.0, Self(-.infinity), Self(.nan))
    return Self.choose(Self(0.0) < self, Self.choose(self < Self(.infinity), value, self), low)
  }

  var log: Self {
    @_transparent get {
      let tiny = self < 0x1p-1022
      let (k, f) = Self.choose(tiny, self * 0x1p54, self).splitByTwo
      return fencedLog(Self.logSeries(k - Self.choose(tiny, 54.0, 0.0), f, 0.0))
    }
  }

  var log1p: Self {
    @_transparent get {
      let u = self + 1.0
      let (k, f) = u.splitByTwo
      let near = k == 0.0
      let lost = Self.choose(self < 1.0, self - (u - 1.0), Self(1.0) - (u - self))
      let c = Self.choose(near, 0.0, lost / u)
      let value = u.fencedLog(Self.logSeries(k, Self.choose(near, self, f), c))
      return Self.choose(self == 0.0, self, value)
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
      let a = magnitude.atMost(20)
      let z = a * a
      var p: Self = -1.9034779468780053e-05
      p = p.times(z, plus: 8.257831361185955e-05)
      p = p.times(z, plus: -0.00023287181631168787)
      p = p.times(z, plus: 0.000588246394701933)
      p = p.times(z, plus: -0.001455495293668022)
      p = p.times(z, plus: 0.003592084745649811)
      p = p.times(z, plus: -0.008863231890974184)
      p = p.times(z, plus: 0.0218694883431989)
      p = p.times(z, plus: -0.05396825396229677)
      p = p.times(z, plus: 0.1333333333332415)
      p = p.times(z, plus: -0.3333333333333328)
      let inner = p.times(z * a, plus: a)
      let (n, r) = (a + a).reducedByLn2
      let e = (Self.expSeries(r).times(r * r, plus: r) + 1.0) * Self.powerOfTwo(n + Self.rounder)
      let outer = Self(1.0) - Self(2.0) / (e + 1.0)
      return Self.choose(Self(0.56) < a, outer, inner).signed(signs)
    }
  }

  var softplus: Self {
    @_transparent get { Self.choose(self < 0.0, 0.0, self) + (-magnitude).exp.log1p }
  }

  /// Near 0 an odd polynomial, beyond 1 one minus exp of a polynomial for ln(1 - erf).
  var erf: Self {
    @_transparent get {
      let a = magnitude.atMost(6)
      let z = a * a
      var p: Self = 5.933136215864102e-11
      p = p.times(z, plus: -1.135902606847155e-09)
      p = p.times(z, plus: 1.4656306189071891e-08)
      p = p.times(z, plus: -1.6349813861814524e-07)
      p = p.times(z, plus: 1.6460955127158572e-06)
      p = p.times(z, plus: -1.492559255171487e-05)
      p = p.times(z, plus: 0.000120553310036169)
      p = p.times(z, plus: -0.0008548326978016198)
      p = p.times(z, plus: 0.005223977624771646)
      p = p.times(z, plus: -0.026866170645072317)
      p = p.times(z, plus: 0.11283791670954857)
      p = p.times(z, plus: -0.3761263890318375)
      p = p.times(z, plus: 0.1283791670955126)
      let inner = p.times(a, plus: a)
      var q: Self = 1.0389300872774637e-12
      q = q.times(a, plus: -4.751151018943784e-11)
      q = q.times(a, plus: 1.01692775404922e-09)
      q = q.times(a, plus: -1.3520649229681068e-08)
      q = q.times(a, plus: 1.248164550727598e-07)
      q = q.times(a, plus: -8.450966834380381e-07)
      q = q.times(a, plus: 4.301290959252616e-06)
      q = q.times(a, plus: -1.6419548109206666e-05)
      q = q.times(a, plus: 4.4763887003182016e-05)
      q = q.times(a, plus: -6.973552039186646e-05)
      q = q.times(a, plus: -4.598528255611054e-05)
      q = q.times(a, plus: 0.000642879381712338)
      q = q.times(a, plus: -0.0017709813608194698)
      q = q.times(a, plus: 0.0002822817945079159)
      q = q.times(a, plus: 0.01907691701587809)
      q = q.times(a, plus: -0.1027466223335188)
      q = q.times(a, plus: -0.6366287111455616)
      q = q.times(a, plus: -1.1283772807201928)
      q = q.times(a, plus: -1.8456173662410105e-07)
      let outer = Self(1.0) - q.exp
      return Self.choose(Self(1.0) < a, outer, inner).signed(signs)
    }
  }

  /// Number by number: two units in the last place take a logarithm of more than 53 bits.
  func power(_ exponent: Self) -> Self {
    var result = self
    for lane in vector.indices { result.vector[lane] = libraryPower(vector[lane], exponent.vector[lane]) }
    return result
  }
}
