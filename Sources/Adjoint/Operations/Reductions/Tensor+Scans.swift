// Scans along an axis: what the elements so far make by a function of two. After each step an element stands
// for twice as many.
//
// Source: Hillis & Steele, "Data parallel algorithms" (1986).

extension Tensor {
  /// Returns the product of the elements so far along an axis, their own included unless `exclusive`.
  ///
  ///     x: [A, B, C], along: 1   →   [A, B, C]
  ///
  /// Made of products, so that nothing is divided: right where elements are 0, in derivatives of every order.
  /// - Parameters:
  ///   - axis: the axis along which products grow.
  ///   - exclusive: whether an element's own value is left out of its product.
  ///   - reversed: whether products begin at the last element.
  public func cumulativeProduct(
    along axis: Int, exclusive: Bool = false, reversed: Bool = false
  ) -> Tensor {
    let axis = resolved(axis, rank: rank, "cumulativeProduct", type)
    let x = exclusive ? shifted(by: 1, along: axis, reversed: reversed, filling: 1) : self
    return x.scan(along: axis, reversed: reversed, identity: 1, *)
  }

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

  private func scan(
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
  private func shifted(by count: Int, along axis: Int, reversed: Bool, filling value: Double)
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
