import Adjoint

extension Tensor {
  /// Returns which places of sequences are within their lengths.
  ///
  ///     lengths: int32[N]   →   bool[N, count]
  ///
  /// As a mask for attention, with axes for heads and queries:
  ///
  /// ```swift
  /// let mask = Tensor.isWithin(lengths: lengths, count: 20).expanded(at: [1, 2])
  /// ```
  public static func isWithin(lengths: Tensor, count: Int) -> Tensor {
    require(
      lengths.dtype == .int32 && lengths.rank == 1,
      "isWithin: the lengths are \(lengths.type); give int32[N]")
    require(count >= 0, "isWithin: there are \(count) places; give 0 or more")
    return range(0..<count).expanded(at: 0) .< lengths.expanded(at: 1)
  }
}
