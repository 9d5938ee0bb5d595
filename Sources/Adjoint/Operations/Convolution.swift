internal import AdjointKernels

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
/// Float32 in the plane: filters of 3 by 3 with stride and dilation 1 run by Winograd's algorithm,
/// whose error is some 10 times that of a direct sum, 2e-6 of the result in the root of the mean
/// square; others as matrix products.
struct Convolution: Operation {
  let name = "convolution"
  let windows: Windows
  let groups: Int
  let reads = Reads.inputs(0, 1)
  var attributes: String { windows.attributes + (groups == 1 ? "" : " groups: \(groups)") }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireReal(inputs, count: 2)
    requireSameDType(inputs[0], inputs[1])
    let (x, weight) = (inputs[0], inputs[1])
    require(
      (3...5).contains(x.rank) && weight.rank == x.rank,
      "convolution: \(x) and \(weight) are not images [batch, channels, …] and filters [outputs, "
        + "inputs, …] with the same one to three spatial axes")
    require(
      groups >= 1 && x.shape[1] == groups * weight.shape[1] && weight.shape[0] % groups == 0,
      "convolution: \(x) has \(x.shape[1]) channels, and filters \(weight) in \(groups) groups take "
        + "\(groups * weight.shape[1]); outputs must be a multiple of the groups")
    let counts = windows.counts(over: Array(x.shape[2...]), name)
    return [x.with(shape: [x.shape[0], weight.shape[0]] + counts)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    let geometry = ConvolutionGeometry(
      windows, groups, frame.inputType(0), frame.inputType(1), frame.outputType(0))
    guard let kernels = unsafe frame.instructions.kernels,
      let plane = PlaneConvolution(geometry)
    else {
      computeReference(&frame)
      return
    }
    unsafe plane.convolve(frame.source(0), frame.source(1), into: frame.target(0), on: kernels)
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
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
        windows: windows, groups: groups, extents: Array(x.shape[2...]))(g, weight))
    rule.set(1, to: ConvolutionWeightGradient(windows: windows, groups: groups)(x, g))
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
      Misuse(
        "convolution: a window of [3, 3], dilated by [1, 1], is larger than the image [2, 8] with its "
          + "padding; pad more, or use a smaller window"
      ) { _ = Tensor.zeros([1, 1, 2, 8]).convolved(with: .zeros([1, 1, 3, 3])) },
      Misuse(
        "convolution: strides [1] and dilations [0] are 1 or more, and padding [0] is 0 or more"
      ) { _ = Tensor.zeros([1, 1, 8]).convolved(with: .zeros([1, 1, 3]), dilations: [0]) },
    ]
  }
}

/// The gradient of a ``Convolution`` by its images, which is the transposed convolution of `dy`.
///
///     dy: [N, G·K, B…], weight: [G·K, C, R…]   →   dx: [N, G·C, A…]
///
/// Every element of dy is spread over the window that it came from. Pullback: that of dy is the
/// convolution of d̄x, that of the weight its correlation with dy.
struct ConvolutionInputGradient: Operation {
  let name = "convolutionInputGradient"
  let windows: Windows
  let groups: Int
  /// A…, which a stride leaves open.
  let extents: [Int]
  let reads = Reads.inputs(0, 1)
  var attributes: String {
    "to: \(extents)" + (windows.attributes.isEmpty ? "" : ", \(windows.attributes)")
      + (groups == 1 ? "" : " groups: \(groups)")
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireReal(inputs, count: 2)
    requireSameDType(inputs[0], inputs[1])
    let (dy, weight) = (inputs[0], inputs[1])
    require(
      (3...5).contains(dy.rank) && weight.rank == dy.rank && weight.shape[0] == dy.shape[1]
        && windows.counts(over: extents, name) == Array(dy.shape[2...]),
      "\(name): \(dy) is not what filters \(weight) make of images \(extents)")
    return [dy.with(shape: [dy.shape[0], groups * weight.shape[1]] + extents)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    let geometry = ConvolutionGeometry(
      windows, groups, frame.outputType(0), frame.inputType(1), frame.inputType(0))
    guard let kernels = unsafe frame.instructions.kernels,
      let plane = PlaneConvolution(geometry)
    else {
      computeReference(&frame)
      return
    }
    unsafe plane.spread(frame.source(0), frame.source(1), into: frame.target(0), on: kernels)
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
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
    rule.set(0, to: Convolution(windows: windows, groups: groups)(g, weight))
    rule.set(1, to: ConvolutionWeightGradient(windows: windows, groups: groups)(g, dy))
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

/// The gradient of a ``Convolution`` by its filters.
///
///     x: [N, G·C, A…], dy: [N, G·K, B…]   →   dw: [G·K, C, R…]
///
/// Pullback: that of x is the transposed convolution of dy, that of dy the convolution of x, both with
/// d̄w for filters.
struct ConvolutionWeightGradient: Operation {
  let name = "convolutionWeightGradient"
  let windows: Windows
  let groups: Int
  let reads = Reads.inputs(0, 1)
  var attributes: String {
    "windows: \(windows.extents)" + (windows.attributes.isEmpty ? "" : ", \(windows.attributes)")
      + (groups == 1 ? "" : " groups: \(groups)")
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireReal(inputs, count: 2)
    requireSameDType(inputs[0], inputs[1])
    let (x, dy) = (inputs[0], inputs[1])
    require(
      (3...5).contains(x.rank) && dy.rank == x.rank && dy.shape[0] == x.shape[0]
        && windows.counts(over: Array(x.shape[2...]), name) == Array(dy.shape[2...]),
      "\(name): \(dy) is not what windows \(windows.extents) make of \(x)")
    return [x.with(shape: [dy.shape[1], x.shape[1] / groups] + windows.extents)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    let geometry = ConvolutionGeometry(
      windows, groups, frame.inputType(0), frame.outputType(0), frame.inputType(1))
    guard let kernels = unsafe frame.instructions.kernels,
      let plane = PlaneConvolution(geometry)
    else {
      computeReference(&frame)
      return
    }
    unsafe plane.correlate(frame.source(0), frame.source(1), into: frame.target(0), on: kernels)
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let geometry = ConvolutionGeometry(
      windows, groups, frame.inputType(0), frame.outputType(0), frame.inputType(1))
    let (x, dy) = (frame.input(0), frame.input(1))
    var sums = Array(repeating: 0.0, count: frame.outputType(0).count)
    geometry.forEachProduct { i, j, k in sums[j] += Double(x[i]) * Double(dy[k]) }
    var dw = frame.output(0)
    for j in dw.indices { dw[j] = Scalar(sums[j]) }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, dy, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(
      0,
      to: ConvolutionInputGradient(
        windows: windows, groups: groups, extents: Array(x.shape[2...]))(dy, g))
    rule.set(1, to: Convolution(windows: windows, groups: groups)(x, g))
  }

  static var samples: [Sample] {
    ConvolutionSamples.all.map { sample in
      Sample(
        sample.label, ConvolutionWeightGradient(windows: sample.windows, groups: sample.groups),
        [.sample(sample.x), .sample(sample.y, seed: 2)])
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "convolutionWeightGradient: float32[2, 2, 8, 8] is not what windows [3, 3] make of "
          + "float32[2, 3, 8, 8]"
      ) {
        let windows = Windows([3, 3], strides: nil, padding: nil, dilations: nil, "convolution")
        _ = ConvolutionWeightGradient(windows: windows, groups: 1)(
          .zeros([2, 3, 8, 8]), .zeros([2, 2, 8, 8]))
      }
    ]
  }
}

/// Shapes that all three operations are tried with.
private struct ConvolutionSamples {
  let label: String
  let x: [Int]
  let weight: [Int]
  let windows: Windows
  let groups: Int

  var y: [Int] { [x[0], weight[0]] + windows.counts(over: Array(x[2...]), "convolution") }

  init(
    _ label: String, _ x: [Int], _ weight: [Int], strides: [Int]? = nil, padding: [Int]? = nil,
    dilations: [Int]? = nil, groups: Int = 1
  ) {
    self.label = label
    self.x = x
    self.weight = weight
    self.groups = groups
    windows = Windows(
      Array(weight[2...]), strides: strides, padding: padding, dilations: dilations, "convolution")
  }

  static let all = [
    ConvolutionSamples("3 by 3, padded", [2, 2, 4, 5], [3, 2, 3, 3], padding: [1, 1]),
    ConvolutionSamples(
      "Winograd, odd extents", [1, 8, 6, 5], [8, 8, 3, 3], padding: [1, 0, 2, 1]),
    ConvolutionSamples("pointwise", [2, 3, 2, 2], [2, 3, 1, 1]),
    ConvolutionSamples("stride", [1, 2, 5, 6], [2, 2, 3, 2], strides: [2, 3], padding: [1, 0]),
    ConvolutionSamples("stride past the window", [1, 1, 7, 7], [2, 1, 2, 2], strides: [3, 3]),
    ConvolutionSamples("dilation", [1, 2, 6, 6], [1, 2, 2, 3], dilations: [2, 1]),
    ConvolutionSamples("groups", [2, 4, 3, 3], [6, 2, 2, 2], groups: 2),
    ConvolutionSamples(
      "each channel alone", [1, 3, 4, 4], [3, 1, 3, 3], padding: [1, 1], groups: 3),
    ConvolutionSamples("a line", [2, 2, 6], [3, 2, 3], padding: [0, 1]),
    ConvolutionSamples("a volume", [1, 2, 3, 3, 3], [2, 2, 2, 2, 2]),
    ConvolutionSamples("empty batch", [0, 2, 4, 4], [2, 2, 3, 3]),
  ]
}

extension Tensor {
  /// Returns the convolution with a bank of filters: a cross-correlation, as in all frameworks.
  ///
  ///     x: [N, G·C, A…], weight: [G·K, C, R…]   →   [N, G·K, B…]
  ///
  /// With one to three spatial axes, B = (A + padding − (R − 1)·dilation − 1)/stride + 1, rounded down.
  /// Pullback: x̄ is the transposed convolution of ȳ, w̄ the correlation of x with ȳ. Float32 filters
  /// of 3 by 3 with stride and dilation 1 run by Winograd's algorithm, whose error is some 10 times
  /// that of a direct sum: 2e-6 of the result in the root of the mean square.
  ///
  /// - Parameters:
  ///   - weight: the filters.
  ///   - strides: how far apart neighbouring windows are; 1 unless said otherwise.
  ///   - padding: zeros at both ends of each axis; or those before all axes, and then those after them.
  ///   - dilations: how far apart neighbouring elements of a window are; 1 unless said otherwise.
  ///   - groups: G; channels of one group see only each other.
  /// - Precondition: the channels are those that the filters take, and windows fit the padded image.
  public func convolved(
    with weight: Tensor, strides: [Int]? = nil, padding: [Int]? = nil, dilations: [Int]? = nil,
    groups: Int = 1
  ) -> Tensor {
    let windows = Windows(
      Array(weight.shape.dropFirst(2)), strides: strides, padding: padding, dilations: dilations,
      "convolution")
    return Convolution(windows: windows, groups: groups)(self, weight)
  }

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
  ///   - outputPadding: what a stride leaves open of each extent; 0 unless said otherwise.
  ///   - dilations: how far apart neighbouring elements of a window are; 1 unless said otherwise.
  ///   - groups: G; channels of one group see only each other.
  /// - Precondition: the channels are those that the filters take.
  public func convolvedTransposed(
    with weight: Tensor, strides: [Int]? = nil, padding: [Int]? = nil, outputPadding: [Int]? = nil,
    dilations: [Int]? = nil, groups: Int = 1
  ) -> Tensor {
    require(
      rank >= 3 && weight.rank == rank && shape[1] == weight.shape[0],
      "convolutionTransposed: \(type) has \(rank >= 2 ? shape[1] : 0) channels, the filters "
        + "\(weight.type) take \(weight.shape.first ?? 0)")
    let windows = Windows(
      Array(weight.shape[2...]), strides: strides, padding: padding, dilations: dilations,
      "convolutionTransposed")
    let extents = windows.extents.indices.map { axis in
      (shape[axis + 2] - 1) * windows.strides[axis] + windows.reach(axis)
        - windows.padding[axis].before - windows.padding[axis].after + (outputPadding?[axis] ?? 0)
    }
    return ConvolutionInputGradient(windows: windows, groups: groups, extents: extents)(
      self, weight)
  }
}
