/// A derivative from values of a function of one number, with an error bar.
struct FiniteDifference {
  var value = Double.nan
  var error = Double.infinity

  /// No derivative is known.
  init() {}

  /// Extrapolates differences at ever smaller steps to the step 0, and keeps the entry of the
  /// tableau with the least estimate of its error.
  ///
  /// - Parameters:
  ///   - step: the largest step h₀; the next are h₀/ratio, h₀/ratio², ….
  ///   - ratio: by what the steps shrink.
  ///   - isCentral: whether the differences are even in h, so that their error begins with h².
  ///   - noise: how far off a value of the function may be.
  ///   - difference: the difference of the values at the step's two ends, and the ends' distance.
  ///
  /// Source: Ridders, "Accurate computation of F′(x) and F′(x)F″(x)" (1982); the noise in each
  /// column is what the extrapolation makes of ε/h.
  init(
    step: Double, ratio: Double, isCentral: Bool = true, noise: Double,
    _ difference: (Double) -> (change: Double, distance: Double)
  ) {
    let growth = [1, 1.5, 1.65, 1.69]
    let base = isCentral ? ratio * ratio : ratio
    var previous: [Double] = []
    var rowsSinceBest = 0
    for row in 0..<7 {
      let (change, distance) = difference(step / power(ratio, row))
      guard distance > 0 else { break }
      var current = [change / distance]
      rowsSinceBest += 1
      for column in 1..<growth.count where column <= previous.count {
        let factor = power(base, column) - 1
        let extrapolated =
          current[column - 1] + (current[column - 1] - previous[column - 1]) / factor
        current.append(extrapolated)
        let spread = max(
          abs(extrapolated - current[column - 1]), abs(extrapolated - previous[column - 1]))
        let bar = spread + growth[column] * 2 * noise / distance
        if bar < error { (value, error, rowsSinceBest) = (extrapolated, bar, 0) }
      }
      previous = current.allSatisfy(\.isFinite) ? current : []
      if rowsSinceBest > 2 { break }
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

/// How far off the values of a function are, from values at evenly spaced points so near to each
/// other that its own change is smooth: what is left in their differences of order 3 to 5 is noise.
///
/// Source: Moré & Wild, "Estimating computational noise" (2011), §3; Hamming, "Introduction to
/// applied numerical analysis" (1971).
func noise(of values: [Double]) -> Double {
  var differences = values
  var estimates: [Double] = []
  var gamma = 1.0
  for order in 1...5 {
    differences = zip(differences.dropFirst(), differences).map { $0 - $1 }
    // γₖ = (k!)²/(2k)!
    gamma *= Double(order) / Double(2 * (2 * order - 1))
    guard order >= 3 else { continue }
    let meanSquare = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
    estimates.append((gamma * meanSquare).squareRoot())
  }
  let magnitude = values.map(abs).max() ?? 0
  return max(estimates.min() ?? 0, .ulpOfOne * magnitude / 4)
}
