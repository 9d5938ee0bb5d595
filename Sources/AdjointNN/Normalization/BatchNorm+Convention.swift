import Adjoint

extension BatchNorm {
  /// What a framework's batch norm is, unless told otherwise.
  public struct Convention: Sendable, Equatable {
    /// The axis of the channels.
    public var axis: Int
    /// ε, added to the variance.
    public var epsilon: Double
    /// The weight of a new statistic in the running ones.
    public var weightOfNew: Double
    /// Which variance is averaged.
    public var varianceEstimate: VarianceEstimate

    /// Makes a convention of one's own.
    public init(
      axis: Int, epsilon: Double, weightOfNew: Double, varianceEstimate: VarianceEstimate
    ) {
      (self.axis, self.epsilon) = (axis, epsilon)
      (self.weightOfNew, self.varianceEstimate) = (weightOfNew, varianceEstimate)
    }

    /// Channels first, ε = 10⁻⁵, `momentum` 0.1 as the weight of the new statistic, variance by n − 1.
    public static let pyTorch = Convention(
      axis: 1, epsilon: 1e-5, weightOfNew: 0.1, varianceEstimate: .unbiased)
    /// Channels last, ε = 10⁻³, `momentum` 0.99 as the weight of the old statistic, variance by n.
    public static let keras = Convention(
      axis: -1, epsilon: 1e-3, weightOfNew: 0.01, varianceEstimate: .population)
    /// Channels last, ε = 10⁻⁵, `momentum` 0.99 as the weight of the old statistic, variance by n.
    public static let flax = Convention(
      axis: -1, epsilon: 1e-5, weightOfNew: 0.01, varianceEstimate: .population)
    /// Channels first, ε = 10⁻⁵, `momentum` 0.9 as the weight of the old statistic, variance by n.
    public static let onnx = Convention(
      axis: 1, epsilon: 1e-5, weightOfNew: 0.1, varianceEstimate: .population)
  }

  /// Makes a layer as another framework does that is told only the number of channels.
  ///
  /// - Parameters:
  ///   - channels: C.
  ///   - convention: the framework's.
  ///   - axis: the axis of the channels, where it is not the framework's, as for images of Keras that
  ///     have been put channels first.
  ///   - scale: whether there is a γ.
  ///   - shift: whether there is a β.
  ///   - dtype: the element type.
  public init(
    _ channels: Int, convention: Convention, axis: Int? = nil, scale: Bool = true,
    shift: Bool = true, dtype: DType = .float32
  ) {
    self.init(
      channels, axis: axis ?? convention.axis, epsilon: convention.epsilon, scale: scale,
      shift: shift, averaging: .exponential(weightOfNew: convention.weightOfNew),
      varianceEstimate: convention.varianceEstimate, dtype: dtype)
  }
}
