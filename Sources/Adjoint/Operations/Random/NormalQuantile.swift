/// The x for which a normal variable is below x with the given probability.
///
/// Relative error about 1e−16. Only + − × ÷ and √ are used, which every platform rounds alike, so
/// that random normal numbers are the same everywhere; the C library's `log` is not.
///
/// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (1988),
/// PPND16.
func normalQuantile(_ probability: Double) -> Double {
  let q = probability - 0.5
  if abs(q) <= 0.425 {
    let r = 0.180625 - q * q
    return q * polynomial(centralNumerator, r) / polynomial(centralDenominator, r)
  }
  let r = (-naturalLogarithm(q < 0 ? probability : 1 - probability)).squareRoot()
  let magnitude =
    r <= 5
    ? polynomial(tailNumerator, r - 1.6) / polynomial(tailDenominator, r - 1.6)
    : polynomial(farTailNumerator, r - 5) / polynomial(farTailDenominator, r - 5)
  return q < 0 ? -magnitude : magnitude
}

/// The value of a polynomial, coefficients from the constant upwards, by Horner's rule.
private func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
  coefficients.reversed().reduce(0) { $0 * x + $1 }
}

private let centralNumerator = [
  3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3,
  1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
  3.3430575583588128105e4, 2.5090809287301226727e3,
]
private let centralDenominator = [
  1, 4.2313330701600911252e1, 6.8718700749205790830e2,
  5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
  2.8729085735721942674e4, 5.2264952788528545610e3,
]
private let tailNumerator = [
  1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
  3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1,
  2.27238449892691845833e-2, 7.74545014278341407640e-4,
]
private let tailDenominator = [
  1, 2.05319162663775882187, 1.67638483018380384940,
  6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
  5.47593808499534494600e-4, 1.05075007164441684324e-9,
]
private let farTailNumerator = [
  6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
  2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
  2.71155556874348757815e-5, 2.01033439929228813265e-7,
]
private let farTailDenominator = [
  1, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
  1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
  1.42151175831644588870e-7, 2.04426310338993978564e-15,
]

/// log x for a normal positive number from + − × ÷ alone.
///
/// log x = k·log 2 + 2·artanh(s) with x = 2ᵏ·m, √½ ≤ m < √2 and s = (m − 1)/(m + 1); |s| < 0.172,
/// so that twelve terms of the series leave less than 1e−19.
private func naturalLogarithm(_ x: Double) -> Double {
  var exponent = Double(x.exponent)
  var significand = x.significand
  if significand > 2.0.squareRoot() {
    significand /= 2
    exponent += 1
  }
  let s = (significand - 1) / (significand + 1)
  var series = 0.0
  for term in (0..<12).reversed() { series = series * s * s + 1 / Double(2 * term + 1) }
  return exponent * 0.693147180559945309417 + 2 * s * series
}
