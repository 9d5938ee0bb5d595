import Adjoint

/// Batch renormalization: batch norm that in training, too, gives nearly what the running statistics would give.
///
///     x: [N, C], [N, C, L], [N, C, H, W], …   →   the same shape
///
///     r = σ_B/σ clamped to 1/r_max…r_max        d = (μ_B − μ)/σ clamped to ±d_max
///     y = γ·((x − μ_B)/σ_B·r + d) + β, with σ_B = √(σ_B² + ε)
///
/// μ_B and σ_B are those of the batch, μ and σ the running ones, which follow it: μ ← μ + w·(μ_B − μ), and σ so too:
/// a running deviation, not a variance. r and d are constants for the gradient. Within the bounds y does not depend on
/// the company in the batch, which helps where batches are small or their samples alike; with r_max = 1 and d_max = 0
/// it is batch norm, as training is best begun: the paper raises them to 3 and 5 over the first thousands of steps.
/// In inference it is y = γ·(x − μ)/σ + β.
///
/// Parameters: `scale` γ [C] and `shift` β [C]. Buffers: `runningMean` [C], `runningDeviation` [C]. Where the statistics
/// of a channel are not finite its buffers stay as they are. A batch with one value per channel stops the program.
///
/// As r and d are held constant, the gradient by the input in training is not the derivative while they are within their
/// bounds; the gradient checker holds them constant too.
///
/// Source: Ioffe, "Batch renormalization: towards reducing minibatch dependence in batch-normalized models" (2017),
/// algorithm 1.
public struct BatchRenorm: Layer {
  /// γ, [C].
  public var scale: Tensor
  /// β, [C].
  public var shift: Tensor
  /// μ, [C].
  public var runningMean: Tensor
  /// σ, [C].
  public var runningDeviation: Tensor

  /// The axis of the channels: 1, or −1 where they come last.
  public var axis: Int
  /// ε, added to the variance of a batch.
  public var epsilon: Double
  /// w, the weight of a new statistic in the running ones.
  public var weightOfNew: Double
  /// r_max, 1 or more.
  public var largestRatio: Double
  /// d_max, 0 or more.
  public var largestOffset: Double

  /// Makes a layer with scale 1, shift 0, running mean 0 and running deviation 1, which is batch norm until its bounds
  /// are raised.
  public init(
    _ channels: Int, axis: Int = 1, epsilon: Double = 1e-3, weightOfNew: Double = 0.01,
    largestRatio: Double = 1, largestOffset: Double = 0, dtype: DType = .float32
  ) {
    require(channels >= 1, "BatchRenorm: there are \(channels) channels; give 1 or more")
    requireParameters(of: dtype, "BatchRenorm")
    scale = .ones([channels], dtype: dtype)
    shift = .zeros([channels], dtype: dtype)
    runningMean = .zeros([channels], dtype: dtype)
    runningDeviation = .ones([channels], dtype: dtype)
    self.axis = axis
    self.epsilon = epsilon
    self.weightOfNew = weightOfNew
    self.largestRatio = largestRatio
    self.largestOffset = largestOffset
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("scale", &scale)
    visitor.parameter("shift", &shift)
    visitor.buffer("runningMean", &runningMean)
    visitor.buffer("runningDeviation", &runningDeviation, within: .positive)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    requireWithin(epsilon, 0, .greatestFiniteMagnitude, "BatchRenorm: ε")
    requireWithin(weightOfNew, 0, 1, "BatchRenorm: the weight of the new statistics")
    requireWithin(largestRatio, 1, .greatestFiniteMagnitude, "BatchRenorm: the largest ratio")
    requireWithin(largestOffset, 0, .greatestFiniteMagnitude, "BatchRenorm: the largest offset")
    // A buffer may still stand for a result on the tape of an earlier step.
    let (mean, deviation) = (runningMean.detached, runningDeviation.detached)
    return x.layered("BatchRenorm", with: scale) {
      let place = axis < 0 ? x.rank + axis : axis
      require(
        x.rank >= 2 && x.shape.indices.contains(place)
          && mean.type == x.type.with(shape: [x.shape[place]]),
        "BatchRenorm: \(x.type) is not a batch with the channels \(mean.type) on axis \(axis); give [batch, "
          + "channels, …]")
      switch mode {
      case .training: return renormalized(x, mean, deviation)
      case .inference:
        // Not by a variance: the square of what is small may be 0.
        return (x - alongChannels(mean, of: x)).affine(
          scale: scale, over: deviation, shift: shift, axis: place, deviation: { $0 },
          quotient: { $0 / $1 })
      }
    }
  }

  /// The batch by its own statistics, scaled and moved to where the running ones would bring it.
  private mutating func renormalized(
    _ x: Tensor, _ mean: Tensor, _ deviation: Tensor
  ) -> Tensor {
    let (normal, batchMean, batchVariance) = x.batchNormalized(
      scale: .ones(like: mean), shift: .zeros(like: mean), axis: axis, epsilon: epsilon,
      fused: true)
    let own = (
      mean: batchMean.stoppingGradient(byDefinition: true),
      deviation: batchDeviation(x, variance: batchVariance).stoppingGradient(byDefinition: true)
    )
    let ratio = (own.deviation / deviation).clamped(to: 1 / largestRatio...largestRatio)
    let offset = ((own.mean - mean) / deviation).clamped(to: -largestOffset...largestOffset)
    if x.count > 0 {
      let isKnown = (own.mean.magnitude() .< .infinity) .& (own.deviation .< .infinity)
      func averaged(_ old: Tensor, _ new: Tensor) -> Tensor {
        old.averaged(with: new, weight: Tensor(weightOfNew, dtype: old.dtype))
          .select(where: isKnown, otherwise: old)
      }
      (runningMean, runningDeviation) = (
        averaged(mean, own.mean), averaged(deviation, own.deviation)
      )
    }
    return normal * alongChannels(scale * ratio, of: x)
      + alongChannels(shift + scale * offset, of: x)
  }

  /// √(σ_B² + ε), also where the element type cannot hold the square.
  private func batchDeviation(_ x: Tensor, variance: Tensor) -> Tensor {
    let lost = x.dtype == .float32 ? 1e-31 : 1e-292
    guard epsilon < lost, x.count > 0 else { return (variance + epsilon).squareRoot() }
    // ε does not outweigh what is lost of small squares.
    let place = axis < 0 ? x.rank + axis : axis
    let own = x.standardDeviation(over: (0..<x.rank).filter { $0 != place })
    return .hypot(own, .full(own.shape, epsilon.squareRoot(), dtype: x.dtype))
  }

  /// A vector of the channels, in the shape that broadcasts along them.
  private func alongChannels(_ values: Tensor, of x: Tensor) -> Tensor {
    let place = axis < 0 ? x.rank + axis : axis
    return values.reshaped(to: (0..<x.rank).map { $0 == place ? values.count : 1 })
  }
}
