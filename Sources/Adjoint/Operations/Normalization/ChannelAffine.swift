/// A scale and a shift for each channel: x·γ + β.
///
///     x: [N, C, H, W], scale: [C], shift: [C], axis: 1   →   [N, C, H, W]
///
/// Rounded twice, as the two operations are. Pullback: x̄ = ȳ·γ, γ̄ = Σ ȳ·x, β̄ = Σ ȳ, sums over
/// all axes but the channels'.
struct ChannelAffine: FusedOperation, ExactlyChangingOperation {
  var name: String { "channelAffine" }
  let axis: Int
  var reads: Reads { .inputs(0, 1) }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 3)
    requireChannels(inputs[1], of: inputs[0], axis, "scale")
    requireChannels(inputs[2], of: inputs[0], axis, "shift")
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (x, scale, shift) = (inputs[0], inputs[1], inputs[2])
    return [x * scale.channels(axis, rank: x.rank) + shift.channels(axis, rank: x.rank)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, scale, shift) = (frame.input(0), frame.input(1), frame.input(2))
    let channels = Channels(frame.inputType(0), axis)
    var y = frame.output(0)
    for block in channels.blocks {
      let (factor, summand) = (scale[block.channel], shift[block.channel])
      for i in block.positions { y[i] = x[i] * factor + summand }
    }
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let (x, scale, g) = (rule.input(0), rule.input(1), rule.cotangent)
    let others = x.type.axes(besides: axis)
    rule.set(0, to: g.scaled(by: scale.channels(axis, rank: x.rank)))
    rule.set(1, to: g.scaled(by: x).sum(over: others))
    rule.set(2, to: g.sum(over: others))
    return true
  }

  static var samples: [Sample] {
    [
      Sample(
        "matrix", ChannelAffine(axis: 1),
        [.sample([4, 3]), .sample([3], seed: 2), .sample([3], seed: 3)]),
      Sample(
        "images", ChannelAffine(axis: 1),
        [.sample([2, 3, 2, 2]), .sample([3], seed: 2), .sample([3], seed: 3)]),
      Sample(
        "channels last", ChannelAffine(axis: 3),
        [.sample([2, 2, 2, 3]), .sample([3], seed: 2), .sample([3], seed: 3)]),
      Sample(
        "empty", ChannelAffine(axis: 1),
        [.sample([0, 3]), .sample([3], seed: 2), .sample([3], seed: 3)]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("channelAffine: the scale is float32[4]; axis 1 of float32[2, 3] needs float32[3]") {
        _ = Tensor.zeros([2, 3]).affine(scale: .ones([4]), shift: .zeros([3]), axis: 1)
      }
    ]
  }
}

extension Tensor {
  /// Returns x·γ + β, with a scale and a shift for each channel.
  ///
  ///     x: [N, C, H, W], scale: [C], shift: [C], axis: 1   →   [N, C, H, W]
  ///
  /// Pullback: x̄ = ȳ·γ, γ̄ = Σ ȳ·x, β̄ = Σ ȳ, sums over all axes but the channels'.
  /// - Precondition: scale and shift have one element for each channel, of the type of `x`.
  public func affine(scale: Tensor, shift: Tensor, axis: Int = 1) -> Tensor {
    ChannelAffine(axis: resolved(axis, rank: rank, "channelAffine", type))(self, scale, shift)
  }
}
