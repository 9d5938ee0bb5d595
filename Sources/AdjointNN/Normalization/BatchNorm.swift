import Adjoint

/// Batch normalization: y = γ·(x − μ)/√(σ² + ε) + β for each channel.
///
///     x: [N, C], [N, C, L], [N, C, H, W], …   →   the same shape
///
/// In training μ and σ² are those of the batch, over all axes but the channels', and are averaged
/// into running statistics; in inference they are the running ones. Both modes are differentiable.
/// ``statistics`` may say otherwise: whether a layer is trained, which ``Frozen`` is about, and which
/// statistics it uses are two switches.
///
/// Parameters: `scale` γ [C] and `shift` β [C], unless left out. Buffers: `runningMean` [C],
/// `runningVariance` [C], and `batchCount`, the number of batches averaged.
///
/// A batch that holds NaN or infinity leaves the buffers as they are, and so do an empty one, and one
/// whose variance the element type cannot hold: in float32 from deviations of 1.8·10¹⁹ on. Then
/// `batchCount` does not grow. A batch with one value per channel stops the program.
///
/// Source: Ioffe & Szegedy, "Batch normalization: accelerating deep network training by reducing
/// internal covariate shift" (2015).
public struct BatchNorm: Layer {
  /// γ, [C]; nil for a layer without scale.
  public var scale: Tensor?
  /// β, [C]; nil for a layer without shift.
  public var shift: Tensor?
  /// The average of the batches' means, [C].
  public var runningMean: Tensor
  /// The average of the batches' variances, [C].
  public var runningVariance: Tensor
  /// The number of batches averaged, int32[].
  public var batchCount: Tensor

  /// The axis of the channels: 1, or −1 where they come last.
  public var axis: Int
  /// ε, added to the variance.
  public var epsilon: Double
  /// How a batch's statistics enter the running ones.
  public var averaging: Averaging
  /// Which variance is averaged.
  public var varianceEstimate: VarianceEstimate
  /// Which statistics the layer uses.
  public var statistics = StatisticsSource.byMode
  /// Whether the hand-derived kernel runs, or the composition that defines it.
  public var isFused = true
  /// Whether the layer has been folded into the one before it, and returns what it gets.
  public private(set) var isFolded = false
  /// What is known of the population while it is being measured.
  var population: PopulationStatistics?

  /// How the statistics of a batch enter the running ones.
  public enum Averaging: Sendable, Equatable {
    /// running ← (1 − w)·running + w·batch: w is the weight of the new statistic, the `momentum` of
    /// PyTorch, and one less that of Keras.
    case exponential(weightOfNew: Double)
    /// The plain average of all batches, each with the same weight.
    case cumulative
  }

  /// Which variance of a batch is averaged. What the batch itself is normalized with always divides
  /// by n.
  public enum VarianceEstimate: Sendable, Equatable {
    /// Divided by n − 1: the expected value is the variance of the population, as PyTorch and the
    /// paper have it.
    case unbiased
    /// Divided by n, as Keras, Flax and ONNX have it.
    case population
  }

  /// Which statistics a batch norm uses.
  public enum StatisticsSource: Sendable, Equatable {
    /// In training those of the batch, which are averaged; in inference the running ones.
    case byMode
    /// Always the running ones, and nothing is averaged, as when a model that was trained before is
    /// trained further on small batches. Keras' `trainable = False` is this and ``Frozen`` at once.
    case running
    /// Always those of the batch, and nothing is averaged: PyTorch's `track_running_stats=False`.
    case batch
  }

  /// Makes a layer with scale 1, shift 0, running mean 0 and running variance 1.
  public init(
    _ channels: Int, axis: Int = 1, epsilon: Double = 1e-5, scale: Bool = true, shift: Bool = true,
    averaging: Averaging = .exponential(weightOfNew: 0.1),
    varianceEstimate: VarianceEstimate = .unbiased, dtype: DType = .float32
  ) {
    require(channels >= 1, "BatchNorm: there are \(channels) channels; give 1 or more")
    requireParameters(of: dtype, "BatchNorm")
    self.scale = scale ? .ones([channels], dtype: dtype) : nil
    self.shift = shift ? .zeros([channels], dtype: dtype) : nil
    runningMean = .zeros([channels], dtype: dtype)
    runningVariance = .ones([channels], dtype: dtype)
    batchCount = .zeros([], dtype: .int32)
    self.axis = axis
    self.epsilon = epsilon
    self.averaging = averaging
    self.varianceEstimate = varianceEstimate
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("scale", &scale)
    visitor.parameter("shift", &shift)
    visitor.buffer("runningMean", &runningMean)
    visitor.buffer("runningVariance", &runningVariance, within: .positive)
    visitor.buffer("batchCount", &batchCount)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    guard !isFolded else { return x }
    requireWithin(epsilon, 0, .greatestFiniteMagnitude, "BatchNorm: ε")
    averaging.requireWeight("BatchNorm")
    let usesBatch = statistics == .batch || statistics == .byMode && mode == .training
    let scale = scale ?? .ones(like: runningMean)
    let shift = shift ?? .zeros(like: runningMean)
    guard usesBatch else {
      return x.layered("BatchNorm", with: scale) {
        x.normalized(
          mean: runningMean.detached, variance: runningVariance.detached, scale: scale,
          shift: shift, axis: axis, epsilon: epsilon)
      }
    }
    return x.layered("BatchNorm", with: scale) {
      let (y, mean, variance) = x.batchNormalized(
        scale: scale, shift: shift, axis: axis, epsilon: epsilon, fused: isFused)
      if statistics == .byMode, x.count > 0 {
        if population != nil {
          population?.merge(x.detached, axis: axis)
        } else {
          x.grouped("running statistics", with: mean) {
            average(mean, variance, size: x.count / mean.count)
          }
        }
      }
      return y
    }
  }

  /// Whether the layer averages statistics in training.
  var isAveraging: Bool { statistics == .byMode && !isFolded }

  /// Makes the layer one that returns what it gets, once another does its work.
  mutating func markFolded() {
    isFolded = true
    (scale, shift) = (nil, nil)
  }

  /// Averages the statistics of a batch, of `size` values for each channel, into the running ones.
  private mutating func average(_ mean: Tensor, _ variance: Tensor, size: Int) {
    (runningMean, runningVariance, batchCount) = averaging.averaged(
      mean: mean, variance: variance, varianceEstimate, size: size, into: runningMean,
      runningVariance, batchCount)
  }
}

extension BatchNorm.Averaging {
  /// Stops at a weight that is no share.
  func requireWeight(_ layer: String) {
    guard case .exponential(let weightOfNew) = self else { return }
    requireWithin(weightOfNew, 0, 1, "\(layer): the weight of the new statistics")
  }

  /// Returns running statistics with those of a batch, of `size` values for each channel, averaged into
  /// them.
  func averaged(
    mean: Tensor, variance: Tensor, _ estimate: BatchNorm.VarianceEstimate, size: Int,
    into runningMean: Tensor, _ runningVariance: Tensor, _ count: Tensor
  ) -> (mean: Tensor, variance: Tensor, count: Tensor) {
    let weight: Double? = if case .exponential(let weightOfNew) = self { weightOfNew } else { nil }
    // A buffer may still stand for a result on the tape of an earlier step.
    return mean.averaged(
      variance: variance, into: runningMean.detached, runningVariance.detached,
      count: count.detached, weight: weight,
      varianceFactor: estimate == .unbiased ? Double(size) / Double(size - 1) : 1)
  }
}
