import Adjoint

/// x, or a slope times x where x is negative: in training a slope drawn for each element, in inference their mean.
///
///     x: [A…]   →   [A…]
///
/// Slopes are uniform from the lower to the upper end of a range. Buffer: `key` int32[4], from which they follow
/// and which each call in training advances: the same state draws the same slopes. Pullback: x̄ = ȳ, or slope·ȳ,
/// at 0 too.
///
/// Source: Xu, Wang, Chen & Li, "Empirical evaluation of rectified activations in convolutional network" (2015),
/// §2.4, with PyTorch's range.
public struct RReLU: Layer {
  /// The range that slopes below 0 are drawn from.
  public var slopes: ClosedRange<Double>
  /// The random key of the next call, int32[4].
  public var key: Tensor

  /// Makes a layer with a random key of its own.
  /// - Precondition: the ends of the range are finite.
  public init(_ slopes: ClosedRange<Double> = 1.0 / 8...1.0 / 3, using generator: inout Philox) {
    self.slopes = slopes
    key = Philox(seed: generator.next()).key
    requireSlopes()
  }

  private func requireSlopes() {
    require(
      slopes.lowerBound.isFinite && slopes.upperBound.isFinite,
      "RReLU: the slopes are \(slopes); give a range with finite ends")
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.buffer("key", &key)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    requireSlopes()
    x.requireFloatingPoint("RReLU")
    let (lower, upper) = (slopes.lowerBound, slopes.upperBound)
    guard mode == .training else {
      return x.layered("RReLU") { x.leakyRelu(slope: lower + (upper - lower) / 2) }
    }
    let drawn = key.nextKey()
    return x.layered("RReLU") {
      x.prelu(slope: x.uniform(x.shape, by: drawn) * (upper - lower) + lower)
    }
  }
}
