/// The variance over axes.
///
///     x: [N, C, H, W], axes: [0, 2, 3]   →   [C], or [1, C, 1, 1] if the axes are kept
///
/// Divides by n − d, where the `correction` d is 0 for the variance of a population and 1 for the
/// unbiased estimate from a sample. Elements are taken less their mean, or less the first of them, in
/// float64, so that a large offset costs no digits. Pullback: x̄ = 2/(n − d) · ȳ · (x − mean).
///
/// Source: Chan, Golub & LeVeque, "Algorithms for computing the sample variance" (1983), §1.
struct Variance: FusedOperation {
  var name: String { "variance" }
  let axes: [Int]
  let correction: Int
  let keepingAxes: Bool
  var reads: Reads { .inputs(0) }
  var attributes: String { "axes: \(axes), correction: \(correction)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    require(correction >= 0, "variance: the correction is \(correction); give 0, or 1 for a sample")
    let type = inputs[0].reduced(over: axes, keepingAxes: keepingAxes)
    require(
      inputs[0].count(over: axes) > correction || type.count == 0,
      "variance: \(inputs[0]) has \(inputs[0].count(over: axes)) elements over the axes \(axes); "
        + "more than \(correction) are needed to divide by n − \(correction)")
    return [type]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let x = inputs[0]
    let divisor = Double(x.type.count(over: axes) - correction)
    return [x.centred(over: axes).squared().sum(over: axes, keepingAxes: keepingAxes) / divisor]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, type) = (frame.input(0), frame.inputType(0))
    let divisor = Double(type.count(over: axes) - correction)
    let (_, squares) = type.moments(of: x, over: axes)
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(squares[i] / divisor) }
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let (x, g) = (rule.input(0), rule.cotangent)
    rule.set(0, to: VarianceGradient(axes: axes, correction: correction)(x, g))
    return true
  }

  static var samples: [Sample] {
    let population = Variance(axes: [0], correction: 0, keepingAxes: false)
    return [
      Sample("population", population, [.sample([5, 2])]),
      Sample("sample", Variance(axes: [0], correction: 1, keepingAxes: false), [.sample([5, 2])]),
      Sample(
        "channels", Variance(axes: [0, 2], correction: 0, keepingAxes: true), [.sample([2, 3, 2])]),
      Sample("mean 1e4", population, [.sample([6, 2], mean: 1e4, deviation: 1e-2)]),
      Sample("constant", population, [.full([4, 2], 0.1, dtype: .float64)]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "variance: float32[1, 3] has 1 elements over the axes [0]; "
          + "more than 1 are needed to divide by n − 1"
      ) { _ = Tensor.zeros([1, 3]).variance(over: [0], correction: 1) },
      Misuse(
        "variance: float32[0, 3] has 0 elements over the axes [0]; "
          + "more than 0 are needed to divide by n − 0"
      ) { _ = Tensor.zeros([0, 3]).variance(over: [0]) },
    ]
  }
}

extension TensorType {
  /// The mean, in two parts whose sum is more exact than either, and Σ(x − mean)², over axes.
  ///
  /// The first element K of each group stands in for the mean, then K + mean(x − K), then what is
  /// left of its rounding error is taken off: a constant group has the variance 0 exactly, and an
  /// offset costs nothing.
  func moments<Scalar: RealScalar>(
    of x: KernelInput<Scalar>, over axes: [Int]
  ) -> (means: [(mean: Double, remainder: Double)], squares: [Double]) {
    let groups = reduced(over: axes, keepingAxes: true).count
    let count = Double(self.count(over: axes))
    let runs = runs(reducing: axes)
    var means = Array(repeating: (mean: Double.nan, remainder: 0.0), count: groups)
    var isFirst = Array(repeating: true, count: groups)
    var sums = Array(repeating: CompensatedSum(), count: groups)
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        let value = Double(x[run.position + i])
        if isFirst[group] { (means[group].mean, isFirst[group]) = (value, false) }
        sums[group] += value - means[group].mean
      }
    }
    for group in 0..<groups {
      means[group].mean += sums[group].value / count
      sums[group] = CompensatedSum()
    }
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        sums[group] += Double(x[run.position + i]) - means[group].mean
      }
    }
    var squares = Array(repeating: CompensatedSum(), count: groups)
    for group in 0..<groups { means[group].remainder = sums[group].value / count }
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        let centred = Double(x[run.position + i]) - means[group].mean - means[group].remainder
        squares[group] += centred * centred
      }
    }
    return (means, squares.map(\.value))
  }
}

extension Tensor {
  /// Returns `x` less its mean over axes, and less what rounding has left of the mean.
  ///
  /// c₀ = x − mean(x), c = c₀ − mean(c₀): the same function as c₀ with the same gradient, and four
  /// digits better where the mean is a thousand deviations.
  func centred(over axes: [Int]) -> Tensor {
    let roughly = self - mean(over: axes, keepingAxes: true)
    return roughly - roughly.mean(over: axes, keepingAxes: true)
  }

  /// Returns the variance over axes; over all if none are given.
  ///
  ///     x: [N, C, H, W], axes: [0, 2, 3]   →   [C], or [1, C, 1, 1] if the axes are kept
  ///
  /// Divides by n − d, where the `correction` d is 0 for the variance of a population and 1 for the
  /// unbiased estimate. Elements are taken less their mean, or less the first of them, in float64, so
  /// that a large offset costs no digits. Pullback: x̄ = 2/(n − d) · ȳ · (x − mean).
  /// - Precondition: `axes` are distinct and within the rank, and n > d.
  ///
  /// Source: Chan, Golub & LeVeque, "Algorithms for computing the sample variance" (1983), §1.
  public func variance(
    over axes: [Int]? = nil, correction: Int = 0, keepingAxes: Bool = false
  ) -> Tensor {
    Variance(
      axes: resolvedAxes(axes, "variance"), correction: correction, keepingAxes: keepingAxes)(self)
  }

  /// Returns the standard deviation over axes, √variance, also where the variance would overflow or vanish.
  ///
  /// Pullback: x̄ = ȳ/((n − d)·y) · (x − mean); where y is 0 it has no derivative, and 0, a subgradient, is
  /// taken.
  /// - Precondition: as for the variance.
  public func standardDeviation(
    over axes: [Int]? = nil, correction: Int = 0, keepingAxes: Bool = false
  ) -> Tensor {
    requireFloatingPoint("standardDeviation")
    let resolved = resolvedAxes(axes, "standardDeviation")
    // What is wrong is said of this type.
    _ = speaking(as: "standardDeviation") {
      Variance(axes: resolved, correction: correction, keepingAxes: keepingAxes).types(for: [type])
    }
    func deviation(_ x: Tensor) -> Tensor {
      x.variance(over: resolved, correction: correction, keepingAxes: keepingAxes).rootOfSquares()
    }
    // In float64, as the variance may be too large or too small for float32 where its root is not.
    guard dtype == .float64, count > 0 else {
      return deviation(cast(to: .float64)).cast(to: dtype)
    }
    let unit = squareUnit(over: resolved)
    let relative = deviation(self / unit)
    return relative * unit.reshaped(to: relative.shape)
  }
}
