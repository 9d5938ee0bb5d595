import Adjoint

/// Sines and cosines of places, added to features: a position encoding without parameters.
///
///     x: [N…, L, E]   →   [N…, L, E]
///
/// Place p adds sin(p·ωᵢ) to feature 2i and cos(p·ωᵢ) to feature 2i + 1, with ωᵢ = base^(−2i/E).
///
/// Source: Vaswani et al., "Attention is all you need" (2017), §3.5.
public struct SinusoidalEncoding: StatelessLayer {
  /// What the longest wave grows with, 2π·base.
  public var base: Double

  /// Makes the layer.
  public init(base: Double = 10_000) { self.base = base }

  public func callAsFunction(_ x: Tensor) -> Tensor { self(x, from: 0) }

  /// Applies the layer to positions of which the first has a place of its own, as behind those of a cache.
  public func callAsFunction(_ x: Tensor, from first: Int) -> Tensor {
    x.requireFloatingPoint("SinusoidalEncoding")
    require(
      x.rank >= 2 && x.shape[x.rank - 1].isMultiple(of: 2),
      "SinusoidalEncoding: \(x.type) has no pairs of features; give [N…, positions, features], an even number"
    )
    let (length, width) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    return speaking(as: "SinusoidalEncoding") {
      let angles = Angles(length, from: first, pairs: width / 2, base: base)
      return x
        + Tensor.stacked([angles.sines(x.dtype), angles.cosines(x.dtype)], at: 2)
        .reshaped(to: [length, width])
    }
  }
}

/// A trained vector for each place, added to features.
///
///     x: [N…, L, E]   →   [N…, L, E]
///
/// Parameter: `weight` [count, E].
public struct LearnedPositions: Layer {
  /// The vectors, [count, E].
  public var weight: Tensor

  /// Makes a layer of random vectors for so many places.
  public init(
    _ count: Int, _ width: Int, weight: Initializer = .normal(deviation: 0.02),
    dtype: DType = .float32, using generator: inout Philox
  ) {
    require(
      count >= 1 && width >= 1,
      "LearnedPositions: there are \(count) places and \(width) features; give 1 or more of each")
    self.weight = speaking(as: "LearnedPositions") {
      weight([count, width], dtype: dtype, using: &generator)
    }
  }

  public mutating func visit(_ visitor: inout Visitor) { visitor.parameter("weight", &weight) }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { self(x, from: 0) }

  /// Applies the layer to positions of which the first has a place of its own, as behind those of a cache.
  public func callAsFunction(_ x: Tensor, from first: Int) -> Tensor {
    let (places, width) = (weight.shape[0], weight.shape[1])
    require(
      x.rank >= 2 && x.shape[x.rank - 1] == width && x.dtype == weight.dtype,
      "LearnedPositions: \(x.type) is not sequences of \(width) features; give "
        + "\(weight.dtype)[N…, positions, \(width)]")
    let length = x.shape[x.rank - 2]
    require(
      first >= 0 && first <= places - length,
      "LearnedPositions: there are \(places) places, and \(x.type) from place \(first) on has others; "
        + "give shorter sequences, or make more places")
    return x + weight.slice(first..<first + length, along: 0)
  }
}

/// Pairs of features of queries and keys turned by an angle that grows with the place, so that their products
/// depend on the distance.
///
///     x: [N…, L, D]   →   [N…, L, D]
///
/// Pair i is turned by p·base^(−2i/D) at place p. Pairs are features i and i + D/2, as LLaMA's and GPT-NeoX's;
/// or neighbours 2i and 2i + 1, as in the paper. Pullback: turned back.
///
/// Source: Su et al., "RoFormer: enhanced transformer with rotary position embedding" (2021), §3.2.
public struct RotaryEncoding: Sendable, StatelessLayer {
  /// What the longest wave grows with, 2π·base.
  public var base: Double
  /// Whether pairs are neighbours.
  public var isInterleaved: Bool

  /// Makes an encoding.
  public init(base: Double = 10_000, interleaved: Bool = false) {
    (self.base, isInterleaved) = (base, interleaved)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { self(x, from: 0) }

  /// Turns positions of which the first has a place of its own, as behind those of a cache.
  public func callAsFunction(_ x: Tensor, from first: Int) -> Tensor {
    x.requireFloatingPoint("RotaryEncoding")
    require(
      x.rank >= 2 && x.shape[x.rank - 1].isMultiple(of: 2),
      "RotaryEncoding: \(x.type) has no pairs of features; give [N…, positions, features], an even number"
    )
    let (length, pairs) = (x.shape[x.rank - 2], x.shape[x.rank - 1] / 2)
    let angles = speaking(as: "RotaryEncoding") {
      Angles(length, from: first, pairs: pairs, base: base)
    }
    let (sines, cosines) = (angles.sines(x.dtype), angles.cosines(x.dtype))
    let axis = isInterleaved ? x.rank : x.rank - 1
    let apart = x.reshaped(
      to: x.shape.dropLast() + (isInterleaved ? [pairs, 2] : [2, pairs]))
    let halves = apart.split(into: [1, 1], along: axis).map { $0.squeezed(at: axis) }
    return Tensor.stacked(
      [halves[0] * cosines - halves[1] * sines, halves[1] * cosines + halves[0] * sines], at: axis
    ).reshaped(to: x.shape)
  }
}

/// The angles p·base^(−i/pairs) of places p and pairs i of features, [L, pairs].
private struct Angles {
  private let values: [Double]
  private let shape: [Int]

  init(_ length: Int, from first: Int, pairs: Int, base: Double) {
    let (end, overflow) = first.addingReportingOverflow(length)
    require(
      !overflow,
      "positions: \(length) from place \(first) on are more than can be counted; begin earlier")
    require(base > 0 && base.isFinite, "positions: the base is \(base); give a positive number")
    let frequencies = Tensor.range(0..<pairs, dtype: .float64) * (-1 / Double(pairs))
    let speeds = [Double](Tensor.full([], base, dtype: .float64).power(frequencies))
    values = (first..<end).flatMap { place in speeds.map { Double(place) * $0 } }
    shape = [length, pairs]
  }

  func sines(_ dtype: DType) -> Tensor { Tensor(values, shape: shape).sin().cast(to: dtype) }
  func cosines(_ dtype: DType) -> Tensor { Tensor(values, shape: shape).cos().cast(to: dtype) }
}
