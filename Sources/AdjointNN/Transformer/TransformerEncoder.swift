import Adjoint

/// A layer of a transformer: self-attention, and a perceptron for each position, each added to what it gets.
///
///     x: [N, L, E]   →   [N, L, E]
///
/// With norms before: y = x + attention(norm₁(x)), z = y + perceptron(norm₂(y)); with norms after: y = norm₁(x +
/// attention(x)), z = norm₂(y + perceptron(y)). Causal, it is the layer of a GPT.
///
/// Names are PyTorch's: `selfAttention`, `linear1`, `linear2`, `norm1`, `norm2`, and the dropouts.
///
/// Source: Vaswani et al., "Attention is all you need" (2017), §3.1.
public struct TransformerEncoderLayer: Layer {
  /// The attention.
  public var selfAttention: MultiHeadAttention
  private var perceptron: Perceptron
  private var (norm1, norm2): (AnyLayer, AnyLayer)
  private var (dropout1, dropout2): (Dropout, Dropout)
  private let normPlace: NormPlace

  /// Makes a layer with random weights, and biases of 0.
  ///
  /// ```swift
  /// TransformerEncoderLayer(384, heads: 6, TransformerOptions(isCausal: true), using: &generator)
  /// ```
  public init(
    _ width: Int, heads: Int, _ options: TransformerOptions = TransformerOptions(),
    using generator: inout Philox
  ) {
    selfAttention = MultiHeadAttention(width, heads: heads, options, using: &generator)
    perceptron = Perceptron(width, options, using: &generator)
    (norm1, norm2) = (options.norm(width, options.dtype), options.norm(width, options.dtype))
    dropout1 = Dropout(rate: options.dropout, using: &generator)
    dropout2 = Dropout(rate: options.dropout, using: &generator)
    normPlace = options.normPlace
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.child("selfAttention", &selfAttention)
    visitor.child("linear1", &perceptron.linear1)
    visitor.child("linear2", &perceptron.linear2)
    visitor.child("norm1", &norm1)
    visitor.child("norm2", &norm2)
    visitor.child("dropout", &perceptron.dropout)
    visitor.child("dropout1", &dropout1)
    visitor.child("dropout2", &dropout2)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    self(x, mask: nil, mode)
  }

  /// Applies the layer where a mask lets positions see each other: that of ``MultiHeadAttention``.
  public mutating func callAsFunction(_ x: Tensor, mask: Tensor?, _ mode: Mode) -> Tensor {
    selfAttention.requireSequences(x, "x", "TransformerEncoderLayer")
    let own = normPlace.before(x, &norm1, mode)
    return finished(x, selfAttention(own, key: own, value: own, mask: mask, mode), mode)
  }

  /// Applies the layer to the next positions of sequences, as ``MultiHeadAttention`` does with a cache.
  public mutating func callAsFunction(
    _ x: Tensor, cache: inout KeyValueCache, _ mode: Mode
  ) -> Tensor {
    selfAttention.requireSequences(x, "x", "TransformerEncoderLayer")
    return finished(x, selfAttention(normPlace.before(x, &norm1, mode), cache: &cache, mode), mode)
  }

  /// What comes after attention.
  private mutating func finished(_ x: Tensor, _ attended: Tensor, _ mode: Mode) -> Tensor {
    let y = normPlace.after(x + dropout1(attended, mode), &norm1, mode)
    let wide = perceptron(normPlace.before(y, &norm2, mode), mode)
    return normPlace.after(y + dropout2(wide, mode), &norm2, mode)
  }
}

/// Layers of a transformer one after another, and a norm at the end where the layers have theirs before.
///
///     x: [N, L, E]   →   [N, L, E]
///
/// Names: `layers.0`, …, and `norm`.
public struct TransformerEncoder: Layer {
  /// The layers.
  public var layers: [TransformerEncoderLayer]
  /// The norm at the end, if there is one.
  public var norm: AnyLayer?

  /// Makes an encoder of so many layers.
  public init(
    _ width: Int, heads: Int, layers: Int, _ options: TransformerOptions = TransformerOptions(),
    using generator: inout Philox
  ) {
    require(layers >= 1, "TransformerEncoder: there are \(layers) layers; give 1 or more")
    self.layers = (0..<layers).map { _ in
      TransformerEncoderLayer(width, heads: heads, options, using: &generator)
    }
    norm = options.normPlace == .before ? options.norm(width, options.dtype) : nil
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.children("layers", &layers)
    visitor.child("norm", &norm)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    self(x, mask: nil, mode)
  }

  /// Applies the layers where a mask lets positions see each other: that of ``MultiHeadAttention``.
  public mutating func callAsFunction(_ x: Tensor, mask: Tensor?, _ mode: Mode) -> Tensor {
    layers.first?.selfAttention.requireSequences(x, "x", "TransformerEncoder")
    var y = x
    for place in layers.indices { y = layers[place](y, mask: mask, mode) }
    return norm?(y, mode) ?? y
  }

  /// Applies the layers to the next positions of sequences; the caches, one for each layer, begin as an empty
  /// array.
  public mutating func callAsFunction(
    _ x: Tensor, caches: inout [KeyValueCache], _ mode: Mode
  ) -> Tensor {
    if caches.isEmpty { caches = layers.map { _ in KeyValueCache() } }
    require(
      caches.count == layers.count,
      "TransformerEncoder: there are \(caches.count) caches for \(layers.count) layers; give one for each, or none "
        + "to begin with")
    layers.first?.selfAttention.requireSequences(x, "x", "TransformerEncoder")
    var y = x
    for place in layers.indices { y = layers[place](y, cache: &caches[place], mode) }
    return norm?(y, mode) ?? y
  }
}
