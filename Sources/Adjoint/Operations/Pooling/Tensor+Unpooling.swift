// Pooling undone, as far as it can be.

extension Tensor {
  /// Returns images of zeros in which elements stand at given places of their planes.
  ///
  ///     x: [N, C, B…], places: int32[N, C, B…], to: [A…]   →   [N, C, A…]
  ///
  /// With ``maxPooledWithPlaces(_:strides:padding:dilations:roundingUp:)`` it puts the largest elements of windows
  /// back to where they were found. Places count from 0 in row-major order over the spatial axes, as in PyTorch;
  /// −1 is the last. Of several elements with one place the last stands there. Pullback: x̄ = ȳ read from the
  /// places, 0 for an element that another took the place of.
  ///
  /// Source: Zeiler & Fergus, "Visualizing and understanding convolutional networks" (2014), §2.1.
  ///
  /// - Parameters:
  ///   - places: where in its plane each element goes.
  ///   - extents: those of the spatial axes of the result.
  /// - Precondition: each place is within the extents.
  public func maxUnpooled(at places: Tensor, to extents: [Int]) -> Tensor {
    requireFloatingPoint("maxUnpooled")
    require(
      rank >= 3 && places.type == type.with(.int32),
      "maxUnpooled: \(type) and the places \(places.type) are not images [batch, channels, …] and int32 of the "
        + "same shape; give what maxPooledWithPlaces returns")
    require(
      extents.count == rank - 2 && extents.allSatisfy { $0 >= 0 },
      "maxUnpooled: \(type) has \(rank - 2) spatial axes, asked for are \(extents); give an extent of 0 or more "
        + "for each")
    let planes = Array(shape[..<2])
    // Stops where the result cannot be counted.
    let result = type.with(shape: planes + extents)
    let size = extents.reduce(1, *)
    let flat = ElementPlaces(caller: .maxUnpooled, axis: 2, shape: planes + [size])(
      places.reshaped(to: planes + [shape[2...].reduce(1, *)]))
    return Tensor.zeros([result.count], dtype: dtype).scattering(
      reshaped(to: [count]), at: flat.reshaped(to: [count]), along: 0
    ).reshaped(to: result.shape)
  }
}
