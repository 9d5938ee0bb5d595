/// The convolution of images with a bank of filters: a cross-correlation, as in all frameworks.
///
///     x: [N, G·C, A…], weight: [G·K, C, R…]   →   [N, G·K, B…]
///
///     y[n, k, b] = Σ_c Σ_r x[n, c, b·stride + r·dilation − padding] · weight[k, c, r]
///
/// With one to three spatial axes. Channels of one group see only each other. Pullback: x̄ is the
/// convolution's transpose of ȳ, w̄ the correlation of x with ȳ; the three operations are each
/// other's gradients.
///
/// Filters of 3 by 3 with stride and dilation 1 run by Winograd's algorithm, if they are to be fast and not
/// precise (see ``ConvolutionPrecision``); others as matrix products.
struct Convolution: LinearOperation {
  var name: String { "convolution" }
  let windows: Windows
  let kind: ConvolutionKind
  var groups: Int { kind.groups }
  var reads: Reads { .inputs(0, 1) }
  var linearity: Linearity? { .each }
  var attributes: String { windows.attributes + kind.attributes }

  var cotangentInput: Int? { kind.cotangentInput }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 2)
    let (x, weight) = (inputs[0], inputs[1])
    require(
      (3...5).contains(x.rank) && weight.rank == x.rank,
      "convolution: \(x) and \(weight) are not images [batch, channels, …] and filters [outputs, "
        + "inputs, …] with the same one to three spatial axes")
    require(groups >= 1, "convolution: there are \(groups) groups; give 1 or more")
    require(
      x.shape[1] == groups * weight.shape[1] && weight.shape[0] % groups == 0,
      "convolution: \(x) has \(x.shape[1]) channels, and filters \(weight) in \(groups) groups take "
        + "\(groups * weight.shape[1]); outputs must be a multiple of the groups")
    let counts = windows.counts(over: Array(x.shape[2...]), name)
    return [x.with(shape: [x.shape[0], weight.shape[0]] + counts)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let geometry = ConvolutionGeometry(
      windows, groups, frame.inputType(0), frame.inputType(1), frame.outputType(0))
    let (x, weight) = (frame.input(0), frame.input(1))
    var sums = Array(repeating: 0.0, count: frame.outputType(0).count)
    geometry.forEachProduct { i, j, k in sums[k] += Double(x[i]) * Double(weight[j]) }
    var y = frame.output(0)
    for k in y.indices { y[k] = Scalar(sums[k]) }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, weight, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(
      0,
      to: ConvolutionInputGradient(
        windows: windows, kind: kind.withCotangent(0), extents: Array(x.shape[2...]))(g, weight))
    rule.set(
      1, to: ConvolutionWeightGradient(windows: windows, kind: kind.withCotangent(1))(x, g))
  }

  static var samples: [Sample] {
    ConvolutionSamples.all.map { sample in
      Sample(
        sample.label, Convolution(windows: sample.windows, groups: sample.groups),
        [.sample(sample.x), .sample(sample.weight, seed: 2)])
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "convolution: float32[2, 3, 8, 8] has 3 channels, and filters float32[4, 2, 3, 3] in 1 groups "
          + "take 2; outputs must be a multiple of the groups"
      ) { _ = Tensor.zeros([2, 3, 8, 8]).convolved(with: .zeros([4, 2, 3, 3])) },
      Misuse("convolution: there are 0 groups; give 1 or more") {
        _ = Tensor.zeros([2, 3, 8, 8]).convolved(with: .zeros([4, 3, 3, 3]), groups: 0)
      },
      Misuse(
        "convolution: a window of [3, 3], dilated by [1, 1], is larger than the image [2, 8] with its "
          + "padding; pad more, or use a smaller window"
      ) { _ = Tensor.zeros([1, 1, 2, 8]).convolved(with: .zeros([1, 1, 3, 3])) },
      Misuse(
        "convolution: windows [3], strides [1] and dilations [0] are 1 or more, and padding [0] is 0 or more"
      ) { _ = Tensor.zeros([1, 1, 8]).convolved(with: .zeros([1, 1, 3]), dilations: [0]) },
    ]
  }
}

extension Tensor {
  /// Returns the convolution with a bank of filters: a cross-correlation, as in all frameworks.
  ///
  ///     x: [N, G·C, A…], weight: [G·K, C, R…]   →   [N, G·K, B…]
  ///
  /// With one to three spatial axes, B = (A + padding − (R − 1)·dilation − 1)/stride + 1, rounded down.
  /// Pullback: x̄ is the transposed convolution of ȳ, w̄ the correlation of x with ȳ. Filters of 3 by 3
  /// with stride and dilation 1 run by Winograd's algorithm unless a precise sum is asked for; how far its
  /// results are from that is said at ``ConvolutionPrecision``.
  ///
  /// - Parameters:
  ///   - weight: the filters.
  ///   - strides: how far apart neighbouring windows are; 1 unless said otherwise.
  ///   - padding: zeros at both ends of each axis; or those before all axes, and then those after them.
  ///   - dilations: how far apart neighbouring elements of a window are; 1 unless said otherwise.
  ///   - groups: G; channels of one group see only each other.
  ///   - precision: fast or precise; nil for the process's ``ConvolutionPrecision/standard``.
  ///   - bias: what is added to each channel, [G·K]; nothing unless given. Pullback: b̄ = Σ ȳ.
  /// - Precondition: the channels are those that the filters take, and windows fit the padded image.
  public func convolved(
    with weight: Tensor, strides: [Int]? = nil, padding: [Int]? = nil, dilations: [Int]? = nil,
    groups: Int = 1, precision: ConvolutionPrecision? = nil, bias: Tensor? = nil
  ) -> Tensor {
    let windows = Windows(
      Array(weight.shape.dropFirst(2)), strides: strides, padding: padding, dilations: dilations,
      "convolution")
    let y = Convolution(windows: windows, groups: groups, precision: precision ?? .standard)(
      self, weight)
    guard let bias else { return y }
    let needed = type.with(shape: [weight.shape[0]])
    require(
      bias.type == needed,
      "convolution: the bias is \(bias.type); filters \(weight.type) need \(needed)")
    return y + bias.channels(1, rank: rank)
  }
}
