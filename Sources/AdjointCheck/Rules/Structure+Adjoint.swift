import Adjoint

extension Structure {
  /// Where the function is affine in an input, ⟨f(x + v) − f(x), w⟩ = ⟨v, Jᵀw⟩ holds to rounding:
  /// no limit is taken, and so a far smaller mistake shows than in finite differences. Where more is off than those,
  /// which have found nothing, would have `shown` as a relative error, the function is not affine but seems so where
  /// it was looked at.
  mutating func adjointTest(of inputs: [(index: Int, shown: Double?)]) -> [Finding] {
    inputs.compactMap { index, shown in
      guard let gradient = gradients[index], !gradient.isEmpty else { return nil }
      let x = [Double](subject.inputs[index])
      let v = Direction.random(around: x, using: &generator)
      // As large as the point: tanh is linear to rounding, but only near 0.
      let size = (x.map(abs).max().flatMap { $0 > 0 ? $0 : nil } ?? 1).binade
      let shares = [1, -2, 1.0 / 64] + (subject.isConfined ? [] : [-64])
      var (line, changes): ([Subject.Evaluation], [(total: Double, gross: Double)]) = ([], [])
      for share in shares {
        let moved = subject.evaluation(
          replacing: index, by: v.point(from: x, at: share * size))
        let change = subject.change(from: subject.here, to: moved)
        line.append(moved)
        changes.append(change)
        // No rounding explains so much.
        let error = abs(change.total - share * changes[0].total)
        guard error <= 1e-4 * (change.gross + abs(share) * changes[0].gross) else { return nil }
      }
      let noises = line.map { subject.rounding(to: $0, using: &generator) }
      let (change, noise) = (changes[0], noises[0])
      for place in shares.indices {
        let error = abs(changes[place].total - shares[place] * change.total)
        let share = abs(shares[place])
        let allowed =
          20 * (noises[place] + share * noise)
          + 64 * .ulpOfOne * (changes[place].gross + share * change.gross)
        guard error <= allowed else { return nil }
      }
      let product = size * v.product(with: gradient)
      let rounding = 4 * Double(gradient.count) * Double.ulpOfOne * size
      let tolerance =
        rounding * v.sumOfMagnitudes(with: gradient) + 16 * .ulpOfOne * change.gross + 20 * noise
        + 10 * size * v.length * roundings[index] + 4 * leastError * size
      guard abs(change.total - product) > tolerance else { return nil }
      if let shown {
        let whole = max(length(of: gradient) * v.length * size, abs(product), abs(change.total))
        if abs(change.total - product) > 10 * shown * whole { return nil }
      }
      let message =
        "the function is linear in \(names[index]), but ⟨f(x + v) − f(x), w⟩ = \(change.total) and "
        + "⟨v, Jᵀw⟩ = \(product), where rounding explains \(tolerance.brief): "
        + "the pullback is not its transpose"
      return Finding(verdict: .structural, message: message)
    }
  }
}
