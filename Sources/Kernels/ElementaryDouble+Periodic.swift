extension DoubleLanes {
  /// Sine and cosine of the lanes' magnitudes less the nearest multiple of π/2, and that multiple's bits.
  ///
  /// π/2 in three parts of 33 bits and a rest, the difference kept as a sum of two numbers; kernels and parts are those of FreeBSD's
  /// `e_rem_pio2.c`, `k_sin.c` and `k_cos.c`.
  @_transparent
  private var quadrant: (sine: Self, cosine: Self, turns: DoubleBits) {
    let x = magnitude
    let shifted = x.times(0.6366197723675814, plus: Self.rounder)
    let n = shifted - Self.rounder
    let first = x - n * 1.57079632673412561417e+00
    let step2 = n * 6.07710050630396597660e-11
    let second = first - step2
    let step3 = n * 2.02226624871116645580e-21
    let third = second - step3
    let lost = ((first - second) - step2) + ((second - third) - step3)
    let tail = lost - n * 8.47842766036889956997e-32
    let y0 = third + tail
    let y1 = (third - y0) + tail

    let z = y0 * y0
    let v = z * y0
    var s: Self = 1.58969099521155010221e-10
    s = s.times(z, plus: -2.50507602534068634195e-08)
    s = s.times(z, plus: 2.75573137070700676789e-06)
    s = s.times(z, plus: -1.98412698298579493134e-04)
    s = s.times(z, plus: 8.33333333332248946124e-03)
    let sine = y0 - ((z * (y1 * 0.5 - v * s) - y1) - v * -1.66666666666666324348e-01)

    var c: Self = -1.13596475577881948265e-11
    c = c.times(z, plus: 2.08757232129817482790e-09)
    c = c.times(z, plus: -2.75573143513906633035e-07)
    c = c.times(z, plus: 2.48015872894767294178e-05)
    c = c.times(z, plus: -1.38888888888741095749e-03)
    c = c.times(z, plus: 4.16666666666666019037e-02)
    let half = z * 0.5
    let one = Self(1.0) - half
    let cosine = one + (((Self(1.0) - one) - half) + (z * z * c - y0 * y1))
    return (sine, cosine, shifted.bits)
  }

  /// Where the lowest bit of each lane is set.
  @_transparent
  static func isOdd(_ turns: DoubleBits) -> Mask {
    Self(bits: (turns &<< 63) | DoubleBits(repeating: 0x3FF0_0000_0000_0000)) < 0.0
  }

  var sin: Self {
    @_transparent get {
      let (sine, cosine, turns) = quadrant
      let value = Self.choose(Self.isOdd(turns), cosine, sine)
      return Self(bits: value.bits ^ ((turns &<< 62) & DoubleBits(repeating: 1 << 63)) ^ signs)
    }
  }

  var cos: Self {
    @_transparent get {
      let (sine, cosine, turns) = quadrant
      let value = Self.choose(Self.isOdd(turns), sine, cosine)
      return Self(
        bits: value.bits ^ (((turns &+ DoubleBits(repeating: 1)) &<< 62) & DoubleBits(repeating: 1 << 63)))
    }
  }

  var tan: Self {
    @_transparent get {
      let (sine, cosine, turns) = quadrant
      let odd = Self.isOdd(turns)
      let value = Self.choose(odd, -cosine, sine) / Self.choose(odd, sine, cosine)
      return Self(bits: value.bits ^ signs)
    }
  }
}
