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
