// Pooling of whole images, and to given extents.

extension Tensor {
  /// Returns the mean of each channel of each image.
  ///
  ///     x: [N, C, A…]   →   [N, C, 1…]
  ///
  /// Pullback: x̄ = ȳ/n spread over the image.
  public func globalAveragePooled() -> Tensor {
    speaking(as: "globalAveragePooled") {
      mean(over: spatialAxes("globalAveragePooled"), keepingAxes: true)
    }
  }

  /// Returns the largest element of each channel of each image.
  ///
  ///     x: [N, C, A…]   →   [N, C, 1…]
  ///
  /// Pullback: ȳ goes to its equals, in equal parts.
  public func globalMaxPooled() -> Tensor {
    speaking(as: "globalMaxPooled") {
      max(over: spatialAxes("globalMaxPooled"), keepingAxes: true)
    }
  }

  /// Returns the p-norm of each channel of each image.
  ///
  ///     x: [N, C, A…]   →   [N, C, 1…]
  public func globalPowerPooled(_ p: Double = 2) -> Tensor {
    speaking(as: "globalPowerPooled") {
      norm(p, over: spatialAxes("globalPowerPooled"), keepingAxes: true)
    }
  }

  /// Returns the means of so many windows along each spatial axis, which cover it as evenly as they can.
  ///
  ///     x: [N, C, A…], to: [B…]   →   [N, C, B…]
  ///
  /// Window i of B along an axis of A goes from ⌊i·A/B⌋ to below ⌈(i + 1)·A/B⌉, as in PyTorch. Pullback: ȳ/n
  /// spread over each window.
  public func adaptiveAveragePooled(to extents: [Int]) -> Tensor {
    adaptivelyPooled(to: extents, "adaptiveAveragePooled") { $0.mean(over: $1, keepingAxes: true) }
  }

  /// Returns the largest elements of so many windows along each spatial axis, which cover it as evenly as they can.
  ///
  ///     x: [N, C, A…], to: [B…]   →   [N, C, B…]
  ///
  /// The windows are those of ``adaptiveAveragePooled(to:)``. Pullback: ȳ goes to its equals, in equal parts
  /// along each axis.
  public func adaptiveMaxPooled(to extents: [Int]) -> Tensor {
    adaptivelyPooled(to: extents, "adaptiveMaxPooled") { $0.max(over: $1, keepingAxes: true) }
  }

  private func spatialAxes(_ operation: String) -> [Int] {
    require(rank >= 3, "\(operation): \(type) is not images [batch, channels, …]")
    return Array(2..<rank)
  }

  /// A reduction of windows, axis by axis: that of a block is that of its lines.
  private func adaptivelyPooled(
    to extents: [Int], _ operation: String, _ reduce: (Tensor, Int) -> Tensor
  ) -> Tensor {
    let axes = spatialAxes(operation)
    require(
      extents.count == axes.count && extents.allSatisfy { $0 >= 1 }
        && axes.allSatisfy { shape[$0] >= 1 },
      "\(operation): \(type) has \(axes.count) spatial axes, asked for are \(extents); give an extent of 1 or "
        + "more for each")
    // Stops where the result cannot be counted.
    _ = type.with(shape: shape[..<2] + extents)
    return speaking(as: operation) {
      zip(axes, extents).reduce(self) { adaptivelyPooled($0, $1.0, to: $1.1, reduce) }
    }
  }

  /// A reduction of so many windows along one axis.
  private func adaptivelyPooled(
    _ x: Tensor, _ axis: Int, to count: Int, _ reduce: (Tensor, Int) -> Tensor
  ) -> Tensor {
    let extent = x.shape[axis]
    // Where there are more windows than elements, neighbours are the same ones.
    var windows: [Range<Int>] = []
    let places = Tensor.places(count) { number in
      let end = ((number + 1) * extent + count - 1) / count
      let window = number * extent / count..<end
      if windows.last != window { windows.append(window) }
      return windows.count - 1
    }
    let reduced = Tensor.concatenated(
      windows.map { reduce(x.slice($0, along: axis), axis) }, along: axis)
    return windows.count == count ? reduced : reduced.gather(places, along: axis)
  }
}
