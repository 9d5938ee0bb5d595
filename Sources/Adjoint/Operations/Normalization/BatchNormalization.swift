/// Batch normalization with the statistics of the batch: the definition, and the kernel run in its
/// place.
///
///     x: [N, C, H, W], scale: [C], shift: [C], epsilon: [], axis: 1
///         →   y: [N, C, H, W], mean: [C], variance: [C], inverseDeviation: [C]
///
/// For each channel, over its n values:
///
///     μ = mean(x)    r = mean(x − μ)    c = x − μ − r    σ² = mean(c²)
///     x̂ = c / √(σ² + ε)                 y = γ·x̂ + β
///
/// In exact arithmetic the remainder r is 0. In floating point it is the rounding error of μ, which
/// would otherwise be divided by a small deviation. σ² divides by n, not n − 1. A constant channel
/// gives exactly β.
///
/// Source: Ioffe & Szegedy, "Batch normalization: accelerating deep network training by reducing
/// internal covariate shift" (2015), algorithm 1.
public struct BatchNormalization: FusedOperation {
  /// The axis of the channels.
  public let axis: Int

  /// Makes the operation.
  public init(axis: Int) { self.axis = axis }

  /// The name in listings and messages.
  public var name: String { "batchNormalization" }
  /// The attributes, for listings.
  public var attributes: String { "axis: \(axis)" }
  /// Not y: it would have to be kept only to compute x̂ from it, which divides by γ.
  public var reads: Reads { .inputs(0, 1).and(.outputs(1, 3)) }

  /// The shape rule; stops at operands that do not fit each other.
  public func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 4)
    let x = inputs[0]
    require(
      x.rank >= 2 && (0..<x.rank).contains(axis),
      "\(name): \(x) has no axis \(axis) of channels beside a batch; give [batch, channels, …]")
    requireChannels(inputs[1], of: x, axis, "scale")
    requireChannels(inputs[2], of: x, axis, "shift")
    require(
      inputs[3] == x.with(shape: []),
      "\(name): epsilon is \(inputs[3]); give \(x.with(shape: []))")
    require(
      x.count(over: x.axes(besides: axis)) != 1,
      "\(name): \(x) has one value for each channel of axis \(axis), whose variance says nothing; "
        + "train on batches of 2 or more (drop a shorter last one), or use .inference")
    let statistic = x.with(shape: [x.shape[axis]])
    return [x, statistic, statistic, statistic]
  }

  // MARK: Definition

  /// The definition, of operations that know nothing of batch norm, in float64: a square of what float32
  /// holds may be too large or too small for it.
  public func composed(_ inputs: [Tensor]) -> [Tensor] {
    inputs[0].dtype == .float64
      ? definition(inputs, inUnits: true) : inFloat64(inputs) { definition($0) }
  }

  private func definition(_ inputs: [Tensor], inUnits: Bool = false) -> [Tensor] {
    let (x, scale, shift, epsilon) = (inputs[0], inputs[1], inputs[2], inputs[3])
    let others = x.type.axes(besides: axis)
    guard x.count > 0 else { return empty(x, scale, shift) }
    let mean = x.mean(over: others, keepingAxes: true)
    let roughlyCentred = x - mean
    let remainder = roughlyCentred.mean(over: others, keepingAxes: true)
    let centred = roughlyCentred - remainder
    let (variance, inverseDeviation) = centred.spread(
      over: others, epsilon: epsilon, inUnits: inUnits)
    let y = (centred * inverseDeviation).affine(scale: scale, shift: shift, axis: axis)
    return [y] + [mean, variance, inverseDeviation].map { $0.reshaped(to: scale.shape) }
  }

  /// The definition, and the formula as it stands in the paper, which authors of layers write.
  public var patterns: [@Sendable ([Tensor]) -> [Tensor]] { [{ definition($0) }, textbook] }

  private func textbook(_ inputs: [Tensor]) -> [Tensor] {
    let (x, scale, shift, epsilon) = (inputs[0], inputs[1], inputs[2], inputs[3])
    let others = x.type.axes(besides: axis)
    guard x.count > 0 else { return empty(x, scale, shift) }
    let mean = x.mean(over: others, keepingAxes: true)
    let variance = x.variance(over: others, keepingAxes: true)
    let deviation = (variance + epsilon).squareRoot()
    let y =
      (x - mean) / deviation * scale.channels(axis, rank: x.rank)
      + shift.channels(axis, rank: x.rank)
    return [y] + [mean, variance, 1 / deviation].map { $0.reshaped(to: scale.shape) }
  }

  /// The result of an empty batch, which has no statistics.
  private func empty(_ x: Tensor, _ scale: Tensor, _ shift: Tensor) -> [Tensor] {
    let unknown = Tensor.full(scale.shape, .nan, dtype: x.dtype)
    return [x.affine(scale: scale, shift: shift, axis: axis)]
      + Array(repeating: unknown, count: 3)
  }

  // MARK: Kernel

  /// Stops at an inverse deviation that nothing can be multiplied by.
  func requireDeviation(_ inverse: Double, _ channel: Int, _ type: TensorType) {
    requireInverseDeviation(inverse, type.dtype) { "\(name): channel \(channel) of \(type)" }
  }

  /// The kernel, with sums in float64.
  public func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, scale, shift) = (frame.input(0), frame.input(1), frame.input(2))
    let (epsilon, type) = (Double(frame.input(3)[0]), frame.inputType(0))
    let channels = Channels(type, axis)
    let (means, squares) = type.moments(of: x, over: type.axes(besides: axis))
    var inverses = Array(repeating: Double.nan, count: channels.count)
    for channel in 0..<channels.count {
      let variance = squares[channel] / Double(channels.size)
      let (mean, remainder) = means[channel]
      inverses[channel] = inverseDeviation(variance, epsilon) { factor in
        var sum = 0.0
        for block in channels.blocks(of: channel) {
          for i in block {
            let relative = (Double(x[i]) - mean - remainder) * factor
            sum += relative * relative
          }
        }
        return sum / Double(channels.size)
      }
      requireDeviation(Double(Scalar(inverses[channel])), channel, type)
      frame.write([means[channel].mean, variance, inverses[channel]], channel)
    }
    var y = frame.output(0)
    for block in channels.blocks {
      let (mean, remainder) = means[block.channel]
      let factor = inverses[block.channel] * Double(scale[block.channel])
      let summand = Double(shift[block.channel])
      for i in block.positions {
        y[i] = Scalar((Double(x[i]) - mean - remainder) * factor + summand)
      }
    }
  }

  // MARK: Rule

  /// The hand-derived pullback, of the cotangent of y alone: the statistics have one when something
  /// besides y is made of them. Since ∂y/∂ε = −½·x̂/(σ² + ε), ε̄ is −½ Σ γ·γ̄/(σ² + ε).
  public func fusedPullback(_ rule: inout Pullback) -> Bool {
    guard !(1...3).contains(where: rule.hasCotangent) else { return false }
    let (x, scale, g) = (rule.input(0), rule.input(1), rule.cotangent)
    let inverse = rule.output(3)
    let gradients = BatchNormalizationGradient(axis: axis)
      .outputs(of: [x, scale, rule.output(1), inverse, g])
    rule.set(0, to: gradients[0])
    rule.set(1, to: gradients[1])
    rule.set(2, to: gradients[2])
    // An empty batch has no deviation to multiply by, and no cotangent.
    rule.set(
      3,
      to: x.count == 0
        ? x.scalar(0) : gradients[1].scaled(by: scale * inverse.squared()).sum() * -0.5)
    return true
  }
}

/// Stops where 1/√(σ² + ε) is not a number that says something.
/// - Parameter what: the operation, and which of its values are meant.
func requireInverseDeviation(_ inverse: Double, _ dtype: DType, _ what: () -> String) {
  require(
    inverse < .infinity || inverse.isNaN,
    "\(what()) is constant, or its deviation too small for \(dtype), and epsilon is 0 in \(dtype); give a "
      + "larger one")
}

extension KernelFrame where Scalar: RealScalar {
  /// Writes the statistics of one channel to outputs 1, 2, ….
  fileprivate mutating func write(_ statistics: [Double], _ channel: Int) {
    for (number, statistic) in statistics.enumerated() {
      var output = output(1 + number)
      output[channel] = Scalar(statistic)
    }
  }
}

extension Tensor {
  /// Normalizes each channel with the statistics of the batch, then scales and shifts it: y = γ·x̂
  /// + β.
  ///
  ///     x: [N, C, H, W], scale: [C], shift: [C], axis: 1   →   y: [N, C, H, W], mean: [C], variance: [C]
  ///
  /// The variance divides by n; that of float64 deviations beyond 10¹⁵⁴ is infinite, and y is not. A constant channel
  /// gives exactly β; an empty batch gives an empty result and NaN for statistics. Pullback, with S₁ = mean(ȳ) and
  /// S₂ = mean((ȳ − S₁)·x̂) over each channel: x̄ = γ/√(σ² + ε) · (ȳ − S₁ − x̂·S₂), γ̄ = Σ ȳ·x̂, β̄ = Σ ȳ.
  ///
  /// Unless `fused`, the composition that defines the operation is recorded in place of the
  /// hand-derived kernel.
  /// - Precondition: a channel has no, or at least two, values; scale and shift have one element
  ///   for each; ε ≥ 0, and with ε = 0 no channel is constant.
  ///
  /// Source: Ioffe & Szegedy, "Batch normalization" (2015), algorithm 1.
  public func batchNormalized(
    scale: Tensor, shift: Tensor, axis: Int = 1, epsilon: Double = 1e-5, fused: Bool = true
  ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    requireFloatingPoint("batchNormalization")
    requireEpsilon(epsilon, "batchNormalization")
    let operation = BatchNormalization(axis: resolved(axis, rank: rank, "batchNormalization", type))
    let inputs = [self, scale, shift, scalar(epsilon)]
    // The shape rule speaks first, so that both forms reject the same calls with the same words.
    if !fused { _ = operation.types(for: inputs.map(\.type)) }
    let outputs = fused ? operation.outputs(of: inputs) : operation.composed(inputs)
    return (outputs[0], outputs[1], outputs[2])
  }
}
