/// A derivative from values of a function of one number, with an error bar.
struct FiniteDifference {
  var value = Double.nan
  var error = Double.infinity
  /// The sum of the magnitudes of what was added up to the value: how large it would be if nothing cancelled.
  var gross = 0.0

  /// No derivative is known.
  init() {}

  init(value: Double, error: Double) {
    (self.value, self.error, gross) = (value, error, abs(value))
  }

  /// The change of a function over a step.
  struct Change {
    var total: Double
    /// The sum of the magnitudes of what was added up.
    var gross: Double
    /// The distance between the two ends.
    var distance: Double
  }

  /// Extrapolates differences at ever smaller steps to the step 0, and keeps the entry of the
  /// tableau with the least estimate of its error.
  ///
  /// - Parameters:
  ///   - step: the largest step h₀; the next are h₀/ratio, h₀/ratio², ….
  ///   - ratio: by what the steps shrink.
  ///   - rows: how many steps there are.
  ///   - leastRows: how many have to be taken before the value is exact enough.
  ///   - isCentral: whether the differences are even in h, so that their error begins with h².
  ///   - noise: how far off a value of the function may be.
  ///   - floor: how far off it is likely to be, measured or not.
  ///   - isExact: whether a value with its error bar need be no better.
  ///   - change: the change between the step's two ends; nil if there is none to be had.
  ///
  /// Source: Ridders, "Accurate computation of F′(x) and F′(x)F″(x)" (1982); the noise in each
  /// column is what the extrapolation makes of ε/h.
  init(
    step: Double, ratio: Double, rows: Int = 7, leastRows: Int = 3, isCentral: Bool = true,
    noise: Double,
    floor: Double = 0, until isExact: (FiniteDifference) -> Bool = { _ in false },
    _ change: (Double) -> Change?
  ) {
    let base = isCentral ? ratio * ratio : ratio
    // Πₖ (bᵏ + 1)/(bᵏ − 1): what each column makes of the noise.
    var growth = [1.0]
    for column in 1..<6 {
      let factor = power(base, column)
      growth.append(growth[column - 1] * (factor + 1) / (factor - 1))
    }
    var previous: [Double] = []
    var rowsSinceBest = 0
    for row in 0..<rows {
      guard let change = change(step / power(ratio, row)), change.distance > 0 else { break }
      var current = [change.total / change.distance]
      // The sum itself is rounded too.
      let rounding = 2 * (noise + .ulpOfOne * change.gross) / change.distance
      if let last = previous.first,
        departs(current[0], after: last, rounding + 2 * floor / change.distance)
      {
        (self, previous) = (FiniteDifference(), [])
      }
      rowsSinceBest += 1
      for column in 1..<growth.count where column <= previous.count {
        let factor = power(base, column) - 1
        let extrapolated =
          current[column - 1] + (current[column - 1] - previous[column - 1]) / factor
        current.append(extrapolated)
        let spread = max(
          abs(extrapolated - current[column - 1]), abs(extrapolated - previous[column - 1]))
        let bar = spread + growth[column] * rounding
        if bar < error {
          (value, error, gross) = (extrapolated, bar, change.gross / change.distance)
          rowsSinceBest = 0
        }
      }
      if row + 1 >= leastRows, isExact(self) { break }
      previous = current.allSatisfy(\.isFinite) ? current : []
      // A long ladder is there to be climbed down: its first rows may agree by chance.
      if rowsSinceBest > 2, rows <= 7 { break }
    }
  }

  /// Whether a smaller step says something else altogether than larger ones on which all agreed: those were
  /// multiples of a period of the function.
  private func departs(_ slope: Double, after last: Double, _ rounding: Double) -> Bool {
    let gap = abs(slope - value)
    return gap > 0.1 * max(abs(slope), abs(value))
      && gap > 100 * (abs(last - value) + rounding + error)
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
struct Noise {
  /// The least estimate.
  let size: Double
  /// Whether differences of each order say the same, as of noise they do: those of a smooth function become
  /// smaller with the order, or larger.
  let isConsistent: Bool

  init(of values: [Double]) {
    var differences = values
    var estimates: [Double] = []
    var gamma = 1.0
    for order in 1...5 {
      differences = zip(differences.dropFirst(), differences).map { $0 - $1 }
      // γₖ = (k!)²/(2k)!
      gamma *= Double(order) / Double(2 * (2 * order - 1))
      guard order >= 3 else { continue }
      estimates.append(
        gamma.squareRoot() * length(of: differences) / Double(differences.count).squareRoot())
    }
    let (least, most) = (estimates.min() ?? 0, estimates.max() ?? 0)
    (size, isConsistent) = (least, most <= 4 * least)
  }
}
