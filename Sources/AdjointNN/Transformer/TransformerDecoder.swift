import Adjoint

/// A layer of a transformer that looks at other sequences: self-attention, attention to a memory, and a perceptron
/// for each position, each added to what it gets.
///
///     x: [N, L, E], memory: [N, S, E]   →   [N, L, E]
///
/// Names are PyTorch's: `selfAttention`, `crossAttention`, `linear1`, `linear2`, `norm1` to `norm3`, and the
/// dropouts. Self-attention is causal unless the options say otherwise.
///
/// Source: Vaswani et al., "Attention is all you need" (2017), §3.1.
public struct TransformerDecoderLayer: Module {
  /// The attention to itself.
  public var selfAttention: MultiHeadAttention
  /// The attention to the memory.
  public var crossAttention: MultiHeadAttention
  private var perceptron: Perceptron
  private var (norm1, norm2, norm3): (AnyLayer, AnyLayer, AnyLayer)
  private var (dropout1, dropout2, dropout3): (Dropout, Dropout, Dropout)
  private let normPlace: NormPlace

  /// Makes a layer with random weights, and biases of 0.
  public init(
    _ width: Int, heads: Int, _ options: TransformerOptions = TransformerOptions(isCausal: true),
    using generator: inout Philox
  ) {
    selfAttention = MultiHeadAttention(width, heads: heads, options, using: &generator)
    crossAttention = MultiHeadAttention(
      width, heads: heads, options, looksElsewhere: true, using: &generator)
    perceptron = Perceptron(width, options, using: &generator)
    func norm() -> AnyLayer { options.norm(width, options.dtype) }
    func dropout() -> Dropout { Dropout(rate: options.dropout, using: &generator) }
    (norm1, norm2, norm3) = (norm(), norm(), norm())
    (dropout1, dropout2, dropout3) = (dropout(), dropout(), dropout())
    normPlace = options.normPlace
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.child("selfAttention", &selfAttention)
    visitor.child("crossAttention", &crossAttention)
    visitor.child("linear1", &perceptron.linear1)
    visitor.child("linear2", &perceptron.linear2)
    for (name, place) in [("1", \Self.norm1), ("2", \Self.norm2), ("3", \Self.norm3)] {
      visitor.child("norm" + name, &self[keyPath: place])
    }
    visitor.child("dropout", &perceptron.dropout)
    for (name, place) in [("1", \Self.dropout1), ("2", \Self.dropout2), ("3", \Self.dropout3)] {
      visitor.child("dropout" + name, &self[keyPath: place])
    }
  }

  /// Applies the layer.
  ///
  /// - Parameters:
  ///   - x: the sequences, [N, L, E].
  ///   - memory: what they look at, [N, S, E].
  ///   - mask: where positions see each other, as for ``MultiHeadAttention``.
  ///   - memoryMask: where they see those of the memory.
  ///   - mode: what the layer is applied for.
  public mutating func callAsFunction(
    _ x: Tensor, memory: Tensor, mask: Tensor? = nil, memoryMask: Tensor? = nil, _ mode: Mode
  ) -> Tensor {
    selfAttention.requireSequences(x, "x", "TransformerDecoderLayer")
    crossAttention.requireSequences(memory, "the memory", "TransformerDecoderLayer")
    let own = normPlace.before(x, &norm1, mode)
    let attended = selfAttention(own, key: own, value: own, mask: mask, mode)
    let y = normPlace.after(x + dropout1(attended, mode), &norm1, mode)
    let asked = crossAttention(
      normPlace.before(y, &norm2, mode), key: memory, value: memory, mask: memoryMask, mode)
    let z = normPlace.after(y + dropout2(asked, mode), &norm2, mode)
    let wide = perceptron(normPlace.before(z, &norm3, mode), mode)
    return normPlace.after(z + dropout3(wide, mode), &norm3, mode)
  }
}

/// Layers of a transformer that look at other sequences, one after another, and a norm at the end where the layers
/// have theirs before.
///
///     x: [N, L, E], memory: [N, S, E]   →   [N, L, E]
///
/// Names: `layers.0`, …, and `norm`.
public struct TransformerDecoder: Module {
  /// The layers.
  public var layers: [TransformerDecoderLayer]
  /// The norm at the end, if there is one.
  public var norm: AnyLayer?

  /// Makes a decoder of so many layers.
  public init(
    _ width: Int, heads: Int, layers: Int,
    _ options: TransformerOptions = TransformerOptions(isCausal: true),
    using generator: inout Philox
  ) {
    require(layers >= 1, "TransformerDecoder: there are \(layers) layers; give 1 or more")
    self.layers = (0..<layers).map { _ in
      TransformerDecoderLayer(width, heads: heads, options, using: &generator)
    }
    norm = options.normPlace == .before ? options.norm(width, options.dtype) : nil
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.children("layers", &layers)
    visitor.child("norm", &norm)
  }

  /// Applies the layers; parameters are those of ``TransformerDecoderLayer``.
  public mutating func callAsFunction(
    _ x: Tensor, memory: Tensor, mask: Tensor? = nil, memoryMask: Tensor? = nil, _ mode: Mode
  ) -> Tensor {
    if let first = layers.first {
      first.selfAttention.requireSequences(x, "x", "TransformerDecoder")
      first.crossAttention.requireSequences(memory, "the memory", "TransformerDecoder")
    }
    var y = x
    for place in layers.indices {
      y = layers[place](y, memory: memory, mask: mask, memoryMask: memoryMask, mode)
    }
    return norm?(y, mode) ?? y
  }
}
