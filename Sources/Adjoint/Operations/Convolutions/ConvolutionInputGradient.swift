/// The gradient of a ``Convolution`` by its images, which is the transposed convolution of `dy`.
///
///     dy: [N, G·K, B…], weight: [G·K, C, R…]   →   dx: [N, G·C, A…]
///
/// Every element of dy is spread over the window that it came from. Pullback: that of dy is the
/// convolution of d̄x, that of the weight its correlation with dy.
struct ConvolutionInputGradient: LinearOperation {
  var name: String { "convolutionInputGradient" }
  let windows: Windows
  let kind: ConvolutionKind
  var groups: Int { kind.groups }
  /// A…, which a stride leaves open.
  let extents: [Int]
  var reads: Reads { .inputs(0, 1) }
  var linearity: Linearity? { .each }
  var attributes: String {
    "to: \(extents)" + (windows.attributes.isEmpty ? "" : ", \(windows.attributes)")
      + kind.attributes
  }

  var cotangentInput: Int? { kind.cotangentInput }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 2)
    let (dy, weight) = (inputs[0], inputs[1])
    require(
      (3...5).contains(dy.rank) && weight.rank == dy.rank && weight.shape[0] == dy.shape[1]
        && windows.counts(over: extents, name) == Array(dy.shape[2...]),
      "\(name): \(dy) is not what filters \(weight) make of images \(extents)")
    return [dy.with(shape: [dy.shape[0], groups * weight.shape[1]] + extents)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let geometry = ConvolutionGeometry(
      windows, groups, frame.outputType(0), frame.inputType(1), frame.inputType(0))
    let (dy, weight) = (frame.input(0), frame.input(1))
    var sums = Array(repeating: 0.0, count: frame.outputType(0).count)
    geometry.forEachProduct { i, j, k in sums[i] += Double(dy[k]) * Double(weight[j]) }
    var dx = frame.output(0)
    for i in dx.indices { dx[i] = Scalar(sums[i]) }
  }

  func pullback(_ rule: inout Pullback) {
    let (dy, weight, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: Convolution(windows: windows, kind: kind.withCotangent(0))(g, weight))
    rule.set(
      1, to: ConvolutionWeightGradient(windows: windows, kind: kind.withCotangent(0))(g, dy))
  }

  static var samples: [Sample] {
    ConvolutionSamples.all.map { sample in
      Sample(
        sample.label,
        ConvolutionInputGradient(
          windows: sample.windows, groups: sample.groups, extents: Array(sample.x[2...])),
        [.sample(sample.y), .sample(sample.weight, seed: 2)])
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "convolutionTransposed: float32[1, 3, 4, 4] has 3 channels, the filters float32[2, 4, 3, 3] "
          + "take 2"
      ) { _ = Tensor.zeros([1, 3, 4, 4]).convolvedTransposed(with: .zeros([2, 4, 3, 3])) },
      Misuse(
        "convolutionInputGradient: float32[1, 2, 3, 3] is not what filters float32[2, 4, 3, 3] make of "
          + "images [8, 8]"
      ) {
        let windows = Windows([3, 3], strides: nil, padding: nil, dilations: nil, "convolution")
        _ = ConvolutionInputGradient(windows: windows, groups: 1, extents: [8, 8])(
          .zeros([1, 2, 3, 3]), .zeros([2, 4, 3, 3]))
      },
    ]
  }
}

extension Tensor {
  /// Returns the transposed convolution with a bank of filters, which spreads every element over a
  /// window: the gradient of a convolution by its images.
  ///
  ///     x: [N, G·K, B…], weight: [G·K, C, R…]   →   [N, G·C, A…]
  ///
  /// A = (B − 1)·stride − padding + (R − 1)·dilation + 1 + outputPadding. Pullback: x̄ is the
  /// convolution of ȳ, w̄ the correlation of ȳ with x.
  ///
  /// - Parameters:
  ///   - weight: the filters.
  ///   - strides: how far apart neighbouring windows are; 1 unless said otherwise.
  ///   - padding: what is cut off at both ends of each axis; or before all axes, and then after them.
  ///   - outputPadding: what is added behind each extent, which a stride leaves open: below the stride or the
  ///     dilation; 0 unless said otherwise.
  ///   - dilations: how far apart neighbouring elements of a window are; 1 unless said otherwise.
  ///   - groups: G; channels of one group see only each other.
  ///   - precision: fast or precise; nil for the process's ``ConvolutionPrecision/standard``.
  ///   - bias: what is added to each channel, [G·C]; nothing unless given. Pullback: b̄ = Σ ȳ.
  /// - Precondition: the channels are those that the filters take.
  public func convolvedTransposed(
    with weight: Tensor, strides: [Int]? = nil, padding: [Int]? = nil, outputPadding: [Int]? = nil,
    dilations: [Int]? = nil, groups: Int = 1, precision: ConvolutionPrecision? = nil,
    bias: Tensor? = nil
  ) -> Tensor {
    require(
      rank >= 3 && weight.rank == rank && shape[1] == weight.shape[0],
      "convolutionTransposed: \(type) has \(rank >= 2 ? shape[1] : 0) channels, the filters "
        + "\(weight.type) take \(weight.shape.first ?? 0)")
    require(
      dtype == weight.dtype && dtype.isFloatingPoint,
      "convolutionTransposed: \(type) and the filters \(weight.type) are not of one floating-point type; cast "
        + "one of them")
    require(
      groups >= 1 && shape[1] % groups == 0,
      "convolutionTransposed: \(groups) groups do not divide the \(shape[1]) channels of \(type); give a divisor "
        + "of them")
    require(
      (3...5).contains(rank)
        && (outputPadding ?? Array(repeating: 0, count: rank - 2)).count == rank - 2
        && (outputPadding ?? []).allSatisfy { (0...Int(Int32.max)).contains($0) },
      "convolutionTransposed: \(type) has \(rank - 2) spatial axes, the output padding \(outputPadding ?? []); "
        + "give images of one to three, and a number of 0 or more for each")
    var windows = Windows(
      Array(weight.shape[2...]), strides: strides, padding: padding, dilations: dilations,
      "convolutionTransposed")
    let limits = zip(windows.strides, windows.dilations).map { Swift.max($0, $1) }
    require(
      zip(outputPadding ?? [], limits).allSatisfy { $0 < $1 },
      "convolutionTransposed: the output padding \(outputPadding ?? []) is not below the strides "
        + "\(windows.strides) or the dilations \(windows.dilations); give less, and pad the result")
    let added = windows.adding(outputPadding ?? limits.map { _ in 0 })
    windows = added.windows
    let extents = windows.padding.enumerated().map { axis, padding in
      let spread = (shape[axis + 2] - 1) * windows.strides[axis] + windows.reach(axis)
      return spread - padding.before - padding.after + added.open[axis]
    }
    require(
      extents.allSatisfy { $0 >= 0 },
      "convolutionTransposed: padding \(padding ?? []) cuts off more than there is of what windows "
        + "\(windows.extents) make of \(type); pad less")
    var y = ConvolutionInputGradient(
      windows: windows, groups: groups, extents: extents, precision: precision ?? .standard)(
        self, weight)
    if added.zeros.contains(where: { $0 > 0 }) {
      y = y.padded(before: Array(repeating: 0, count: rank), after: [0, 0] + added.zeros)
    }
    guard let bias else { return y }
    let needed = type.with(shape: [groups * weight.shape[1]])
    require(
      bias.type == needed,
      "convolutionTransposed: the bias is \(bias.type); filters \(weight.type) need \(needed)")
    return y + bias.channels(1, rank: rank)
  }
}

extension Windows {
  /// Adds so many elements behind each axis of what the windows make, transposed: at first those that a stride leaves
  /// `open`, then such as the padding would cut off, and then `zeros`, which no window reaches.
  fileprivate func adding(_ counts: [Int]) -> (windows: Windows, open: [Int], zeros: [Int]) {
    let open = zip(counts, strides).map { min($0, $1 - 1) }
    let beyond = zip(counts, open).map { $0 - $1 }
    guard beyond.contains(where: { $0 > 0 }) else { return (self, open, beyond) }
    let uncut = zip(beyond, padding).map { min($0, $1.after) }
    let windows = Windows(
      extents, strides: strides,
      padding: padding.map(\.before) + zip(padding, uncut).map { $0.after - $1 },
      dilations: dilations, "convolutionTransposed")
    return (windows, open, zip(beyond, uncut).map { $0 - $1 })
  }
}
