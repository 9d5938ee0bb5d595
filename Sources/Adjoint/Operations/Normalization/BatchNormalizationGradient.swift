/// The hand-derived gradient of ``BatchNormalization`` for a cotangent of y.
///
///     x: [N, C, H, W], scale, mean, inverseDeviation: [C], dy: [N, C, H, W]
///         →   dx: [N, C, H, W], dscale: [C], dshift: [C]
///
/// With r = mean(x − μ) and x̂ = (x − μ − r)/√(σ² + ε), over the n values of each channel:
///
///     S₁ = mean(dy)                     dβ = Σ dy
///     S₂ = mean((dy − S₁)·x̂)            dγ = Σ (dy − S₁)·x̂
///     dx = γ/√(σ² + ε) · (dy − S₁ − x̂·S₂)
///
/// Subtracting S₁ changes neither S₂ nor dγ, since Σ x̂ = 0, but spares them the cancellation where
/// dy has a large mean. The derivation is in "Batch norm derived". Its own pullback is that of the
/// composition, with respect to the deviation too: that cotangent reaches the rule of
/// ``BatchNormalization``, which hands it to its definition. μ only stands in for the mean, whose
/// exact value r restores: nothing depends on it, and its cotangent is 0.
public struct BatchNormalizationGradient: FusedOperation {
  /// The axis of the channels.
  public let axis: Int

  /// Makes the operation.
  public init(axis: Int) { self.axis = axis }

  /// The name in listings and messages.
  public var name: String { "batchNormalizationGradient" }
  /// The attributes, for listings.
  public var attributes: String { "axis: \(axis)" }

  public var cotangentInput: Int? { 4 }

  /// The shape rule; stops at operands that do not fit each other.
  public func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 5)
    for (number, role) in [(1, "scale"), (2, "mean"), (3, "inverse deviation")] {
      requireChannels(inputs[number], of: inputs[0], axis, role)
    }
    require(
      inputs[4] == inputs[0],
      "\(name): dy is \(inputs[4]), x is \(inputs[0]); give dy the type of x")
    return [inputs[0], inputs[1], inputs[1]]
  }

  /// The definition in ordinary operations.
  public func composed(_ inputs: [Tensor]) -> [Tensor] {
    inFloat64(inputs, definition)
  }

  /// The definition, as it is spelled in any element type.
  public var patterns: [@Sendable ([Tensor]) -> [Tensor]] { [definition] }

  private func definition(_ inputs: [Tensor]) -> [Tensor] {
    let (x, dy) = (inputs[0], inputs[4])
    let others = x.type.axes(besides: axis)
    let scale = inputs[1].channels(axis, rank: x.rank)
    let mean = inputs[2].channels(axis, rank: x.rank).stoppingGradient()
    let inverse = inputs[3].channels(axis, rank: x.rank)
    guard x.count > 0 else {
      return [dy * scale, dy.sum(over: others), dy.sum(over: others)]
    }
    let roughlyCentred = x - mean
    let normalized =
      (roughlyCentred - roughlyCentred.mean(over: others, keepingAxes: true)) * inverse
    let centred = dy - dy.mean(over: others, keepingAxes: true)
    let product = centred * normalized
    let dx =
      scale * inverse * (centred - normalized * product.mean(over: others, keepingAxes: true))
    return [dx, product.sum(over: others), dy.sum(over: others)]
  }

  /// The kernel, with sums in float64.
  public func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, scale, mean) = (frame.input(0), frame.input(1), frame.input(2))
    let (inverse, dy) = (frame.input(3), frame.input(4))
    let channels = Channels(frame.inputType(0), axis)
    let count = Double(max(channels.size, 1))
    for channel in 0..<channels.count {
      let (center, inverse) = (Double(mean[channel]), Double(inverse[channel]))
      var (sum, remainder) = (0.0, 0.0)
      for block in channels.blocks(of: channel) {
        for i in block {
          sum += Double(dy[i])
          remainder += Double(x[i]) - center
        }
      }
      let exactMean = (center, remainder / count)
      let meanOfGradient = sum / count
      var product = 0.0
      for block in channels.blocks(of: channel) {
        for i in block {
          let normalized = (Double(x[i]) - exactMean.0 - exactMean.1) * inverse
          product += (Double(dy[i]) - meanOfGradient) * normalized
        }
      }
      let factor = Double(scale[channel]) * inverse
      var output = frame.output(0)
      for block in channels.blocks(of: channel) {
        for i in block {
          let normalized = (Double(x[i]) - exactMean.0 - exactMean.1) * inverse
          output[i] = Scalar(
            factor * (Double(dy[i]) - meanOfGradient - normalized * (product / count)))
        }
      }
      output = frame.output(1)
      output[channel] = Scalar(product)
      output = frame.output(2)
      output[channel] = Scalar(sum)
    }
  }

  /// Calls to check the operation with.
  public static var samples: [Sample] {
    func sample(_ label: String, _ shape: [Int], axis: Int) -> Sample {
      let channels = [shape[axis]]
      return Sample(
        label, BatchNormalizationGradient(axis: axis),
        [
          .sample(shape), .sample(channels, seed: 2), .sample(channels, seed: 3, deviation: 0.1),
          .sample(channels, in: 0.5...2, seed: 5), .sample(shape, seed: 6),
        ])
    }
    return [
      sample("matrix", [4, 2], axis: 1), sample("images", [2, 2, 1, 2], axis: 1),
      sample("channels last", [2, 2, 2], axis: 2), sample("empty batch", [0, 2], axis: 1),
    ]
  }

  /// Calls that stop the program.
  public static var misuses: [Misuse] {
    let message =
      "batchNormalizationGradient: dy is float32[3, 2], x is float32[2, 2]; give dy the type of x"
    return [
      Misuse(message) {
        let vector = Tensor.ones([2])
        _ = BatchNormalizationGradient(axis: 1)
          .outputs(of: [.ones([2, 2]), vector, vector, vector, .ones([3, 2])])
      }
    ]
  }
}
