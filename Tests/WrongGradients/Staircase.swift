import Adjoint

extension Tensor {
  /// Returns the nearest integers, by a sum that has no digits after the point.
  func roundedToIntegers() -> Tensor {
    let large = dtype == .float32 ? 12_582_912 : 6_755_399_441_055_744.0
    return (self + large) - large
  }

  /// Returns the largest integers that are not above the elements.
  func roundedDown() -> Tensor {
    let nearest = roundedToIntegers()
    return nearest - (nearest .> self).cast(to: dtype)
  }
}
