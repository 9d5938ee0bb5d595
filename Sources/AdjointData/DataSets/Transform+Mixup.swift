import Adjoint

extension Transform {
  /// Mixes each sample of a batch with another one: λ of it and 1 − λ of the other, labels as well.
  ///
  ///     inputs: [N, …], labels: int32[N]   →   the same shape, targets: [N, classes]
  ///
  /// λ is drawn for each batch from the beta distribution with both parameters α. Labels become shares of classes,
  /// which a cross entropy with such targets takes; targets of numbers are mixed as they are.
  ///
  /// Source: Zhang, Cissé, Dauphin & Lopez-Paz, "mixup: beyond empirical risk minimization" (2018), §2.
  /// - Precondition: α is positive and finite, and labels are from 0 to below `classes`.
  public static func mixup(alpha: Double, classes: Int) -> Transform {
    require(alpha > 0 && alpha.isFinite, "mixup: α is \(alpha); give a positive number")
    require(classes > 0, "mixup: there are \(classes) classes; give 1 or more")
    return Transform { batch, generator in
      batch.inputs.requireFloatingPoint("mixup")
      if batch.labels.dtype == .int32,
        let wrong = batch.labels.firstNumber(outside: 0..<classes)
      {
        stop("mixup: a label is \(wrong); give classes from 0 to below \(classes)")
      }
      let share = generator.beta(alpha)
      let other = batch.samples(Tensor.permutation(batch.count, using: &generator))
      func mixed(_ x: Tensor, _ y: Tensor) -> Tensor { x * share + y * (1 - share) }
      func targets(_ labels: Tensor) -> Tensor {
        labels.dtype.isFloatingPoint
          ? labels : labels.oneHot(classes, dtype: batch.inputs.dtype)
      }
      return LabeledData(
        inputs: mixed(batch.inputs, other.inputs),
        labels: mixed(targets(batch.labels), targets(other.labels)))
    }
  }
}

extension Philox {
  /// A number from the beta distribution with both parameters α: of two of the gamma distribution the share of
  /// the first one.
  mutating func beta(_ alpha: Double) -> Double {
    let (first, second) = (logarithmOfGamma(alpha), logarithmOfGamma(alpha))
    return 1 / (1 + .exp(second - first))
  }

  /// The logarithm of a number from the gamma distribution with shape α and scale 1, of which small ones would be
  /// 0 themselves.
  ///
  /// Source: Marsaglia & Tsang, "A simple method for generating gamma variables" (2000), §2 and, for α < 1, §6.
  private mutating func logarithmOfGamma(_ alpha: Double) -> Double {
    if alpha < 1 {
      // In 0 < u ≤ 1.
      let u = 1 - nextDraw().uniform(0)
      return logarithmOfGamma(alpha + 1) + .log(u) / alpha
    }
    let d = alpha - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let draw = nextDraw()
      let x = draw.normal(0)
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      let u = 1 - draw.uniform(1)
      if .log(u) < 0.5 * x * x + d - d * v + d * .log(v) { return .log(d * v) }
    }
  }
}
