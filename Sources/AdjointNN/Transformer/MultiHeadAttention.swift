import Adjoint

/// Multi-head attention: each position takes a mean of values, with shares that its query gives to the keys.
///
///     query: [N, L, E], key: [N, S, K], value: [N, S, V]   →   [N, L, E]
///
/// Queries, keys and values are linear maps of the three, cut into heads of D = E/heads features;
/// ``Adjoint/Tensor/attention(query:key:value:mask:isCausal:scale:softcap:)`` of each head is put side by side
/// again, and goes through a linear map. As a ``Layer`` all three are x.
///
/// Parameters: `inputWeight` [E + 2·D·sharedHeads, E], the maps for queries, keys and values one below the other;
/// or, where widths differ, `queryWeight` [E, E], `keyWeight` [D·sharedHeads, K] and `valueWeight`
/// [D·sharedHeads, V]; `inputBias`; `outputWeight` [E, E] and `outputBias` [E]. Buffer: the key of its dropout.
///
/// Source: Vaswani et al., "Attention is all you need" (2017), §3.2.2; for shared heads Ainslie et al., "GQA"
/// (2023).
public struct MultiHeadAttention: Layer {
  /// The maps for queries, keys and values one below the other; nil where widths differ.
  public var inputWeight: Tensor?
  /// The map for queries, where widths differ.
  public var queryWeight: Tensor?
  /// The map for keys, where widths differ.
  public var keyWeight: Tensor?
  /// The map for values, where widths differ.
  public var valueWeight: Tensor?
  /// What is added to queries, keys and values, one below the other; nil for a layer without bias.
  public var inputBias: Tensor?
  /// The map for results, [E, E].
  public var outputWeight: Tensor
  /// What is added to results, [E]; nil for a layer without bias.
  public var outputBias: Tensor?
  /// What drops shares.
  public var dropout: Dropout

  /// The number of heads of the queries.
  public let heads: Int
  /// The number of heads of keys and values, each for as many heads of queries.
  public let sharedHeads: Int
  /// Whether a position sees only those up to itself.
  public var isCausal: Bool
  /// What turns queries and keys by their places; nil for nothing.
  public var rotary: RotaryEncoding?

  /// Makes a layer with random weights, and biases of 0.
  ///
  /// - Parameters:
  ///   - width: E, the features of queries and results.
  ///   - heads: the number of heads, which divides the width.
  ///   - sharedHeads: the number of heads of keys and values, which divides that of heads; as many unless given.
  ///   - keyWidth: K, the features of keys; E unless given.
  ///   - valueWidth: V, the features of values; E unless given.
  ///   - isCausal: whether a position sees only those up to itself.
  ///   - rotary: what turns queries and keys by their places.
  ///   - dropout: the probability with which a share is dropped in training.
  ///   - bias: whether there are biases.
  ///   - weight: how the maps start.
  ///   - dtype: the element type.
  ///   - generator: what draws them.
  public init(
    _ width: Int, heads: Int, sharedHeads: Int? = nil, keyWidth: Int? = nil, valueWidth: Int? = nil,
    isCausal: Bool = false, rotary: RotaryEncoding? = nil, dropout: Double = 0, bias: Bool = true,
    weight: Initializer = .glorotUniform, dtype: DType = .float32, using generator: inout Philox
  ) {
    let shared = sharedHeads ?? heads
    require(
      width >= 1 && heads >= 1 && width.isMultiple(of: heads),
      "MultiHeadAttention: \(heads) heads do not divide the width \(width); give a divisor of it")
    require(
      shared >= 1 && heads.isMultiple(of: shared),
      "MultiHeadAttention: \(shared) shared heads do not divide \(heads) heads; give a divisor of them"
    )
    let (depth, k, v) = (width / heads, keyWidth ?? width, valueWidth ?? width)
    let inner = shared * depth
    func drawn(_ rows: Int, _ columns: Int) -> Tensor {
      speaking(as: "MultiHeadAttention") {
        weight([rows, columns], dtype: dtype, using: &generator)
      }
    }
    if k == width, v == width {
      inputWeight = drawn(width + 2 * inner, width)
    } else {
      queryWeight = drawn(width, width)
      keyWeight = drawn(inner, k)
      valueWeight = drawn(inner, v)
    }
    outputWeight = drawn(width, width)
    inputBias = bias ? .zeros([width + 2 * inner], dtype: dtype) : nil
    outputBias = bias ? .zeros([width], dtype: dtype) : nil
    self.dropout = Dropout(rate: dropout, using: &generator)
    (self.heads, self.sharedHeads) = (heads, shared)
    (self.isCausal, self.rotary) = (isCausal, rotary)
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("inputWeight", &inputWeight)
    visitor.parameter("queryWeight", &queryWeight)
    visitor.parameter("keyWeight", &keyWeight)
    visitor.parameter("valueWeight", &valueWeight)
    visitor.parameter("inputBias", &inputBias)
    visitor.parameter("outputWeight", &outputWeight)
    visitor.parameter("outputBias", &outputBias)
    visitor.child("dropout", &dropout)
  }

  /// The features of queries and results, E.
  public var width: Int { outputWeight.shape[0] }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    self(x, key: x, value: x, mode)
  }

  /// Applies the layer to queries, keys and values.
  ///
  /// - Parameters:
  ///   - query: what asks, [N, L, E].
  ///   - key: what is looked at, [N, S, K].
  ///   - value: what is taken, [N, S, V].
  ///   - mask: where a query sees a key, bool, which is the opposite of PyTorch's; or what is added to their
  ///     product. Broadcast to [N, heads, L, S]; for sequences of several lengths see
  ///     ``Adjoint/Tensor/isWithin(lengths:count:)``.
  ///   - mode: what the layer is applied for.
  public mutating func callAsFunction(
    _ query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, _ mode: Mode
  ) -> Tensor {
    query.layered("MultiHeadAttention", with: outputWeight) {
      var (q, k, v) = projected(query, key, value)
      if let rotary { (q, k) = (rotary(q), rotary(k)) }
      return attended(q, k, v, mask: mask, isCausal: isCausal, mode)
    }
  }

  /// Applies the layer to the next positions of sequences, whose keys and values before them are in a cache.
  ///
  ///     x: [N, L, E]   →   [N, L, E]
  ///
  /// Each position sees those in the cache and the new ones up to itself, if the layer is causal, else all. What
  /// comes out one position after another is what the whole sequence at once would give.
  public mutating func callAsFunction(
    _ x: Tensor, cache: inout KeyValueCache, _ mode: Mode
  ) -> Tensor {
    x.layered("MultiHeadAttention", with: outputWeight) {
      var (q, k, v) = projected(x, x, x)
      let offset = cache.count
      if let rotary { (q, k) = (rotary(q, from: offset), rotary(k, from: offset)) }
      (k, v) = cache.appending(k, v)
      let (new, all) = (x.shape[1], k.shape[2])
      let mask =
        isCausal && new > 1 ? Tensor.attentionWindow(new, all, after: 0, offset: offset) : nil
      return attended(q, k, v, mask: mask, isCausal: false, mode)
    }
  }

  /// Queries [N, heads, L, D], and keys and values [N, sharedHeads, S, D].
  private func projected(
    _ query: Tensor, _ key: Tensor, _ value: Tensor
  ) -> (Tensor, Tensor, Tensor) {
    for (role, x, weight) in [
      ("query", query, queryWeight), ("key", key, keyWeight), ("value", value, valueWeight),
    ] {
      let width = (weight ?? outputWeight).shape[1]
      require(
        x.rank == 3 && x.shape[2] == width && x.dtype == outputWeight.dtype,
        "MultiHeadAttention: the \(role) is \(x.type); give \(outputWeight.dtype)[batch, positions, \(width)]"
      )
    }
    let depth = width / heads
    let extents = [width, sharedHeads * depth, sharedHeads * depth]
    func inHeads(_ x: Tensor) -> Tensor {
      x.reshaped(to: [x.shape[0], x.shape[1], x.shape[2] / depth, depth]).transposed([0, 2, 1, 3])
    }
    if let inputWeight, query.isSameValue(as: key), query.isSameValue(as: value) {
      // One product for all three.
      let all = query.mapped(by: inputWeight, inputBias).split(into: extents, along: -1)
      return (inHeads(all[0]), inHeads(all[1]), inHeads(all[2]))
    }
    let weights =
      inputWeight?.split(into: extents, along: 0)
      ?? [queryWeight, keyWeight, valueWeight].compactMap { $0 }
    let biases = inputBias?.split(into: extents, along: 0)
    let maps = [query, key, value].enumerated().map { place, x in
      inHeads(x.mapped(by: weights[place], biases?[place]))
    }
    return (maps[0], maps[1], maps[2])
  }

  /// The attention of heads, put side by side and mapped.
  private mutating func attended(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?, isCausal: Bool, _ mode: Mode
  ) -> Tensor {
    let means: Tensor
    if mode == .training, dropout.rate > 0 {
      let shares = Tensor.attentionWithShares(
        query: q, key: k, value: v, mask: mask, isCausal: isCausal
      ).shares
      means = dropout(shares, mode).means(
        of: heads == sharedHeads ? v : v.repeated(heads / sharedHeads, along: 1))
    } else {
      means = .attention(query: q, key: k, value: v, mask: mask, isCausal: isCausal)
    }
    return means.transposed([0, 2, 1, 3]).reshaped(to: [q.shape[0], q.shape[2], width])
      .mapped(by: outputWeight, outputBias)
  }
}
