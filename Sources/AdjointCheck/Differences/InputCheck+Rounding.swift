extension InputCheck {
  /// Whether gradient and difference are both nothing but rounding: no larger than what rounding makes of
  /// the way back, or so small that nothing they stand for shows.
  func isRounding(_ comparison: InputResult.Comparison, _ direction: Direction) -> Bool {
    let sizes = (abs(comparison.analytic), abs(comparison.numeric))
    if max(sizes.0, sizes.1) < underflow(along: direction) { return true }
    let share =
      line.usualStep(along: direction)
      / (16 * .ulpOfOne * max(subject.scale, .leastNormalMagnitude))
    if max(sizes.0, sizes.1) * share <= 1, sizes.1 <= 1e4 * comparison.error,
      !line.showsFurtherAway(along: direction)
    {
      return true
    }
    let rounding = 100 * moved(nearby.rounded, along: direction)
    let isNumericRounding = sizes.1 <= max(10 * comparison.error, rounding)
    guard isNumericRounding, sizes.0 <= comparison.tolerance || sizes.0 <= rounding else {
      return false
    }
    if sizes.0 <= rounding { return true }
    return sizes.0 * share <= 1
  }

  /// Whether the derivative of a gradient is off by less than a step shows beside the rounding of all of it: the
  /// kernels that gradients are made of cancel what no output tells of.
  func isBelowRounding(_ comparison: InputResult.Comparison, _ direction: Direction) -> Bool {
    let gap = abs(comparison.analytic - comparison.numeric)
    return order == 2 && gap * line.usualStep(along: direction) <= 64 * .ulpOfOne * uncancelled
  }

  /// As large as a derivative may seem of outputs below the normal numbers, where there are no digits to compare.
  func underflow(along direction: Direction) -> Double {
    .leastNormalMagnitude
      * max(1, subject.cotangentScale / max(line.usualStep(along: direction), .ulpOfOne))
  }

  /// As large as the outputs would be if nothing cancelled within the kernels that gradients are made of.
  var uncancelled: Double {
    order == 2 ? max(subject.scale, subject.cotangentScale) : subject.scale
  }

  /// Whether a step changes the outputs by so little that their rounding allows no closer look: noise is a
  /// millionth of that change, and the steps that extrapolation needs are a hundred times smaller.
  func isFaint(_ comparison: InputResult.Comparison, _ direction: Direction) -> Bool {
    let size = max(abs(comparison.analytic), abs(comparison.numeric))
    return size * line.usualStep(along: direction) <= 1e6 * subject.epsilon * uncancelled
  }

  /// How far gradients along a direction lie from the gradient.
  func moved(_ gradients: [[Double]], along direction: Direction) -> Double {
    let analytic = direction.product(with: gradient)
    return gradients.map { abs(direction.product(with: $0) - analytic) }.max() ?? 0
  }
}
