/// A product in float64 whose exponent is kept apart: it overflows and vanishes nowhere on the way to a result that
/// does not.
struct WideProduct: BitwiseCopyable {
  /// Within 2^±500, or 0, infinite or NaN.
  private var significand: Double
  private var exponent: Int

  init(_ value: Double) {
    (significand, exponent) = (value, 0)
    normalize()
  }

  /// What is left at the end, rounded.
  var value: Double {
    exponent == 0 || significand == 0
      ? significand : Double(sign: .plus, exponent: exponent, significand: significand)
  }

  var isZero: Bool { significand == 0 }

  static func *= (product: inout WideProduct, factor: WideProduct) {
    product.significand *= factor.significand
    product.exponent += factor.exponent
    product.normalize()
  }

  static func * (a: WideProduct, b: WideProduct) -> WideProduct {
    var product = a
    product *= b
    return product
  }

  static func + (a: WideProduct, b: WideProduct) -> WideProduct {
    guard a.exponent != b.exponent, a.significand.isFinite, b.significand.isFinite, !a.isZero else {
      return a.isZero ? b : WideProduct(a.significand + b.significand, exponent: a.exponent)
    }
    guard !b.isZero else { return a }
    let (large, small) = a.exponent > b.exponent ? (a, b) : (b, a)
    let shift = max(small.exponent - large.exponent, -2000)
    let summand = Double(sign: .plus, exponent: shift, significand: small.significand)
    return WideProduct(large.significand + summand, exponent: large.exponent)
  }

  private init(_ significand: Double, exponent: Int) {
    (self.significand, self.exponent) = (significand, exponent)
    normalize()
  }

  private mutating func normalize() {
    let size = significand.magnitude
    guard !(0x1p-500...0x1p500).contains(size), size != 0, size < .infinity else { return }
    exponent += Int(significand.exponent)
    significand = Double(signOf: significand, magnitudeOf: significand.significand)
  }
}
