import Adjoint

extension Tensor {
  /// Each element moved by two units in the last place of a type, up or down; integers stay.
  func perturbed(by dtype: DType = .float64, using generator: inout Philox) -> Tensor {
    guard self.dtype.isFloatingPoint else { return self }
    let sign = Tensor.normal(shape, dtype: .float64, using: &generator).sign()
    return self * (1 + sign * (2 * dtype.epsilon))
  }

  /// The same in a precision, unless it is no floating-point tensor.
  func taken(in precision: DType) -> Tensor {
    dtype.isFloatingPoint ? cast(to: precision) : self
  }

  /// Each element changed by about a thousandth of itself.
  func jittered(using generator: inout Philox) -> Tensor {
    guard dtype.isFloatingPoint else { return self }
    return self * (1 + 1e-3 * Tensor.normal(shape, dtype: dtype, using: &generator))
  }

  /// The first element that is infinite or no number, and its indices; nil if there is none.
  var firstNotFinite: (place: [Int], element: Double)? {
    guard dtype.isFloatingPoint else { return nil }
    let elements = [Double](self)
    guard let place = elements.firstIndex(where: { !$0.isFinite }) else { return nil }
    return (type.indices(of: place), elements[place])
  }
}
