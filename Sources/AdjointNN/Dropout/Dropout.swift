import Adjoint

/// Dropout: in training each element is set to 0 with a probability, and the others are scaled up
/// to make up for it.
///
///     x: [A…]   →   [A…]
///
/// Not only elements: ``Unit`` says what is dropped as a whole. Buffer: `key` int32[4], from which the random
/// numbers follow and which each call in training advances: the same state drops the same elements. Pullback: x̄ =
/// ȳ/(1 − rate), 0 where x was dropped.
///
/// Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, "Dropout" (2014), in its
/// inverted form.
public struct Dropout: Layer {
  /// What is dropped or kept as a whole.
  public enum Unit: Sendable, Hashable {
    /// Each element.
    case elements
    /// Each channel of each sample, [N, C, A…]: spatial dropout, since neighbouring pixels tell the same.
    ///
    /// Source: Tompson, Goroshin, Jain, LeCun & Bregler, "Efficient object localization using convolutional
    /// networks" (2015), §3.2.
    case channels
    /// Each sample, [N, A…]: at the end of the body of a ``Residual`` it drops paths, and so makes depth
    /// stochastic.
    ///
    /// Source: Huang, Sun, Liu, Sedra & Weinberger, "Deep networks with stochastic depth" (2016).
    case samples
  }

  /// The probability that a unit is set to 0.
  public var rate: Double
  /// What is dropped or kept as a whole.
  public var unit: Unit
  /// The random key of the next call, int32[4].
  public var key: Tensor

  /// Makes a layer with a random key of its own.
  /// - Precondition: the rate is at least 0 and below 1.
  public init(rate: Double, of unit: Unit = .elements, using generator: inout Philox) {
    (self.rate, self.unit) = (rate, unit)
    key = Philox(seed: generator.next()).key
    requireRate()
  }

  private func requireRate() {
    require(
      rate >= 0 && rate < 1, "Dropout: the rate is \(rate); give a probability from 0 to below 1")
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.buffer("key", &key)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    requireRate()
    guard mode == .training, rate > 0 else { return x.groupedInListings("Dropout") { x } }
    x.requireFloatingPoint("Dropout")
    let whole = unit == .elements ? x.rank : unit == .channels ? 2 : 1
    require(
      x.rank >= whole, "Dropout: \(x.type) has no \(unit); give \(whole) axes or more")
    let drawn = key.nextKey()
    return x.layered("Dropout") {
      let units = x.shape[..<whole] + x.shape[whole...].map { _ in 1 }
      let uniform = x.uniform(Array(units), by: drawn)
      // Selected, not multiplied by 0: what is dropped has no influence, not even if it is infinite.
      return (x * (1 / (1 - rate))).select(where: uniform .>= rate, otherwise: 0)
    }
  }
}
