import Adjoint

/// The mean of each channel of each image.
///
///     x: [N, C, A…]   →   [N, C], or [N, C, 1…]
public struct GlobalAveragePool: StatelessLayer {
  /// Whether the spatial axes are kept, with the extent 1.
  public var keepsAxes: Bool
  /// Makes the layer.
  public init(keepingAxes: Bool = false) { keepsAxes = keepingAxes }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "GlobalAveragePool") { x.globalAveragePooled().withoutAxes(unless: keepsAxes) }
  }
}

/// The largest element of each channel of each image.
///
///     x: [N, C, A…]   →   [N, C], or [N, C, 1…]
public struct GlobalMaxPool: StatelessLayer {
  /// Whether the spatial axes are kept, with the extent 1.
  public var keepsAxes: Bool
  /// Makes the layer.
  public init(keepingAxes: Bool = false) { keepsAxes = keepingAxes }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "GlobalMaxPool") { x.globalMaxPooled().withoutAxes(unless: keepsAxes) }
  }
}

/// The p-norm of each channel of each image.
///
///     x: [N, C, A…]   →   [N, C], or [N, C, 1…]
public struct GlobalPowerPool: StatelessLayer {
  /// The exponent.
  public var p: Double
  /// Whether the spatial axes are kept, with the extent 1.
  public var keepsAxes: Bool
  /// Makes the layer.
  public init(p: Double = 2, keepingAxes: Bool = false) { (self.p, keepsAxes) = (p, keepingAxes) }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "GlobalPowerPool") { x.globalPowerPooled(p).withoutAxes(unless: keepsAxes) }
  }
}

/// The means of so many windows along each spatial axis, which cover it as evenly as they can.
///
///     x: [N, C, A…]   →   [N, C, B…]
public struct AdaptiveAveragePool: StatelessLayer {
  private let extents: any PerAxis
  /// Makes the layer for the extents B…: one number for all axes, or one for each.
  public init(to extents: some PerAxis) { self.extents = extents }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "AdaptiveAveragePool") {
      x.adaptiveAveragePooled(
        to: extents.numbers(
          spatialAxes(of: x, "AdaptiveAveragePool"), "AdaptiveAveragePool: the extent"))
    }
  }
}

/// The largest elements of so many windows along each spatial axis, which cover it as evenly as they can.
///
///     x: [N, C, A…]   →   [N, C, B…]
public struct AdaptiveMaxPool: StatelessLayer {
  private let extents: any PerAxis
  /// Makes the layer for the extents B…: one number for all axes, or one for each.
  public init(to extents: some PerAxis) { self.extents = extents }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "AdaptiveMaxPool") {
      x.adaptiveMaxPooled(
        to: extents.numbers(spatialAxes(of: x, "AdaptiveMaxPool"), "AdaptiveMaxPool: the extent"))
    }
  }
}

/// The number of spatial axes; stops where there are none.
private func spatialAxes(of x: Tensor, _ layer: String) -> Int {
  require(x.rank >= 3, "\(layer): \(x.type) is not images [batch, channels, …]")
  return x.rank - 2
}

extension Tensor {
  /// The means of images without their spatial axes.
  fileprivate func withoutAxes(unless keepsAxes: Bool) -> Tensor {
    keepsAxes ? self : reshaped(to: Array(shape[..<2]))
  }
}
