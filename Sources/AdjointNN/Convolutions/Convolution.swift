import Adjoint

/// A convolution of signals, images or volumes, channels first.
///
///     x: [N, inputs, A…]   →   [N, outputs, B…]
///
/// ``Conv1D``, ``Conv2D`` and ``Conv3D`` are this layer for one, two and three spatial axes. Parameters:
/// `weight` [outputs, inputs/groups, R…], and `bias` [outputs] unless left out, as before a batch norm, which
/// would subtract it again.
public struct Convolution<Axes: SpatialAxes>: Layer {
  /// The filters, [outputs, inputs/groups, R…].
  public var weight: Tensor
  /// One number for each output channel, [outputs].
  public var bias: Tensor?
  /// How far apart neighbouring windows are, along each axis.
  public var strides: [Int]
  /// What is added at the ends of each axis.
  public var padding: WindowPadding
  /// How far apart neighbouring elements of a window are, along each axis.
  public var dilations: [Int]
  /// In how many groups the channels see each other.
  public var groups: Int
  /// Whether the convolution is fast or precise; nil for the process's standard.
  public var precision: ConvolutionPrecision?

  /// Makes a layer with random weights, and biases of 0.
  ///
  /// ```swift
  /// Conv2D(16, 32, kernel: 3, stride: 2, padding: 1, using: &generator)
  /// Conv2D(16, 32, kernel: [1, 5], padding: .same, using: &generator)
  /// ```
  ///
  /// - Parameters:
  ///   - inputs: the number of channels of x.
  ///   - outputs: the number of channels of the result.
  ///   - kernel: the extents of the windows, R…: one number for all axes, or one for each, as of `stride`
  ///     and `dilation`.
  ///   - stride: how far apart neighbouring windows are.
  ///   - padding: how many zeros are added at both ends of each axis, or `.same`.
  ///   - dilation: how far apart neighbouring elements of a window are.
  ///   - groups: in how many groups the channels see each other; as many as channels is depthwise.
  ///   - bias: whether there is one.
  ///   - precision: fast or precise.
  ///   - weight: how the filters start.
  ///   - dtype: the element type.
  ///   - generator: what draws the filters.
  /// - Precondition: the groups divide the inputs and the outputs.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: some PerAxis, stride: some PerAxis = 1,
    padding: some PaddingPerAxis = 0, dilation: some PerAxis = 1, groups: Int = 1,
    bias: Bool = true, precision: ConvolutionPrecision? = nil, weight: Initializer = .heNormal,
    dtype: DType = .float32, using generator: inout Philox
  ) {
    let kernel = kernel.numbers(Axes.count, "\(Self.name): the kernel")
    Axes.requireChannels(inputs, outputs, kernel, groups, Self.name)
    self.weight = speaking(as: Self.name) {
      weight([outputs, inputs / groups] + kernel, dtype: dtype, using: &generator)
    }
    self.bias = bias ? .zeros([outputs], dtype: dtype) : nil
    strides = stride.numbers(Axes.count, "\(Self.name): the stride")
    self.padding = padding.windowPadding(Axes.count, "\(Self.name): the padding")
    dilations = dilation.numbers(Axes.count, "\(Self.name): the dilation")
    self.groups = groups
    self.precision = precision
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias)
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.layered(Self.name, with: weight) {
      Axes.requireImages(x, Self.name)
      return x.convolved(
        with: weight, strides: strides,
        padding: padding.numbers(
          over: Array(x.shape[2...]), windows: Array(weight.shape[2...]), strides, dilations),
        dilations: dilations, groups: groups, precision: precision, bias: bias)
    }
  }
}

/// A convolution of signals, [N, inputs, L].
public typealias Conv1D = Convolution<OneAxis>
/// A convolution of images in the plane, [N, inputs, H, W].
public typealias Conv2D = Convolution<TwoAxes>
/// A convolution of volumes, [N, inputs, D, H, W].
public typealias Conv3D = Convolution<ThreeAxes>

extension Convolution {
  /// Makes a depthwise layer: each channel is convolved alone, with `multiplier` filters.
  ///
  /// With a convolution of kernel 1 after it, it is a depthwise-separable one: ``SeparableConvolution``.
  public init(
    depthwise channels: Int, multiplier: Int = 1, kernel: some PerAxis, stride: some PerAxis = 1,
    padding: some PaddingPerAxis = 0, dilation: some PerAxis = 1, bias: Bool = true,
    weight: Initializer = .heNormal, dtype: DType = .float32, using generator: inout Philox
  ) {
    let (outputs, overflow) = channels.multipliedReportingOverflow(by: multiplier)
    require(
      !overflow,
      "\(Self.name): \(multiplier) filters for each of \(channels) channels are more than can be counted; give "
        + "fewer")
    self.init(
      channels, outputs, kernel: kernel, stride: stride, padding: padding,
      dilation: dilation, groups: channels, bias: bias, weight: weight, dtype: dtype,
      using: &generator)
  }
}

extension Convolution: NamedGeneric {
  static var name: String { "Conv\(Axes.count)D" }
}

extension Convolution: BatchNormFolding {
  public var outputChannels: Int { weight.shape[0] }
  public var channelAxes: Set<Int> { [1, -1 - Axes.count] }
  public mutating func scaleOutputs(by factors: Tensor) {
    weight =
      weight * factors.reshaped(to: [factors.count] + weight.shape.dropFirst().map { _ in 1 })
  }
}
