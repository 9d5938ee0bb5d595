/// The average of the statistics of batches, one batch further.
///
///     mean, variance, runningMean, runningVariance: [C], count: int32[], weight, factor: []
///         →   runningMean: [C], runningVariance: [C], count: int32[]
///
///     runningMean ← runningMean + w·(mean − runningMean)
///     runningVariance ← runningVariance + w·(k·variance − runningVariance)
///     count ← count + 1, as far as int32 goes
///
/// w is the weight of the new statistic, or 1/(count + 1) for a cumulative average; the factor k is
/// n/(n − 1) for the unbiased variance of a batch of n values, else 1. Where a mean or a variance, times k, is
/// NaN or infinite, all outputs are the old values. What is between two finite numbers is finite, even where their
/// difference is not. A buffer is no parameter: there is no gradient.
struct RunningStatistics: FusedOperation {
  var name: String { "runningStatistics" }
  let isCumulative: Bool
  var reads: Reads { .nothing }
  var attributes: String { isCumulative ? "cumulative" : "" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 7)
    require(
      inputs[..<4].allSatisfy { $0 == inputs[0] } && inputs[4] == TensorType(.int32, [])
        && inputs[5...].allSatisfy { $0 == inputs[0].with(shape: []) },
      "runningStatistics: the operands \(inputs) are not four vectors of one type, a count int32[], "
        + "a weight and a factor \(inputs[0].with(shape: []))")
    return [inputs[2], inputs[3], inputs[4]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (oldMean, oldVariance, oldCount) = (inputs[2], inputs[3], inputs[4])
    let (mean, variance) = (
      inputs[0].stoppingGradient(), (inputs[1] * inputs[6]).stoppingGradient()
    )
    let weight = isCumulative ? 1 / (oldCount.cast(to: mean.dtype) + 1) : inputs[5]
    let isFinite =
      (mean.magnitude() .< .infinity).all() .& (variance.magnitude() .< .infinity).all()
    let newMean = oldMean.averaged(with: mean, weight: weight)
    let newVariance = oldVariance.averaged(with: variance, weight: weight)
    return [
      newMean.select(where: isFinite, otherwise: oldMean).stoppingGradient(),
      newVariance.select(where: isFinite, otherwise: oldVariance).stoppingGradient(),
      (Tensor.minimum(oldCount, oldCount.scalar(Double(Int32.max - 1))) + 1)
        .select(where: isFinite, otherwise: oldCount),
    ]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (mean, variance) = (frame.input(0), frame.input(1))
    let (oldMean, oldVariance) = (frame.input(2), frame.input(3))
    let (oldCount, weights) = (frame.input(4, as: Int32.self)[0], frame.input(5))
    let weight = isCumulative ? 1 / (Scalar(oldCount) + 1) : weights[0]
    let factor = frame.input(6)[0]
    var isFinite = true
    for i in mean.indices {
      isFinite = isFinite && mean[i].isFinite && (variance[i] * factor).isFinite
    }
    func average(_ old: Scalar, _ new: Scalar) -> Scalar {
      let difference = new - old
      return difference.isFinite ? old + weight * difference : (1 - weight) * old + weight * new
    }
    var newMean = frame.output(0)
    for i in mean.indices {
      newMean[i] = isFinite ? average(oldMean[i], mean[i]) : oldMean[i]
    }
    var newVariance = frame.output(1)
    for i in variance.indices {
      newVariance[i] =
        isFinite ? average(oldVariance[i], variance[i] * factor) : oldVariance[i]
    }
    var newCount = frame.output(2, as: Int32.self)
    newCount[0] = isFinite && oldCount < .max ? oldCount + 1 : oldCount
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool { true }

  static var samples: [Sample] {
    func sample(_ label: String, cumulative: Bool, mean: Tensor = .sample([3])) -> Sample {
      Sample(
        label, RunningStatistics(isCumulative: cumulative),
        [
          mean, .sample([3], in: 0.5...2, seed: 2), .sample([3], seed: 3),
          .sample([3], in: 0.5...2, seed: 4), Tensor(7 as Int32), Tensor(0.1, dtype: .float64),
          Tensor(4.0 / 3, dtype: .float64),
        ], isSmooth: false)
    }
    return [
      sample("exponential", cumulative: false), sample("cumulative", cumulative: true),
      sample("infinite", cumulative: false, mean: Tensor([1, .infinity, 2] as [Double])),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "runningStatistics: the operands [float32[2], float32[2], float32[2], float32[3], int32[], "
          + "float32[], float32[]] are not four vectors of one type, a count int32[], a weight and a "
          + "factor float32[]"
      ) {
        let vector = Tensor.zeros([2])
        _ = vector.averaged(
          variance: vector, into: vector, .zeros([3]), count: Tensor(0 as Int32),
          weight: nil, varianceFactor: 1)
      }
    ]
  }
}

extension Tensor {
  /// Returns x + w·(new − x) for a weight from 0 to 1: between the two, even where their difference overflows.
  package func averaged(with new: Tensor, weight: Tensor) -> Tensor {
    let difference = new - self
    return (self + weight * difference).select(
      where: difference.magnitude() .< .infinity, otherwise: self * (1 - weight) + new * weight)
  }

  /// Returns running statistics with those of a batch, whose mean this is, averaged into them.
  ///
  /// The new statistics enter with the given weight, or with all weights equal if it is nil. NaN and
  /// infinity leave the old ones as they are.
  package func averaged(
    variance: Tensor, into runningMean: Tensor, _ runningVariance: Tensor, count: Tensor,
    weight: Double?, varianceFactor: Double
  ) -> (mean: Tensor, variance: Tensor, count: Tensor) {
    let outputs = RunningStatistics(isCumulative: weight == nil).outputs(of: [
      self, variance, runningMean, runningVariance, count, scalar(weight ?? 0),
      scalar(varianceFactor),
    ])
    return (outputs[0], outputs[1], outputs[2])
  }
}
