import Adjoint
import AdjointNN

extension Tensor {
  /// Each element multiplied by a random number near 1, and zeros moved away from 0; at a large offset, each moved by
  /// a part of how they vary. Integers stay, and so does what is not finite.
  func moved(using generator: inout Philox) -> Tensor {
    guard dtype.isFloatingPoint else { return self }
    let values = [Double](self)
    let draw = generator.nextDraw()
    let largest = values.map(\.magnitude).filter(\.isFinite).max() ?? 0
    let scale = largest > 0 ? largest : 1
    let finite = values.filter(\.isFinite)
    let spread = (finite.max() ?? 0) - (finite.min() ?? 0)
    let isOffset = spread > 0 && largest > 1e3 * spread
    return Tensor(
      values.enumerated().map { place, value in
        guard value.isFinite else { return value }
        if isOffset { return value + 0.1 * spread * draw.normal(place) }
        return value == 0
          ? 0.1 * scale * draw.normal(place) : value * (1 + 0.1 * draw.normal(place))
      }, shape: shape, dtype: dtype)
  }

  /// Random values in place of elements that are all one number: of 0 some to both sides of it, of others
  /// some with the same sign. Nil if they are not all one number.
  fileprivate func generic(using generator: inout Philox) -> Tensor? {
    let values = [Double](self)
    guard dtype.isFloatingPoint, let first = values.first, first.isFinite,
      values.allSatisfy({ $0 == first })
    else { return nil }
    let normal = Tensor.normal(shape, deviation: 0.25, dtype: dtype, using: &generator)
    return first == 0 ? normal : normal.exp() * first
  }
}

extension Module {
  /// The module with random values in place of parameters and floating-point buffers that are all one number,
  /// as scales, shifts and running statistics are before training.
  func withGenericValues(seed: UInt64) -> Self {
    var generator = Philox(seed: seed, draw: 9 << 40)
    var (model, moved): (Self, [(from: Tensor, to: Tensor)]) = (self, [])
    model.forEachTensor { _, _, tensor in
      // What is shared stays shared.
      if let twin = moved.first(where: { $0.from.isSameValue(as: tensor) }) {
        tensor = twin.to
      } else if let generic = tensor.generic(using: &generator) {
        moved.append((tensor, generic))
        tensor = generic
      }
    }
    return model
  }
}
