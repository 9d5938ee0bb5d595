import Adjoint

/// A convolution of images in the plane, channels first.
///
///     x: [N, inputs, H, W]   →   [N, outputs, H′, W′]
///
/// Parameters: `weight` [outputs, inputs/groups, R, S], and `bias` [outputs] unless left out, as
/// before a batch norm, which would subtract it again.
public struct Conv2D: Layer {
  /// The filters, [outputs, inputs/groups, R, S].
  public var weight: Tensor
  /// One number for each output channel, [outputs].
  public var bias: Tensor?
  /// How far apart neighbouring windows are, along both axes.
  public var stride: Int
  /// How many zeros are added at both ends of both axes.
  public var padding: Int
  /// How far apart neighbouring elements of a window are, along both axes.
  public var dilation: Int
  /// In how many groups the channels see each other.
  public var groups: Int
  /// Whether the convolution is fast or precise; nil for the process's standard.
  public var precision: ConvolutionPrecision?

  /// Makes a layer of square filters with random weights, and biases of 0.
  /// - Precondition: the groups divide the inputs and the outputs.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true, precision: ConvolutionPrecision? = nil,
    weight: Initializer = .heNormal, dtype: DType = .float32, using generator: inout Philox
  ) {
    require(
      inputs >= 1 && outputs >= 1 && kernel >= 1,
      "Conv2D: there are \(inputs) inputs, \(outputs) outputs and a kernel of \(kernel); give 1 or more of each"
    )
    require(groups >= 1, "Conv2D: there are \(groups) groups; give 1 or more")
    require(
      inputs % groups == 0 && outputs % groups == 0,
      "Conv2D: \(groups) groups do not divide \(inputs) inputs and \(outputs) outputs; give a divisor of both"
    )
    self.weight = weight(
      [outputs, inputs / groups, kernel, kernel], dtype: dtype, using: &generator)
    self.bias = bias ? .zeros([outputs], dtype: dtype) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.precision = precision
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias)
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.grouped("Conv2D") {
      x.convolved(
        with: weight, strides: [stride, stride], padding: [padding, padding],
        dilations: [dilation, dilation], groups: groups, precision: precision, bias: bias)
    }
  }
}

/// The largest element of each square window of images in the plane.
///
///     x: [N, C, H, W]   →   [N, C, H′, W′]
public struct MaxPool2D: StatelessLayer {
  /// The side of the windows.
  public var window: Int
  /// How far apart they are.
  public var stride: Int
  /// How much is added at both ends of both axes; it is never the largest.
  public var padding: Int

  /// Makes the layer; windows lie side by side unless a stride is given.
  public init(_ window: Int, stride: Int? = nil, padding: Int = 0) {
    self.window = window
    self.stride = stride ?? window
    self.padding = padding
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.maxPooled([window, window], strides: [stride, stride], padding: [padding, padding])
  }
}

/// The mean of each square window of images in the plane; padding does not count.
///
///     x: [N, C, H, W]   →   [N, C, H′, W′]
public struct AveragePool2D: StatelessLayer {
  /// The side of the windows.
  public var window: Int
  /// How far apart they are.
  public var stride: Int
  /// How much is added at both ends of both axes.
  public var padding: Int

  /// Makes the layer; windows lie side by side unless a stride is given.
  public init(_ window: Int, stride: Int? = nil, padding: Int = 0) {
    self.window = window
    self.stride = stride ?? window
    self.padding = padding
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.averagePooled([window, window], strides: [stride, stride], padding: [padding, padding])
  }
}
