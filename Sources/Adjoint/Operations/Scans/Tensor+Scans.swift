// Scans along an axis: what the elements so far make by a function of two. After each step an element stands
// for twice as many.
//
// Source: Hillis & Steele, "Data parallel algorithms" (1986).

extension Tensor {
  /// Returns log Σ eˣ of the elements so far along an axis, without overflow.
  ///
  ///     x: [A, B, C], along: 1   →   [A, B, C]
  ///
  /// Pullback: x̄ⱼ = Σ ȳᵢ·e^(xⱼ − yᵢ) over i ≥ j.
  public func cumulativeLogSumExp(along axis: Int, reversed: Bool = false) -> Tensor {
    requireFloatingPoint("cumulativeLogSumExp")
    let axis = resolved(axis, rank: rank, "cumulativeLogSumExp", type)
    return scan(along: axis, reversed: reversed, identity: -.infinity, Tensor.logAddExp)
  }

  /// What the elements so far make by a function of two, whose value for `identity` is the other.
  func scan(
    along axis: Int, reversed: Bool, identity: Double, _ function: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    var (result, reach) = (self, 1)
    while reach < shape[axis] {
      result = function(
        result, result.shifted(by: reach, along: axis, reversed: reversed, filling: identity))
      reach *= 2
    }
    return result
  }

  /// The elements so many places further along an axis, and a number in the places that are left.
  func shifted(by count: Int, along axis: Int, reversed: Bool, filling value: Double)
    -> Tensor
  {
    let extent = shape[axis]
    let count = Swift.min(count, extent)
    let rest = slice(reversed ? count..<extent : 0..<extent - count, along: axis)
    var shape = shape
    shape[axis] = count
    let edge = Tensor.full(shape, value, dtype: dtype)
    return .concatenated(reversed ? [rest, edge] : [edge, rest], along: axis)
  }
}
