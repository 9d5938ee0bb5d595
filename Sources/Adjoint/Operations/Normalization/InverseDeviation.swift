// 1/√(σ² + ε), the number that deviations are multiplied by, where σ² is more than float64 holds, or less.

/// Returns 1/√(σ² + ε).
/// - Parameters:
///   - variance: σ², as it was added up; its squares may have overflowed, or vanished.
///   - epsilon: ε.
///   - meanSquare: the mean of the squares of the deviations times a number.
func inverseDeviation(
  _ variance: Double, _ epsilon: Double, _ meanSquare: (_ factor: Double) -> Double
) -> Double {
  if variance.isFinite, epsilon > 0 || SquareUnit.sums.contains(variance) {
    return 1 / (variance + epsilon).squareRoot()
  }
  let factor = variance < 1 ? 0x1p600 : 0x1p-600
  return factor / (meanSquare(factor) + epsilon * factor * factor).squareRoot()
}

/// The mean of elements, what rounding takes of it, and 1/√(σ² + ε).
func spread(
  of places: some Collection<Int>, epsilon: Double, _ element: (Int) -> Double
) -> (mean: Double, remainder: Double, inverseDeviation: Double) {
  let count = Double(places.count)
  var (sum, remainder) = (0.0, 0.0)
  for i in places { sum += element(i) }
  let mean = sum / count
  for i in places { remainder += element(i) - mean }
  remainder /= count
  func meanSquare(_ factor: Double) -> Double {
    var squares = 0.0
    for i in places {
      let centred = (element(i) - mean - remainder) * factor
      squares += centred * centred
    }
    return squares / count
  }
  return (mean, remainder, inverseDeviation(meanSquare(1), epsilon, meanSquare))
}

/// Whether a kernel that squares deviations in float64 as they are has got 1/√(σ² + ε) right.
func isInverseDeviation(_ inverse: Double, _ epsilon: Double) -> Bool {
  inverse >= 1e-153 && (inverse <= 1e120 || epsilon > 0)
}

extension Tensor {
  /// σ² and 1/√(σ² + ε) of deviations from their mean, over axes, which stay.
  /// - Parameter inUnits: whether squares are taken in units of the largest one, as those of float64 may be more than it
  ///   holds.
  func spread(
    over axes: [Int], epsilon: Tensor, inUnits: Bool
  ) -> (variance: Tensor, inverseDeviation: Tensor) {
    guard inUnits else {
      let variance = squared().mean(over: axes, keepingAxes: true)
      return (variance, (variance + epsilon).rsqrt())
    }
    let largest = magnitude().max(over: axes, keepingAxes: true).stoppingGradient()
    let (isLarge, isSmall) = (
      largest .> SquareUnit.large, (largest .< SquareUnit.small) .& (epsilon .== 0)
    )
    let unit = scalar(0x1p600).select(
      where: isLarge, otherwise: scalar(0x1p-600).select(where: isSmall, otherwise: scalar(1)))
    let variance = (self / unit).squared().mean(over: axes, keepingAxes: true)
    return (variance * unit * unit, (variance + epsilon / unit / unit).rsqrt() / unit)
  }
}
