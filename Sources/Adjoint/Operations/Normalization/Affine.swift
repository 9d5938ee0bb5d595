internal import AdjointKernels

/// A scale and a shift for each channel: x·γ + β.
///
///     x: [N, C, H, W], scale: [C], shift: [C], axis: 1   →   [N, C, H, W]
///
/// Rounded twice, as the two operations are. Pullback: x̄ = ȳ·γ, γ̄ = Σ ȳ·x, β̄ = Σ ȳ, sums over
/// all axes but the channels'.
struct ChannelAffine: FusedOperation {
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

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    guard let kernels = unsafe frame.instructions.kernels else {
      computeReference(&frame)
      return
    }
    let channels = Channels(frame.inputType(0), axis)
    let (x, scale, shift) = unsafe (frame.source(0), frame.source(1), frame.source(2))
    let y = unsafe frame.target(0)
    let row = max(1, channels.count * channels.inner)
    inParallel(channels.outer, grain: max(1, (1 << 14) / row)) {
      unsafe kernels.pointee.channelAffine(
        channels.shape, $0.lowerBound, $0.upperBound, x, scale, shift, y)
    }
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
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
    rule.set(0, to: g * scale.channels(axis, rank: x.rank))
    rule.set(1, to: (g * x).sum(over: others))
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

/// The affine map of a linear layer: x·Wᵀ + b.
///
///     x: [N…, I], weight: [O, I], bias: [O]   →   [N…, O]
///
/// Pullback: x̄ = ȳ·W, W̄ = ȳᵀ·x, b̄ = Σ ȳ over all axes but the last.
struct AffineMap: FusedOperation {
  var name: String { "affine" }
  var reads: Reads { .inputs(0, 1) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 3)
    let (x, weight, bias) = (inputs[0], inputs[1], inputs[2])
    require(
      x.rank >= 2 && weight.rank == 2 && x.shape.last == weight.shape[1],
      "affine: \(x) does not end in the inputs of the weight \(weight), which is [outputs, inputs]; "
        + "reshape it to [batch, inputs]")
    require(
      bias.shape == [weight.shape[0]],
      "affine: the bias is \(bias), the weight \(weight); give one bias for each of its rows")
    return [x.with(shape: x.shape.dropLast() + bias.shape)]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    [inputs[0].matMul(inputs[1], transposingOther: true) + inputs[2]]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let rows = frame.inputType(0).shape.dropLast().reduce(1, *)
    let product = Product(
      frame.inputType(0).with(shape: [rows, frame.inputType(1).shape[1]]), frame.inputType(1),
      false, true)
    if let kernels = unsafe frame.instructions.kernels {
      unsafe product.compute(
        frame.source(0), frame.source(1), bias: frame.source(2), into: frame.target(0), on: kernels)
      return
    }
    let (x, weight, bias) = (frame.input(0), frame.input(1), frame.input(2))
    var y = frame.output(0)
    product.compute(x, weight, into: &y)
    for row in 0..<rows {
      for column in bias.indices { y[row * bias.count + column] += bias[column] }
    }
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let (x, weight, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g.matMul(weight))
    rule.set(1, to: g.rows.matMul(x.rows, transposingSelf: true))
    rule.set(2, to: g.rows.sum(over: [0]))
    return true
  }

  static var samples: [Sample] {
    [
      Sample(
        "matrix", AffineMap(),
        [.sample([4, 3]), .sample([2, 3], seed: 2), .sample([2], seed: 3)]),
      Sample(
        "sequence", AffineMap(),
        [.sample([2, 2, 3]), .sample([4, 3], seed: 2), .sample([4], seed: 3)]),
      Sample(
        "empty batch", AffineMap(),
        [.sample([0, 3]), .sample([2, 3], seed: 2), .sample([2], seed: 3)]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "affine: float32[5, 4] does not end in the inputs of the weight float32[2, 3], "
          + "which is [outputs, inputs]; reshape it to [batch, inputs]"
      ) { _ = Tensor.zeros([5, 4]).affine(weight: .zeros([2, 3]), bias: .zeros([2])) },
      Misuse(
        "affine: the bias is float32[3], the weight float32[2, 3]; give one bias for each of its rows"
      ) { _ = Tensor.zeros([5, 3]).affine(weight: .zeros([2, 3]), bias: .zeros([3])) },
    ]
  }
}

extension Tensor {
  /// A vector with one element for each channel, in the shape that broadcasts along `axis`.
  func channels(_ axis: Int, rank: Int) -> Tensor {
    var shape = Array(repeating: 1, count: rank)
    shape[axis] = count
    return reshaped(to: shape)
  }

  /// All axes but the last made one.
  fileprivate var rows: Tensor { reshaped(to: [shape.dropLast().reduce(1, *), shape[rank - 1]]) }

  /// Returns x·γ + β, with a scale and a shift for each channel.
  ///
  ///     x: [N, C, H, W], scale: [C], shift: [C], axis: 1   →   [N, C, H, W]
  ///
  /// Pullback: x̄ = ȳ·γ, γ̄ = Σ ȳ·x, β̄ = Σ ȳ, sums over all axes but the channels'.
  /// - Precondition: scale and shift have one element for each channel, of the type of `x`.
  public func affine(scale: Tensor, shift: Tensor, axis: Int = 1) -> Tensor {
    ChannelAffine(axis: resolved(axis, rank: rank, "channelAffine", type))(self, scale, shift)
  }

  /// Returns x·Wᵀ + b, the affine map of a linear layer.
  ///
  ///     x: [N…, I], weight: [O, I], bias: [O]   →   [N…, O]
  ///
  /// Pullback: x̄ = ȳ·W, W̄ = ȳᵀ·x, b̄ = Σ ȳ over all axes but the last.
  /// - Precondition: the last axis of `x` has the weight's extent I, and the bias its extent O.
  public func affine(weight: Tensor, bias: Tensor) -> Tensor { AffineMap()(self, weight, bias) }
}
