import Adjoint

/// Returns the mean of the squared differences.
///
///     prediction: [A…], target: [A…]   →   [], or [A…] without reduction
///
/// Pullback of the mean over n elements: p̄ = 2/n·ȳ·(p − t).
/// - Precondition: the shapes are equal; a target that would be broadcast is most often a mistake.
public func meanSquaredError(
  _ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean
) -> Tensor {
  compare(prediction, target, reduction, "meanSquaredError") { $0.squared() }
}

/// Returns the mean of the absolute differences.
///
///     prediction: [A…], target: [A…]   →   [], or [A…] without reduction
///
/// Pullback of each: p̄ = ȳ·sign(p − t), 0 where they are equal.
/// - Precondition: the types are equal.
public func meanAbsoluteError(
  _ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean
) -> Tensor {
  compare(prediction, target, reduction, "meanAbsoluteError") { $0.magnitude() }
}

/// Returns Huber's loss: squares near 0, straight lines beyond.
///
///     d = prediction − target:   d²/2 where |d| ≤ δ, δ·(|d| − δ/2) beyond
///
/// Pullback of each: p̄ = ȳ·d, clamped to ±δ·ȳ. Divided by δ it is ``smoothL1Loss(_:_:beta:reduction:)``.
/// - Precondition: the types are equal; δ is positive.
///
/// Source: Huber, "Robust estimation of a location parameter" (1964).
public func huberLoss(
  _ prediction: Tensor, _ target: Tensor, delta: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  requirePositive(delta, "huberLoss: δ")
  return compare(prediction, target, reduction, "huberLoss") { difference in
    // c·(d − c/2), with c = d clamped to ±δ, is both: and no square of a large number is formed.
    let near = difference.clamped(to: -delta...delta)
    return near * (difference - near * 0.5)
  }
}

/// Returns the smooth L1 loss: absolute differences, rounded off near 0.
///
///     d = prediction − target:   d²/2β where |d| ≤ β, |d| − β/2 beyond
///
/// Pullback of each: p̄ = ȳ·d/β, clamped to ±ȳ.
/// - Precondition: the types are equal; β is positive.
///
/// Source: Girshick, "Fast R-CNN" (2015), §2.3.
public func smoothL1Loss(
  _ prediction: Tensor, _ target: Tensor, beta: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  requirePositive(beta, "smoothL1Loss: β")
  return compare(prediction, target, reduction, "smoothL1Loss") { difference in
    // d clamped to ±β, in units of β: no square of a large number is formed.
    let beta = difference.dtype.positive(beta)
    let near = difference.clamped(to: -beta...beta)
    return near / beta * (difference - near * 0.5)
  }
}

/// Returns log cosh of the differences: nearly squares near 0, nearly straight lines beyond, and smooth.
///
///     d = prediction − target:   |d| + log(1 + e^(−2·|d|)) − log 2, near 0 as log(1 + 2·sinh²(d/2))
///
/// Pullback of each: p̄ = ȳ·tanh d.
/// - Precondition: the types are equal.
public func logCoshLoss(
  _ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean
) -> Tensor {
  compare(prediction, target, reduction, "logCoshLoss") { difference in
    // Each where it loses no digits, and moves nothing where it is not taken.
    let near = (difference.clamped(to: -1...1) * 0.5).sinh().squared() * 2
    let size = difference.magnitude()
    let far = size + (size * -2).softplus() - Double.log(2)
    return near.log1p().select(where: size .< 1, otherwise: far)
  }
}

/// Applies a function to the differences of prediction and target, and reduces it.
private func compare(
  _ prediction: Tensor, _ target: Tensor, _ reduction: Reduction, _ name: String,
  _ loss: (Tensor) -> Tensor
) -> Tensor {
  requireSameType(prediction, target, "the prediction", "the target", name)
  return prediction.grouped(name) { reduction(loss(prediction - target), name) }
}
