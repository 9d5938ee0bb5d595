/// The gradients of ``Attention``, with the shares made again.
///
///     q: [G·B, L, D], k: [B, S, D], v: [B, S, E], dy: [G·B, L, E]   →   dq, dk, dv
///
/// With the shares P = softmax(q·kᵀ), dP = dy·vᵀ and dS = P·(dP − Σ dP·P): dq = dS·k, dk = dSᵀ·q, dv = Pᵀ·dy, the
/// last two added up over the batches that share keys. Its own pullback is that of the composition.
struct AttentionGradient: FusedOperation {
  var name: String { "attentionGradient" }
  let isCausal: Bool
  var attributes: String { isCausal ? "causal" : "" }
  var cotangentInput: Int? { 3 }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 4)
    let (q, k, v) = (inputs[0], inputs[1], inputs[2])
    requireSequences(q, k, v)
    let needed = q.with(shape: q.shape.dropLast() + [v.shape[2]])
    require(inputs[3] == needed, "\(name): dy is \(inputs[3]); give \(needed)")
    return [q, k, v]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (q, k, v, dy) = (inputs[0], inputs[1], inputs[2], inputs[3])
    let groups = q.shape[0] / k.shape[0]
    func all(_ x: Tensor) -> Tensor { x.repeated(groups, along: 0) }
    func together(_ x: Tensor) -> Tensor {
      x.reshaped(to: [k.shape[0], groups] + x.shape.dropFirst()).sum(over: 1)
    }
    let shares = Attention(isCausal: isCausal).shares(q, k)
    // Where a key is not seen nothing is sent back, of whatever order.
    let unseen = isCausal ? Tensor.unseen(q.shape[1], k.shape[1]) : nil
    func seen(_ x: Tensor) -> Tensor { unseen.map { x.filled(where: $0, with: 0) } ?? x }
    let dShares = seen(
      dy.product(with: all(v), transposesOther: true, cotangentInput: 0, .leaveOut))
    let dScores = seen(SoftmaxGradient(isLogarithm: false, axis: 2)(shares, dShares))
    return [
      dScores.product(with: all(k), cotangentInput: 0, .leaveOut),
      together(dScores.product(with: q, transposesSelf: true, cotangentInput: 0, .leaveOut)),
      together(shares.product(with: dy, transposesSelf: true, cotangentInput: 1, .leaveOut)),
    ]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (q, k, v) = (frame.input(0), frame.input(1), frame.input(2))
    let dy = frame.input(3)
    let extents = AttentionExtents(frame.inputType(0), frame.inputType(1), frame.inputType(2))
    let (width, values) = (extents.features, extents.values)
    var dq = Array(repeating: 0.0, count: q.count)
    var (dk, dv) = (Array(repeating: 0.0, count: k.count), Array(repeating: 0.0, count: v.count))
    for row in 0..<extents.batch * extents.queries
    where (0..<values).contains(where: { dy[row * values + $0] != 0 }) {
      let shares = extents.shares(of: row, q, k, isCausal: isCausal)
      let first = extents.keyBatch(row)
      let dShares = shares.indices.map { key in
        (0..<values).reduce(0.0) { sum, j in
          sum + Double(dy[row * values + j]) * Double(v[(first + key) * values + j])
        }
      }
      let mean = zip(shares, dShares).reduce(0.0) { $0 + $1.0 * $1.1 }
      for (key, share) in shares.enumerated() {
        let dScore = share * (dShares[key] - mean)
        for i in 0..<width {
          dq[row * width + i] += dScore * Double(k[(first + key) * width + i])
          dk[(first + key) * width + i] += dScore * Double(q[row * width + i])
        }
        for j in 0..<values {
          dv[(first + key) * values + j] += share * Double(dy[row * values + j])
        }
      }
    }
    frame.write(dq, to: 0)
    frame.write(dk, to: 1)
    frame.write(dv, to: 2)
  }

  static var samples: [Sample] {
    Attention.samples.map { sample in
      let isCausal = (sample.operation as? Attention)?.isCausal ?? false
      let (q, v) = (sample.inputs[0], sample.inputs[2])
      return Sample(
        sample.label, AttentionGradient(isCausal: isCausal),
        sample.inputs + [.sample([q.shape[0], q.shape[1], v.shape[2]], seed: 4)])
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse("attentionGradient: dy is float32[1, 2, 2]; give float32[1, 2, 3]") {
        _ = AttentionGradient(isCausal: false).outputs(
          of: [.zeros([1, 2, 4]), .zeros([1, 5, 4]), .zeros([1, 5, 3]), .zeros([1, 2, 2])])
      },
      Misuse(
        "attentionGradient: queries float32[3, 2, 4], keys float32[2, 5, 4] and values float32[2, 5, 3] are not "
          + "[G·B, L, D], [B, S, D] and [B, S, E]"
      ) {
        _ = AttentionGradient(isCausal: false).outputs(
          of: [.zeros([3, 2, 4]), .zeros([2, 5, 4]), .zeros([2, 5, 3]), .zeros([3, 2, 3])])
      },
    ]
  }
}
