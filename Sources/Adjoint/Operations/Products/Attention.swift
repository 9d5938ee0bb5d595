/// Scaled dot-product attention without a mask, or causal, in memory that is linear in the sequences.
///
///     q: [G·B, L, D], k: [B, S, D], v: [B, S, E]   →   [G·B, L, E]
///
/// y = softmax(q·kᵀ)·v, with q scaled; G batches of queries in a row share one of the keys. Products and shares are
/// made for blocks of queries, used, and forgotten: the pullback, ``AttentionGradient``, makes them again.
///
/// Source: Rabe & Staats, "Self-attention does not need O(n²) memory" (2021); Dao et al., "FlashAttention" (2022),
/// for making them again.
struct Attention: FusedOperation, ExactlyChangingOperation {
  var name: String { "attention" }
  /// Whether query i sees only the keys up to i.
  let isCausal: Bool
  var reads: Reads { .inputs(0, 1, 2) }
  var attributes: String { isCausal ? "causal" : "" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 3)
    requireSequences(inputs[0], inputs[1], inputs[2])
    return [inputs[0].with(shape: inputs[0].shape.dropLast() + [inputs[2].shape[2]])]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (shares, value) = (shares(inputs[0], inputs[1]), inputs[2])
    return [shares.means(of: value.repeated(shares.shape[0] / value.shape[0], along: 0))]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (q, k, v) = (frame.input(0), frame.input(1), frame.input(2))
    let extents = AttentionExtents(frame.inputType(0), frame.inputType(1), frame.inputType(2))
    let width = extents.values
    var y = frame.output(0)
    for row in 0..<extents.batch * extents.queries {
      let shares = extents.shares(of: row, q, k, isCausal: isCausal)
      for j in 0..<width {
        var sum = 0.0
        for (key, share) in shares.enumerated() {
          sum += share * Double(v[(extents.keyBatch(row) + key) * width + j])
        }
        y[row * width + j] = Scalar(sum)
      }
    }
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let gradients = AttentionGradient(isCausal: isCausal)
      .outputs(of: [rule.input(0), rule.input(1), rule.input(2), rule.cotangent])
    for number in 0..<3 { rule.set(number, to: gradients[number]) }
    return true
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ q: [Int], _ k: [Int], values: Int, causal: Bool) -> Sample {
      Sample(
        label, Attention(isCausal: causal),
        [.sample(q), .sample(k, seed: 2), .sample([k[0], k[1], values], seed: 3)])
    }
    return [
      sample("a batch", [2, 3, 2], [2, 4, 2], values: 3, causal: false),
      sample("groups", [4, 3, 2], [2, 3, 2], values: 2, causal: false),
      sample("causal", [2, 4, 2], [1, 3, 2], values: 1, causal: true),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "attention: the query is float32[2, 3], the key float32[2, 4], the value float32[2, 4]; give [N, H, L, D], "
          + "[N, H, S, D] and [N, H, S, E]"
      ) {
        _ = Tensor.attention(query: .zeros([2, 3]), key: .zeros([2, 4]), value: .zeros([2, 4]))
      },
      Misuse(
        "attention: the 3 heads of the query float32[3, 1, 2] are no multiple of those of the key "
          + "float32[2, 1, 2]; give one or more for each"
      ) {
        _ = Tensor.attention(
          query: .zeros([3, 1, 2]), key: .zeros([2, 1, 2]), value: .zeros([2, 1, 2]))
      },
    ]
  }
}

extension Operation {
  /// Stops unless queries, keys and values are batches of sequences that fit each other.
  func requireSequences(_ q: TensorType, _ k: TensorType, _ v: TensorType) {
    require(
      q.rank == 3 && k.rank == 3 && v.rank == 3 && k.shape[2] == q.shape[2]
        && k.shape[..<2] == v.shape[..<2] && k.shape[0] > 0 && k.shape[1] > 0
        && q.shape[0].isMultiple(of: k.shape[0]),
      "\(name): queries \(q), keys \(k) and values \(v) are not [G·B, L, D], [B, S, D] and [B, S, E]"
    )
  }
}

extension Attention {
  /// The shares that queries give to keys: what the pullback needs again.
  func shares(_ q: Tensor, _ k: Tensor) -> Tensor {
    q.scores(of: k.repeated(q.shape[0] / k.shape[0], along: 0))
      .shares(leavingOut: isCausal ? .unseen(q.shape[1], k.shape[1]) : nil)
  }
}

extension Tensor {
  /// Which keys queries see not yet, bool[L, S].
  static func unseen(_ queries: Int, _ keys: Int) -> Tensor { .!lowerTriangle(queries, keys) }

  /// The products of queries and keys, in whose pullback a key that gets no gradient sends none.
  func scores(of keys: Tensor) -> Tensor {
    product(with: keys, transposesOther: true, .leaveOutInPullback)
  }

  /// The shares of products of queries and keys; those that are not seen have the share 0, and get no gradient. A query
  /// that sees none gives no share.
  func shares(leavingOut unseen: Tensor?) -> Tensor {
    guard let unseen else { return softmax(along: -1) }
    return filled(where: unseen, with: -.infinity).softmax(along: -1)
      .filled(where: unseen, with: 0)
  }

  /// Returns the means of values by shares, of which one that is 0 leaves its value out, be it infinite or NaN.
  ///
  ///     shares: [B…, L, S], values: [B…, S, E]   →   [B…, L, E]
  package func means(of values: Tensor) -> Tensor { product(with: values, .leaveOut) }
}

/// The extents of queries [batch, queries, features], keys and values.
struct AttentionExtents {
  let (batch, queries, features): (Int, Int, Int)
  let (keyBatches, keys, values): (Int, Int, Int)
  /// How many batches of queries share one of the keys.
  var groups: Int { max(1, batch / keyBatches) }

  init(_ q: TensorType, _ k: TensorType, _ v: TensorType) {
    (batch, queries, features) = (q.shape[0], q.shape[1], q.shape[2])
    (keyBatches, keys, values) = (k.shape[0], k.shape[1], v.shape[2])
  }

  /// The first key that a query, counted over all batches, may see.
  func keyBatch(_ row: Int) -> Int { row / queries / groups * keys }

  /// How many keys a query of a batch sees.
  func seen(by query: Int, isCausal: Bool) -> Int { isCausal ? min(query + 1, keys) : keys }

  /// The shares that one query gives to the keys that it sees.
  func shares<Scalar: RealScalar>(
    of row: Int, _ q: KernelInput<Scalar>, _ k: KernelInput<Scalar>, isCausal: Bool
  ) -> [Double] {
    let scores = (0..<seen(by: row % queries, isCausal: isCausal)).map { key in
      (0..<features).reduce(0.0) { sum, i in
        sum + Double(q[row * features + i]) * Double(k[(keyBatch(row) + key) * features + i])
      }
    }
    let largest = scores.reduce(-Double.infinity) { $1.isNaN ? $1 : max($0, $1) }
    let exponentials = scores.map { Double.exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }
}
