import Adjoint

/// A depthwise-separable convolution: each channel is convolved alone, and then channels are mixed at each place.
///
///     x: [N, inputs, A…]   →   [N, multiplier·inputs, B…]   →   [N, outputs, B…]
///
/// ``SeparableConv1D``, ``SeparableConv2D`` and ``SeparableConv3D`` are this layer for one, two and three spatial
/// axes. For each output it takes R + outputs multiplications of each input where a full convolution takes
/// R·outputs, R being the elements of a window. Children: `depthwise` without bias, which the one of `pointwise`
/// holds already.
///
/// Source: Chollet, "Xception: deep learning with depthwise separable convolutions" (2017), §1.1.
public struct SeparableConvolution<Axes: SpatialAxes>: Layer {
  /// What convolves each channel alone.
  public var depthwise: Convolution<Axes>
  /// What mixes channels, with windows of one element.
  public var pointwise: Convolution<Axes>

  /// Makes a layer with random weights, and biases of 0.
  ///
  /// ```swift
  /// SeparableConv2D(32, 64, kernel: 3, stride: 2, padding: 1, using: &generator)
  /// ```
  ///
  /// - Parameters:
  ///   - inputs: the number of channels of x.
  ///   - outputs: the number of channels of the result.
  ///   - kernel: the extents of the windows, R…: one number for all axes, or one for each, as of `stride`
  ///     and `dilation`.
  ///   - multiplier: how many filters each channel is convolved with.
  ///   - stride: how far apart neighbouring windows are.
  ///   - padding: how many zeros are added at both ends of each axis, or `.same`.
  ///   - dilation: how far apart neighbouring elements of a window are.
  ///   - bias: whether there is one, after the mixing.
  ///   - weight: how the filters of both start.
  ///   - dtype: the element type.
  ///   - generator: what draws the filters.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: some PerAxis, multiplier: Int = 1,
    stride: some PerAxis = 1, padding: some PaddingPerAxis = 0, dilation: some PerAxis = 1,
    bias: Bool = true, weight: Initializer = .heNormal, dtype: DType = .float32,
    using generator: inout Philox
  ) {
    depthwise = Convolution(
      depthwise: inputs, multiplier: multiplier, kernel: kernel, stride: stride, padding: padding,
      dilation: dilation, bias: false, weight: weight, dtype: dtype, using: &generator)
    pointwise = Convolution(
      depthwise.weight.shape[0], outputs, kernel: 1, bias: bias, weight: weight, dtype: dtype,
      using: &generator)
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.child("depthwise", &depthwise)
    visitor.child("pointwise", &pointwise)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    Axes.requireImages(x, Self.name)
    let channels = depthwise.groups
    require(
      x.shape[1] == channels && x.dtype == depthwise.weight.dtype,
      "\(Self.name): \(x.type) has not the \(channels) channels of \(depthwise.weight.dtype) that there are "
        + "filters for")
    return x.grouped(Self.name, with: depthwise.weight) { pointwise(depthwise(x, mode), mode) }
  }
}

/// A depthwise-separable convolution of signals, [N, inputs, L].
public typealias SeparableConv1D = SeparableConvolution<OneAxis>
/// A depthwise-separable convolution of images in the plane, [N, inputs, H, W].
public typealias SeparableConv2D = SeparableConvolution<TwoAxes>
/// A depthwise-separable convolution of volumes, [N, inputs, D, H, W].
public typealias SeparableConv3D = SeparableConvolution<ThreeAxes>

extension SeparableConvolution: NamedGeneric {
  static var name: String { "SeparableConv\(Axes.count)D" }
}

extension SeparableConvolution: BatchNormFolding {
  public var bias: Tensor? {
    get { pointwise.bias }
    set { pointwise.bias = newValue }
  }
  public var outputChannels: Int { pointwise.outputChannels }
  public var channelAxes: Set<Int> { pointwise.channelAxes }
  public mutating func scaleOutputs(by factors: Tensor) { pointwise.scaleOutputs(by: factors) }
}
