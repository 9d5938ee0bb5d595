import Adjoint

/// Images enlarged by a factor along each spatial axis.
///
///     x: [N, C, A…]   →   [N, C, factor·A…]
public struct Upsample: StatelessLayer {
  /// The factor, 1 or more.
  public var factor: Int
  /// How what lies between pixels is found.
  public var interpolation: Interpolation
  /// Makes the layer.
  public init(by factor: Int, _ interpolation: Interpolation = .nearest) {
    require(factor >= 1, "Upsample: the factor is \(factor); give 1 or more")
    (self.factor, self.interpolation) = (factor, interpolation)
  }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "Upsample") {
      x.interpolated(to: x.shape.dropFirst(2).map { clampedProduct($0, factor) }, by: interpolation)
    }
  }
}

/// Channels put side by side in the plane: sub-pixel convolution, after a convolution to as many channels.
///
///     x: [N, C·b², H, W]   →   [N, C, H·b, W·b]
///
/// Source: Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel
/// convolutional neural network" (2016), §2.2.
public struct PixelShuffle: StatelessLayer {
  /// b, the side of the block that the channels of a pixel become.
  public var block: Int
  /// Makes the layer.
  public init(_ block: Int) { self.block = block }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "PixelShuffle") { x.depthToSpace(block) }
  }
}

/// Blocks of the plane made channels: the inverse of ``PixelShuffle``.
///
///     x: [N, C, H·b, W·b]   →   [N, C·b², H, W]
public struct PixelUnshuffle: StatelessLayer {
  /// b, the side of the block that becomes the channels of a pixel.
  public var block: Int
  /// Makes the layer.
  public init(_ block: Int) { self.block = block }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "PixelUnshuffle") { x.spaceToDepth(block) }
  }
}
