extension Tensor {
  /// Returns scaled dot-product attention: the means of the values, with the shares that a query gives to the keys.
  ///
  ///     query: [N, G·H, L, D], key: [N, H, S, D], value: [N, H, S, E]   →   [N, G·H, L, E]
  ///
  /// y = softmax(q·kᵀ/√D + mask)·v. G heads of queries in a row share one of the keys; H is before the last two
  /// axes, and may be left out with N. A query that sees no key has the output 0, and gets the gradient 0. A key that a
  /// query does not see, by a mask that is false or −∞ or because it comes later, has no influence on it, be it infinite
  /// or NaN. Without mask and softcap memory is linear in the sequences: no more than the shares of a block of queries
  /// are held.
  /// Pullback, with the shares P, P̄ = ȳ·vᵀ and S̄ = P·(P̄ − Σ P̄·P): v̄ = Pᵀ·ȳ, q̄ = S̄·k/√D, k̄ = S̄ᵀ·q/√D.
  ///
  /// - Parameters:
  ///   - query: q, the queries.
  ///   - key: k, the keys.
  ///   - value: v, the values.
  ///   - mask: where a query sees a key, bool; or what is added to their product. Broadcast to [N, G·H, L, S].
  ///   - isCausal: whether query i sees only the keys up to i.
  ///   - scale: what products are multiplied by; 1/√D unless given.
  ///   - softcap: c, if products are to be kept within ±c, as c·tanh(x/c), before the mask.
  /// - Precondition: extents agree, and the heads of the queries are a multiple of those of the keys.
  ///
  /// Source: Vaswani et al., "Attention is all you need" (2017), §3.2.1.
  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, isCausal: Bool = false,
    scale: Double? = nil, softcap: Double? = nil
  ) -> Tensor {
    let groups = headGroups(query, key, value)
    query.requireFloatingPoint("attention")
    requireMask(mask, query, key)
    if let softcap {
      require(
        softcap > 0 && softcap.isFinite,
        "attention: the softcap is \(softcap); give a positive number, or none")
    }
    let (l, s) = (query.shape[query.rank - 2], key.shape[key.rank - 2])
    guard mask == nil, softcap == nil, query.count > 0, s > 0, groups > 0 else {
      return attentionWithShares(
        query: query, key: key, value: value, mask: mask, isCausal: isCausal, scale: scale,
        softcap: softcap
      ).output
    }
    let scale = scale ?? 1 / Double(query.shape[query.rank - 1]).squareRoot()
    func sequences(_ x: Tensor, _ extent: Int) -> Tensor {
      x.reshaped(to: [x.shape.dropLast(2).reduce(1, *), extent, x.shape[x.rank - 1]])
    }
    let y = Attention(isCausal: isCausal)(
      sequences(query * scale, l), sequences(key, s), sequences(value, s))
    return y.reshaped(to: query.shape.dropLast() + [value.shape[value.rank - 1]])
  }

  /// Returns scaled dot-product attention, and the shares that each query gives to the keys.
  ///
  ///     query: [N, G·H, L, D], key: [N, H, S, D], value: [N, H, S, E]   →   output: [N, G·H, L, E], shares: [N, G·H, L, S]
  ///
  /// Parameters and pullback are those of ``attention(query:key:value:mask:isCausal:scale:softcap:)``.
  public static func attentionWithShares(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, isCausal: Bool = false,
    scale: Double? = nil, softcap: Double? = nil
  ) -> (output: Tensor, shares: Tensor) {
    let groups = headGroups(query, key, value)
    query.requireFloatingPoint("attention")
    requireMask(mask, query, key)
    return speaking(as: "attention") {
      shares(query, key, value, groups, mask, isCausal: isCausal, scale: scale, softcap: softcap)
    }
  }

  /// The attention of operands that fit each other, and its shares.
  private static func shares(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ groups: Int, _ mask: Tensor?, isCausal: Bool,
    scale: Double?, softcap: Double?
  ) -> (output: Tensor, shares: Tensor) {
    let key = groups == 1 ? key : key.repeated(groups, along: -3)
    let value = groups == 1 ? value : value.repeated(groups, along: -3)
    let scale = scale ?? 1 / Double(query.shape[query.rank - 1]).squareRoot()
    var scores = (query * scale).scores(of: key)
    if let softcap { scores = (scores / softcap).tanh() * softcap }
    if let mask, mask.dtype != .bool { scores = scores + mask }
    // What is not seen is left out, not weighed by 0: it may be infinite or unknown.
    let isMasked = mask.map { $0.dtype == .bool ? .!$0 : $0 .== -.infinity }
    let isLater =
      isCausal ? unseen(scores.shape[scores.rank - 2], scores.shape[scores.rank - 1]) : nil
    let hidden = [isMasked, isLater].compactMap { $0 }
    let shares = scores.shares(
      leavingOut: hidden.count > 1 ? hidden[0] .| hidden[1] : hidden.first)
    return (shares.means(of: value), shares)
  }

  /// Makes the mask of a window that moves along with the queries: which keys each sees.
  ///
  ///     queries: L, keys: S   →   bool[L, S]
  ///
  /// Query i stands at i + offset, and sees the keys from `before` before it to `after` after it.
  /// - Parameters:
  ///   - queries: L, the number of queries.
  ///   - keys: S, the number of keys.
  ///   - before: how far a query sees back; as far as there are keys unless given.
  ///   - after: how far a query sees on; 0 is causal; as far as there are keys unless given.
  ///   - offset: how many keys precede the first query, as those of a cache do.
  public static func attentionWindow(
    _ queries: Int, _ keys: Int, before: Int? = nil, after: Int? = nil, offset: Int = 0
  ) -> Tensor {
    require(
      queries >= 0 && keys >= 0,
      "attentionWindow: there are \(queries) queries and \(keys) keys; give 0 or more of each")
    // How far a query sees, from as far as there is anything to see.
    func far(_ distance: Int) -> Int {
      let (place, overflow) = offset.addingReportingOverflow(distance)
      return overflow ? (offset > 0 ? .max : .min) : place
    }
    let seen =
      after.map { lowerTriangle(queries, keys, offset: far($0)) }
      ?? .ones([queries, keys], dtype: .bool)
    guard let before else { return seen }
    return seen .& .!lowerTriangle(queries, keys, offset: far(-1 - before))
  }

  /// Stops unless a mask is one for the products of queries and keys.
  private static func requireMask(_ mask: Tensor?, _ query: Tensor, _ key: Tensor) {
    guard let mask else { return }
    let shape = query.shape.dropLast() + [key.shape[key.rank - 2]]
    require(
      (mask.dtype == .bool || mask.dtype.isFloatingPoint) && mask.rank <= shape.count
        && zip(mask.shape.reversed(), shape.reversed()).allSatisfy { $0 == 1 || $0 == $1 },
      "attention: the mask is \(mask.type); give one of bool or \(query.dtype) that is broadcast to "
        + "\(Array(shape))")
  }

  /// How many heads of queries share one of the keys, after all that can be said against the operands has been.
  private static func headGroups(_ query: Tensor, _ key: Tensor, _ value: Tensor) -> Int {
    let rank = query.rank
    require(
      rank >= 2 && key.rank == rank && value.rank == rank
        && query.shape[rank - 1] == key.shape[rank - 1]
        && key.shape.dropLast() == value.shape.dropLast()
        && query.shape.dropLast(3) == key.shape.dropLast(3),
      "attention: the query is \(query.type), the key \(key.type), the value \(value.type); give [N, H, L, D], "
        + "[N, H, S, D] and [N, H, S, E]")
    guard rank > 2 else { return 1 }
    let (heads, shared) = (query.shape[rank - 3], key.shape[rank - 3])
    require(
      shared > 0 && heads.isMultiple(of: shared),
      "attention: the \(heads) heads of the query \(query.type) are no multiple of those of the key "
        + "\(key.type); give one or more for each")
    return heads / shared
  }
}
