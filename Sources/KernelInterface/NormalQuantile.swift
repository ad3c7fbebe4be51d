/// The quantile of the standard normal distribution, Φ⁻¹(½ + q), to about 1 part in 10¹⁶.
///
/// Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988),
/// routine PPND16. No fused operations and no C library: the digits are the same on every machine, here and in the kernels, which
/// take the same steps in lanes.
public enum NormalQuantile {
  /// Up to this magnitude of q the middle ratio holds, in 0.180625 - q².
  public static let middleLimit = 0.425
  /// The coefficients above and below the line, lowest first, of the middle's ratio.
  public static let middle = (
    above: SIMD8<Double>(
      3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
      4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3),
    below: SIMD8<Double>(
      1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
      2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3)
  )
  /// Those of the tail's, in √(-ln(½ - |q|)) - 1.6, while the root is at most 5.
  public static let tail = (
    above: SIMD8<Double>(
      1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
      1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
    below: SIMD8<Double>(
      1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
      1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9)
  )
  /// Those of the farthest tail's, in the root less 5.
  public static let far = (
    above: SIMD8<Double>(
      6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
      2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7),
    below: SIMD8<Double>(
      1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
      7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15)
  )

  /// Φ⁻¹(½ + q) for `q` in (-½, ½).
  public static func value(centred q: Double) -> Double {
    q.magnitude <= middleLimit ? q * ratio(middle, 0.180625 - q * q) : tailValue(centred: q)
  }

  /// The same for `q` outside the middle.
  public static func tailValue(centred q: Double) -> Double {
    let root = (-logarithm(0.5 - q.magnitude)).squareRoot()
    let value = root <= 5 ? ratio(tail, root - 1.6) : farValue(root: root)
    return q < 0 ? -value : value
  }

  /// The magnitude of the quantile where the root √(-ln(½ - |q|)) is beyond 5.
  public static func farValue(root: Double) -> Double { ratio(far, root - 5) }

  private static func ratio(_ c: (above: SIMD8<Double>, below: SIMD8<Double>), _ r: Double) -> Double {
    horner(c.above, r) / horner(c.below, r)
  }

  private static func horner(_ c: SIMD8<Double>, _ r: Double) -> Double {
    ((((((c[7] * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]) * r + c[2]) * r + c[1]) * r + c[0]
  }

  /// The natural logarithm of a normal positive number, by the series of FreeBSD's `e_log.c` without its special cases.
  private static func logarithm(_ x: Double) -> Double {
    let bits = x.bitPattern &- 0x3FE6_A09E_667F_3BCD  // the bits of √½
    let k = Double(Int64(bitPattern: bits) >> 52)
    let f = Double(bitPattern: (bits & 0x000F_FFFF_FFFF_FFFF) &+ 0x3FE6_A09E_667F_3BCD) - 1
    let s = f / (f + 2)
    let z = s * s
    let w = z * z
    let even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let odd =
      z
      * (6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let half = f * f * 0.5
    let (high, low) = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
    return k * high - ((half - (s * (half + (even + odd)) + k * low)) - f)
  }
}
