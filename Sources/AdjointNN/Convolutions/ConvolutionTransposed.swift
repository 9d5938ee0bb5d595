import Adjoint

/// A transposed convolution of signals, images or volumes, channels first: every element is spread over a window.
///
///     x: [N, inputs, B…]   →   [N, outputs, A…]
///
/// ``ConvTranspose1D``, ``ConvTranspose2D`` and ``ConvTranspose3D`` are this layer for one, two and three spatial
/// axes. A = (B − 1)·stride − 2·padding + (R − 1)·dilation + 1 + outputPadding. Parameters: `weight` [inputs,
/// outputs/groups, R…], and `bias` [outputs] unless left out.
public struct ConvolutionTransposed<Axes: SpatialAxes>: Layer {
  /// The filters, [inputs, outputs/groups, R…].
  public var weight: Tensor
  /// One number for each output channel, [outputs].
  public var bias: Tensor?
  /// How far apart neighbouring windows are, along each axis.
  public var strides: [Int]
  /// What is cut off at both ends of each axis.
  public var padding: [Int]
  /// What a stride leaves open of each extent.
  public var outputPadding: [Int]
  /// How far apart neighbouring elements of a window are, along each axis.
  public var dilations: [Int]
  /// In how many groups the channels see each other.
  public var groups: Int
  /// Whether the convolution is fast or precise; nil for the process's standard.
  public var precision: ConvolutionPrecision?

  /// Makes a layer with random weights, and biases of 0.
  ///
  /// - Parameters:
  ///   - inputs: the number of channels of x.
  ///   - outputs: the number of channels of the result.
  ///   - kernel: the extents of the windows, R…: one number for all axes, or one for each, as of the others.
  ///   - stride: how far apart neighbouring windows are.
  ///   - padding: what is cut off at both ends of each axis.
  ///   - outputPadding: what is added behind each extent, which a stride leaves open: below the stride or the
  ///     dilation.
  ///   - dilation: how far apart neighbouring elements of a window are.
  ///   - groups: in how many groups the channels see each other.
  ///   - bias: whether there is one.
  ///   - precision: fast or precise.
  ///   - weight: how the filters start.
  ///   - dtype: the element type.
  ///   - generator: what draws the filters.
  /// - Precondition: the groups divide the inputs and the outputs.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: some PerAxis, stride: some PerAxis = 1,
    padding: some PerAxis = 0, outputPadding: some PerAxis = 0, dilation: some PerAxis = 1,
    groups: Int = 1, bias: Bool = true, precision: ConvolutionPrecision? = nil,
    weight: Initializer = .heNormal, dtype: DType = .float32, using generator: inout Philox
  ) {
    func numbers(_ values: some PerAxis, _ what: String) -> [Int] {
      values.numbers(Axes.count, "\(Self.name): the \(what)")
    }
    let kernel = numbers(kernel, "kernel")
    Axes.requireChannels(inputs, outputs, kernel, groups, Self.name)
    self.weight = speaking(as: Self.name) {
      weight([inputs, outputs / groups] + kernel, dtype: dtype, using: &generator)
    }
    self.bias = bias ? .zeros([outputs], dtype: dtype) : nil
    (strides, dilations) = (numbers(stride, "stride"), numbers(dilation, "dilation"))
    self.padding = numbers(padding, "padding")
    self.outputPadding = numbers(outputPadding, "output padding")
    (self.groups, self.precision) = (groups, precision)
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias)
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.layered(Self.name, with: weight) {
      Axes.requireImages(x, Self.name)
      return x.convolvedTransposed(
        with: weight, strides: strides, padding: padding, outputPadding: outputPadding,
        dilations: dilations, groups: groups, precision: precision, bias: bias)
    }
  }
}

/// A transposed convolution of signals, [N, inputs, L].
public typealias ConvTranspose1D = ConvolutionTransposed<OneAxis>
/// A transposed convolution of images in the plane, [N, inputs, H, W].
public typealias ConvTranspose2D = ConvolutionTransposed<TwoAxes>
/// A transposed convolution of volumes, [N, inputs, D, H, W].
public typealias ConvTranspose3D = ConvolutionTransposed<ThreeAxes>

extension ConvolutionTransposed: NamedGeneric {
  static var name: String { "ConvTranspose\(Axes.count)D" }
}

extension ConvolutionTransposed: BatchNormFolding {
  public var outputChannels: Int { weight.shape[1] * groups }
  public var channelAxes: Set<Int> { [1, -1 - Axes.count] }
  public mutating func scaleOutputs(by factors: Tensor) {
    // [G, inputs/G, outputs/G, R…]: a group of outputs has a group of inputs.
    let (shape, kernel) = (weight.shape, Array(weight.shape[2...]))
    weight =
      (weight.reshaped(to: [groups, shape[0] / groups, shape[1]] + kernel)
      * factors.reshaped(to: [groups, 1, shape[1]] + kernel.map { _ in 1 })).reshaped(to: shape)
  }
}
