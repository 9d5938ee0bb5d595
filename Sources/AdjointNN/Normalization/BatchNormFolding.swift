import Adjoint

/// A layer that makes channels by sums with weights, and so can take over the work of a batch norm after it.
///
/// In inference a batch norm multiplies each channel by a number and adds one, as the weights and the bias
/// of the layer before it can do as well.
public protocol BatchNormFolding: Layer {
  /// What is added to each channel, [C]; nil for a layer without bias.
  var bias: Tensor? { get set }
  /// The number of channels that the layer makes.
  var outputChannels: Int { get }
  /// On which axes of its results the layer has the channels.
  var channelAxes: Set<Int> { get }
  /// Multiplies the weights of each channel by a number, [C].
  mutating func scaleOutputs(by factors: Tensor)
}

extension BatchNormFolding {
  /// Returns a layer that does in inference what this one and a batch norm after it do.
  ///
  ///     W′ = W·γ/√(σ² + ε)        b′ = (b − μ)·γ/√(σ² + ε) + β
  ///
  /// with the running statistics μ and σ². It is equal to the two but for rounding.
  ///
  /// ```swift
  /// let fast = hidden.folding(norm)     // fast(x, .inference) is norm(hidden(x, .inference), .inference)
  /// ```
  /// - Precondition: the batch norm has the channels of the layer, on its axis, and uses running statistics; σ² + ε is
  ///   not 0.
  public func folding(_ norm: BatchNorm) -> Self {
    require(
      norm.runningMean.count == outputChannels,
      "folding: the batch norm is of \(norm.runningMean.count) channels, the \(Self.self) makes "
        + "\(outputChannels); give the one that follows it")
    require(
      channelAxes.contains(norm.axis),
      "folding: the batch norm has its channels on axis \(norm.axis), the \(Self.self) on "
        + "\(channelAxes.sorted()[0]); give the one that follows it")
    require(
      norm.statistics != .batch,
      "folding: the batch norm uses the statistics of each batch, which are not known beforehand; set its "
        + "statistics to .running")
    if norm.isFolded { return self }
    let mean = norm.runningMean.detached
    let scale = norm.scale ?? .ones(like: mean)
    // What float32 does not hold of the factors, float64 does.
    func wide(_ x: Tensor) -> Tensor { x.cast(to: .float64) }
    let inverses = (wide(norm.runningVariance.detached) + norm.epsilon).rsqrt()
    if let channel = [Double](inverses).firstIndex(of: .infinity) {
      stop(
        "folding: ε and the running variance of channel \(channel) are 0, by which weights would be divided; give "
          + "the batch norm a larger ε")
    }
    let factors = wide(scale) * inverses
    var folded = self
    if [Double](factors).allSatisfy({ $0 == 0 || Float($0.magnitude).isNormal }) {
      folded.scaleOutputs(by: factors.cast(to: mean.dtype))
    } else {
      folded.scaleOutputs(by: inverses.cast(to: mean.dtype))
      folded.scaleOutputs(by: scale)
    }
    let offset = wide(bias ?? .zeros(like: mean)) - wide(mean)
    let shift = offset * factors + wide(norm.shift ?? .zeros(like: mean))
    folded.bias = shift.cast(to: mean.dtype)
    return folded
  }
}

extension Linear: BatchNormFolding {
  public var outputChannels: Int { weight.shape[0] }
  public var channelAxes: Set<Int> { [-1, 1] }
  public mutating func scaleOutputs(by factors: Tensor) {
    weight = weight * factors.expanded(at: 1)
  }
}
