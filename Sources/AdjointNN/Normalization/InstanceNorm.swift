import Adjoint

/// Instance normalization: each channel of each sample, y = γ·(x − μ)/√(σ² + ε) + β.
///
///     x: [N, C, L], [N, C, H, W], …   →   the same shape
///
/// μ and σ² are over the spatial axes, in training and in inference. A layer that averages uses the running
/// statistics in inference instead, as PyTorch's with `track_running_stats`: those are averages of the
/// samples' means and of their variances, divided by n − 1.
///
/// Parameters: `scale` γ and `shift` β, [C], if asked for. Buffers, if it averages: `runningMean` [C],
/// `runningVariance` [C] and `batchCount`; batches with NaN or infinity leave them as they are.
///
/// Source: Ulyanov, Vedaldi & Lempitsky, "Instance normalization: the missing ingredient for fast
/// stylization" (2016).
public struct InstanceNorm: Layer {
  /// γ, [C]; nil for a layer without scale.
  public var scale: Tensor?
  /// β, [C]; nil for a layer without shift.
  public var shift: Tensor?
  /// The average of the samples' means, [C]; nil for a layer that does not average.
  public var runningMean: Tensor?
  /// The average of the samples' variances, [C]; nil for a layer that does not average.
  public var runningVariance: Tensor?
  /// The number of batches averaged, int32[]; nil for a layer that does not average.
  public var batchCount: Tensor?
  /// The number of channels, C.
  public let channels: Int
  /// ε, added to the variance.
  public var epsilon: Double
  /// How a batch's statistics enter the running ones.
  public var averaging: BatchNorm.Averaging

  /// Makes a layer, without parameters and running statistics unless asked for.
  public init(
    _ channels: Int, epsilon: Double = 1e-5, scale: Bool = false, shift: Bool = false,
    runningStatistics: Bool = false,
    averaging: BatchNorm.Averaging = .exponential(weightOfNew: 0.1),
    dtype: DType = .float32
  ) {
    require(channels >= 1, "InstanceNorm: there are \(channels) channels; give 1 or more")
    requireWithin(epsilon, 0, .greatestFiniteMagnitude, "InstanceNorm: ε")
    requireParameters(of: dtype, "InstanceNorm")
    self.scale = scale ? .ones([channels], dtype: dtype) : nil
    self.shift = shift ? .zeros([channels], dtype: dtype) : nil
    if runningStatistics {
      runningMean = .zeros([channels], dtype: dtype)
      runningVariance = .ones([channels], dtype: dtype)
      batchCount = .zeros([], dtype: .int32)
    }
    (self.channels, self.epsilon, self.averaging) = (channels, epsilon, averaging)
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("scale", &scale)
    visitor.parameter("shift", &shift)
    visitor.buffer("runningMean", &runningMean)
    visitor.buffer("runningVariance", &runningVariance, within: .positive)
    visitor.buffer("batchCount", &batchCount)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.requireFloatingPoint("InstanceNorm")
    averaging.requireWeight("InstanceNorm")
    require(
      x.rank >= 3 && x.shape[1] == channels,
      "InstanceNorm: \(x.type) is not a batch of \(channels) channels; give [N, \(channels), …]")
    if let runningMean {
      require(
        x.dtype == runningMean.dtype,
        "InstanceNorm: \(x.type) has not the element type of the running statistics, \(runningMean.dtype); cast "
          + "one of them")
    }
    let scale = scale ?? .ones([channels], dtype: x.dtype)
    let shift = shift ?? .zeros([channels], dtype: x.dtype)
    if mode == .inference, let runningMean, let runningVariance {
      return x.layered("InstanceNorm", with: scale) {
        x.normalized(
          mean: runningMean.detached, variance: runningVariance.detached, scale: scale,
          shift: shift, epsilon: epsilon)
      }
    }
    require(
      x.shape[2...].reduce(1, *) != 1,
      "InstanceNorm: \(x.type) has one value for each channel of a sample, whose variance says nothing; give "
        + "larger images")
    return x.layered("InstanceNorm", with: scale) {
      if mode == .training, x.count > 0 {
        x.grouped("running statistics") { average(x.stoppingGradient()) }
      }
      return x.groupNormalized(groups: channels, scale: scale, shift: shift, epsilon: epsilon)
    }
  }

  /// Averages the statistics of a batch into the running ones, if there are any.
  private mutating func average(_ x: Tensor) {
    guard let runningMean, let runningVariance, let batchCount else { return }
    let spatial = Array(2..<x.rank)
    let averages = averaging.averaged(
      mean: x.mean(over: spatial).mean(over: 0), variance: x.variance(over: spatial).mean(over: 0),
      .unbiased, size: x.shape[2...].reduce(1, *), into: runningMean, runningVariance, batchCount)
    (self.runningMean, self.runningVariance) = (averages.mean, averages.variance)
    self.batchCount = averages.count
  }
}
