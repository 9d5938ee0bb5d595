import Adjoint

extension TensorType {
  /// The indices of the element at a position in row-major order.
  func indices(of position: Int) -> [Int] {
    var rest = position
    return shape.reversed().map { extent in
      defer { rest /= extent }
      return rest % extent
    }.reversed()
  }

  /// The position in row-major order of the element with some indices.
  func position(of indices: [Int]) -> Int {
    zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }
}
