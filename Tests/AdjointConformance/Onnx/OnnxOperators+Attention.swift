import Adjoint

extension OnnxOperators {
  static let attention: [String: OnnxOperator] = ["Attention": attend]

  private static let attend: OnnxOperator = { call in
    let isFlat = try call.x.rank == 3
    var query = try call.heads(0, "q_num_heads")
    var (key, value) = (try call.heads(1, "kv_num_heads"), try call.heads(2, "kv_num_heads"))
    let past = try call.optional(4)
    if let past { key = .concatenated([past, key], along: 2) }
    if let past = try call.optional(5) { value = .concatenated([past, value], along: 2) }
    let mask = try call.mask(
      queries: query.shape[2], keys: key.shape[2], past: past?.shape[2] ?? 0)
    let scale = call.number("scale") ?? 1 / Double(query.shape[3]).squareRoot()
    let softcap = call.number("softcap").flatMap { $0 > 0 ? $0 : nil }
    let (output, shares) = Tensor.attentionWithShares(
      query: query, key: key, value: value, mask: mask, scale: scale, softcap: softcap)
    let (n, h, l, e) = (output.shape[0], output.shape[1], output.shape[2], output.shape[3])
    let y = isFlat ? output.transposed([0, 2, 1, 3]).reshaped(to: [n, l, h * e]) : output
    guard call.node.outputs.count > 3 else { return [y, key, value] }
    // What the products are before the softmax, as far as is asked for.
    let mode = call.integer("qk_matmul_output_mode") ?? 0
    if mode == 3 { return [y, key, value, shares] }
    let repeated = key.repeated(query.shape[1] / key.shape[1], along: 1)
    var products = (query * scale).matMul(repeated, transposingOther: true)
    if let softcap, mode > 0 { products = (products / softcap).tanh() * softcap }
    if let mask, mode == 2 {
      products =
        mask.dtype == .bool
        ? products.select(where: mask, otherwise: -.infinity) : products + mask
    }
    return [y, key, value, products]
  }
}

extension OnnxCall {
  /// An input as [batch, heads, sequence, features].
  fileprivate func heads(_ number: Int, _ name: String) throws -> Tensor {
    let x = try input(number)
    guard x.rank == 3, let heads = integer(name) else { return x }
    return x.reshaped(to: [x.shape[0], x.shape[1], heads, x.shape[2] / heads])
      .transposed([0, 2, 1, 3])
  }

  /// All masks together: that which is given, causality, windows, and the keys that are padding.
  fileprivate func mask(queries: Int, keys: Int, past: Int) throws -> Tensor? {
    var mask = try optional(3)
    if let given = mask, let width = given.shape.last, width < keys {
      // Beyond its end nothing is seen.
      let zeros = given.shape.map { _ in 0 }
      let after = Array(zeros.dropLast()) + [keys - width]
      mask =
        given.dtype == .bool
        ? given.padded(before: zeros, after: after)
        : given.padded(before: zeros, after: after, with: -.infinity)
    }
    var seen: Tensor?
    func see(_ other: Tensor) { seen = seen.map { $0 .& other } ?? other }
    func bound(_ name: String) -> Int? { integer(name).flatMap { $0 < 0 ? nil : $0 } }
    let (before, after) = (bound("left_window_size"), bound("right_window_size"))
    let counts = try integers(6)
    // Where the first query stands, in each sample.
    let offsets = past == 0 ? counts?.map { $0 - queries } ?? [past] : [past]
    func window(_ before: Int?, _ after: Int?) -> Tensor {
      .stacked(
        offsets.map {
          Tensor.attentionWindow(queries, keys, before: before, after: after, offset: $0)
        }
      ).expanded(at: 1)
    }
    if flag("is_causal") { see(window(nil, 0)) }
    if before != nil || after != nil { see(window(before, after)) }
    if let counts {
      see(Tensor.range(0..<keys) .< Tensor(counts, shape: [counts.count, 1, 1, 1]))
    }
    guard let seen else { return mask }
    guard let mask else { return seen }
    if mask.dtype == .bool { return mask .& seen }
    return mask.select(where: seen, otherwise: -.infinity)
  }
}
