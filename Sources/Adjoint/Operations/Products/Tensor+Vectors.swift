extension Tensor {
  /// Returns the scalar product of two vectors.
  ///
  ///     a: [K], b: [K]   →   []
  ///
  /// Pullback: ā = ȳ·b, b̄ = ȳ·a.
  /// - Precondition: both are vectors of one extent.
  public func dot(_ other: Tensor) -> Tensor {
    require(
      rank == 1 && other.rank == 1,
      "dot: \(type) and \(other.type) are not both vectors; use matMul or einsum")
    require(
      count == other.count,
      "dot: \(type) and \(other.type) differ in extent; give vectors of one")
    return speaking(as: "dot") { matMul(other) }
  }

  /// Returns the products of all elements of two vectors.
  ///
  ///     a: [M], b: [N]   →   [M, N]
  ///
  /// Pullback: ā = ȳ·b, b̄ = ȳᵀ·a.
  /// - Precondition: both are vectors.
  public func outer(_ other: Tensor) -> Tensor {
    require(
      rank == 1 && other.rank == 1,
      "outer: \(type) and \(other.type) are not both vectors; use einsum")
    return speaking(as: "outer") { expanded(at: 1) * other.expanded(at: 0) }
  }
}
