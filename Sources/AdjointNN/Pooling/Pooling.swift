import Adjoint

/// The windows of a pooling layer.
public struct PoolingWindows<Axes: SpatialAxes>: Sendable {
  /// The extents of a window.
  public var extents: [Int]
  /// How far apart neighbouring windows are.
  public var strides: [Int]
  /// How much is added at both ends of each axis, or the padding that keeps extents.
  public var padding: WindowPadding
  /// How far apart neighbouring elements of a window are.
  public var dilations: [Int]
  /// Whether a last window may reach over the end.
  public var roundsUp: Bool

  init(
    _ window: some PerAxis, _ stride: (some PerAxis)?, _ padding: some PaddingPerAxis,
    _ dilation: some PerAxis, _ roundsUp: Bool, _ layer: String
  ) {
    extents = window.numbers(Axes.count, "\(layer): the window")
    strides = stride?.numbers(Axes.count, "\(layer): the stride") ?? extents
    self.padding = padding.windowPadding(Axes.count, "\(layer): the padding")
    dilations = dilation.numbers(Axes.count, "\(layer): the dilation")
    self.roundsUp = roundsUp
  }

  /// The padding over images, before all axes and then after them.
  func padding(over x: Tensor, _ layer: String) -> [Int] {
    Axes.requireImages(x, layer)
    return padding.numbers(over: Array(x.shape[2...]), windows: extents, strides, dilations)
  }
}

/// The largest element of each window.
///
///     x: [N, C, A…]   →   [N, C, B…]
///
/// Padding is never the largest. ``MaxPool1D``, ``MaxPool2D`` and ``MaxPool3D`` are this layer for one, two and
/// three spatial axes.
public struct MaxPool<Axes: SpatialAxes>: StatelessLayer {
  /// The windows.
  public var windows: PoolingWindows<Axes>

  /// Makes the layer; windows lie side by side unless a stride is given.
  public init(
    _ window: some PerAxis, stride: (some PerAxis)? = Int?.none, padding: some PaddingPerAxis = 0,
    dilation: some PerAxis = 1, roundingUp: Bool = false
  ) {
    windows = PoolingWindows(window, stride, padding, dilation, roundingUp, Self.name)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: Self.name) {
      x.maxPooled(
        windows.extents, strides: windows.strides, padding: windows.padding(over: x, Self.name),
        dilations: windows.dilations, roundingUp: windows.roundsUp)
    }
  }

  /// Returns the largest element of each window, and where it lies in its plane, for a ``MaxUnpool``.
  ///
  ///     x: [N, C, A…]   →   values: [N, C, B…], places: int32[N, C, B…]
  public func withPlaces(_ x: Tensor) -> (values: Tensor, places: Tensor) {
    x.layered(Self.name) {
      x.maxPooledWithPlaces(
        windows.extents, strides: windows.strides,
        padding: windows.padding(over: x, Self.name), dilations: windows.dilations,
        roundingUp: windows.roundsUp)
    }
  }
}

/// The mean of each window.
///
///     x: [N, C, A…]   →   [N, C, B…]
///
/// ``AveragePool1D``, ``AveragePool2D`` and ``AveragePool3D`` are this layer for one, two and three spatial axes.
public struct AveragePool<Axes: SpatialAxes>: StatelessLayer {
  /// The windows.
  public var windows: PoolingWindows<Axes>
  /// Whether the padding counts as zeros, or not at all.
  public var countsPadding: Bool

  /// Makes the layer; windows lie side by side unless a stride is given.
  public init(
    _ window: some PerAxis, stride: (some PerAxis)? = Int?.none, padding: some PaddingPerAxis = 0,
    roundingUp: Bool = false, countingPadding: Bool = false
  ) {
    windows = PoolingWindows(window, stride, padding, 1, roundingUp, Self.name)
    countsPadding = countingPadding
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: Self.name) {
      x.averagePooled(
        windows.extents, strides: windows.strides, padding: windows.padding(over: x, Self.name),
        roundingUp: windows.roundsUp, countingPadding: countsPadding)
    }
  }
}

/// The p-norm of each window.
///
///     x: [N, C, A…]   →   [N, C, B…]
///
/// ``PowerPool1D``, ``PowerPool2D`` and ``PowerPool3D`` are this layer for one, two and three spatial axes.
public struct PowerPool<Axes: SpatialAxes>: StatelessLayer {
  /// The windows.
  public var windows: PoolingWindows<Axes>
  /// The exponent, 1 or more.
  public var p: Double

  /// Makes the layer; windows lie side by side unless a stride is given.
  public init(
    _ window: some PerAxis, p: Double = 2, stride: (some PerAxis)? = Int?.none,
    padding: some PaddingPerAxis = 0, roundingUp: Bool = false
  ) {
    windows = PoolingWindows(window, stride, padding, 1, roundingUp, Self.name)
    self.p = p
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: Self.name) {
      x.powerPooled(
        windows.extents, p: p, strides: windows.strides,
        padding: windows.padding(over: x, Self.name), roundingUp: windows.roundsUp)
    }
  }
}

extension MaxPool: NamedGeneric {
  static var name: String { "MaxPool\(Axes.count)D" }
}

extension AveragePool: NamedGeneric {
  static var name: String { "AveragePool\(Axes.count)D" }
}

extension PowerPool: NamedGeneric {
  static var name: String { "PowerPool\(Axes.count)D" }
}

/// The largest element of each window of signals.
public typealias MaxPool1D = MaxPool<OneAxis>
/// The largest element of each window of images.
public typealias MaxPool2D = MaxPool<TwoAxes>
/// The largest element of each window of volumes.
public typealias MaxPool3D = MaxPool<ThreeAxes>
/// The mean of each window of signals.
public typealias AveragePool1D = AveragePool<OneAxis>
/// The mean of each window of images.
public typealias AveragePool2D = AveragePool<TwoAxes>
/// The mean of each window of volumes.
public typealias AveragePool3D = AveragePool<ThreeAxes>
/// The p-norm of each window of signals.
public typealias PowerPool1D = PowerPool<OneAxis>
/// The p-norm of each window of images.
public typealias PowerPool2D = PowerPool<TwoAxes>
/// The p-norm of each window of volumes.
public typealias PowerPool3D = PowerPool<ThreeAxes>
