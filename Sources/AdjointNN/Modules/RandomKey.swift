import Adjoint

// Random numbers of layers that keep a key, int32[4], as their state.

extension Tensor {
  /// Returns the key that a call draws by, where this is the one that a layer keeps, which moves on.
  mutating func nextKey() -> Tensor {
    var generator = Philox(key: self)
    let drawn = generator.nextKey()
    self = generator.key
    return drawn
  }

  /// Returns numbers of this tensor's element type that are uniform in 0 ..< 1 and follow from a key, recorded
  /// where this tensor is.
  func uniform(_ shape: [Int], by key: Tensor) -> Tensor {
    .uniform(shape, dtype: dtype, key: tape?.constant(key) ?? key)
  }
}
