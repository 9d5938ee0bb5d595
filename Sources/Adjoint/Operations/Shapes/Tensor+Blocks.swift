/// How channels become places in blocks, and back.
public enum BlockOrder: Sendable {
  /// The place in the block comes before the channel: the DCR of ONNX.
  case placeFirst
  /// The channel comes before the place in the block: the CRD of ONNX, `pixel_shuffle` of PyTorch.
  case channelFirst
}

extension Tensor {
  /// Returns images in which blocks of pixels are made of channels.
  ///
  ///     x: [N, b²·C, H, W]   →   [N, C, b·H, b·W]
  ///
  /// Pullback: ``spaceToDepth(_:order:)`` of ȳ.
  /// - Precondition: the channels are a multiple of b².
  ///
  /// Source: Shi et al., "Real-time single image and video super-resolution" (2016), §3.2.
  public func depthToSpace(_ block: Int, order: BlockOrder = .channelFirst) -> Tensor {
    require(
      rank == 4 && block >= 1 && shape[1].isMultiple(of: clampedProduct(block, block)),
      "depthToSpace: the channels of \(type) are not blocks of \(block) by \(block); give images "
        + "[batch, channels, height, width] with a multiple of so many channels")
    let (n, c, h, w) = (
      shape[0], shape[1] / clampedProduct(block, block), shape[2], shape[3]
    )
    let pixels =
      switch order {
      case .placeFirst:
        reshaped(to: [n, block, block, c, h, w]).transposed([0, 3, 4, 1, 5, 2])
      case .channelFirst:
        reshaped(to: [n, c, block, block, h, w]).transposed([0, 1, 4, 2, 5, 3])
      }
    return pixels.reshaped(to: [n, c, clampedProduct(h, block), clampedProduct(w, block)])
  }

  /// Returns images in which blocks of pixels have become channels.
  ///
  ///     x: [N, C, b·H, b·W]   →   [N, b²·C, H, W]
  ///
  /// Pullback: ``depthToSpace(_:order:)`` of ȳ.
  /// - Precondition: height and width are multiples of b.
  public func spaceToDepth(_ block: Int, order: BlockOrder = .channelFirst) -> Tensor {
    require(
      rank == 4 && block >= 1 && shape[2].isMultiple(of: block)
        && shape[3].isMultiple(of: block),
      "spaceToDepth: the pixels of \(type) are not in blocks of \(block) by \(block); give images "
        + "[batch, channels, height, width] with extents that are multiples")
    let (n, c, h, w) = (shape[0], shape[1], shape[2] / block, shape[3] / block)
    let order = order == .placeFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]
    return reshaped(to: [n, c, h, block, w, block]).transposed(order)
      .reshaped(to: [n, clampedProduct(c, block, block), h, w])
  }
}
