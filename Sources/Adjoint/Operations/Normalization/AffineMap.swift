/// The affine map of a linear layer: x·Wᵀ + b.
///
///     x: [N…, I], weight: [O, I], bias: [O]   →   [N…, O]
///
/// Pullback: x̄ = ȳ·W, W̄ = ȳᵀ·x, b̄ = Σ ȳ over all axes but the last.
struct AffineMap: FusedOperation {
  var name: String { "affine" }
  var reads: Reads { .inputs(0, 1) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 3)
    let (x, weight, bias) = (inputs[0], inputs[1], inputs[2])
    require(
      x.rank >= 2,
      "affine: \(x) has no axis of a batch; "
        + (x.rank == 1 ? "reshape it to [1, \(x.shape[0])]" : "give it [batch, inputs]"))
    require(
      weight.rank == 2 && x.shape.last == weight.shape[1],
      "affine: \(x) does not end in the inputs of the weight \(weight), which is [outputs, inputs]; "
        + "reshape it to [batch, inputs]")
    require(
      bias.shape == [weight.shape[0]],
      "affine: the bias is \(bias), the weight \(weight); give one bias for each of its rows")
    return [x.with(shape: x.shape.dropLast() + bias.shape)]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    [inputs[0].matMul(inputs[1], transposingOther: true) + inputs[2]]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let product = product(frame.inputType(0), frame.inputType(1))
    let (x, weight, bias) = (frame.input(0), frame.input(1), frame.input(2))
    var y = frame.output(0)
    product.compute(x, weight, into: &y)
    for row in 0..<product.rows {
      for column in bias.indices { y[row * bias.count + column] += bias[column] }
    }
  }

  /// The product of the rows of x and the weight.
  func product(_ x: TensorType, _ weight: TensorType) -> Product {
    let rows = x.shape.dropLast().reduce(1, *)
    return Product(x.with(shape: [rows, weight.shape[1]]), weight, false, true)
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let (x, weight, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g.rows.product(with: weight, cotangentInput: 0).reshaped(to: x.shape))
    rule.set(1, to: g.rows.product(with: x.rows, transposesSelf: true, cotangentInput: 0))
    rule.set(2, to: g.rows.sum(over: [0]))
    return true
  }

  static var samples: [Sample] {
    [
      Sample(
        "matrix", AffineMap(),
        [.sample([4, 3]), .sample([2, 3], seed: 2), .sample([2], seed: 3)]),
      Sample(
        "sequence", AffineMap(),
        [.sample([2, 2, 3]), .sample([4, 3], seed: 2), .sample([4], seed: 3)]),
      Sample(
        "empty batch", AffineMap(),
        [.sample([0, 3]), .sample([2, 3], seed: 2), .sample([2], seed: 3)]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "affine: float32[5, 4] does not end in the inputs of the weight float32[2, 3], "
          + "which is [outputs, inputs]; reshape it to [batch, inputs]"
      ) { _ = Tensor.zeros([5, 4]).affine(weight: .zeros([2, 3]), bias: .zeros([2])) },
      Misuse("affine: float32[3] has no axis of a batch; reshape it to [1, 3]") {
        _ = Tensor.zeros([3]).affine(weight: .zeros([2, 3]), bias: .zeros([2]))
      },
      Misuse(
        "affine: the bias is float32[3], the weight float32[2, 3]; give one bias for each of its rows"
      ) { _ = Tensor.zeros([5, 3]).affine(weight: .zeros([2, 3]), bias: .zeros([3])) },
    ]
  }
}

extension Tensor {
  /// All axes but the last made one.
  fileprivate var rows: Tensor { reshaped(to: [shape.dropLast().reduce(1, *), shape[rank - 1]]) }

  /// Returns x·Wᵀ + b, the affine map of a linear layer.
  ///
  ///     x: [N…, I], weight: [O, I], bias: [O]   →   [N…, O]
  ///
  /// Pullback: x̄ = ȳ·W, W̄ = ȳᵀ·x, b̄ = Σ ȳ over all axes but the last.
  /// - Precondition: the last axis of `x` has the weight's extent I, and the bias its extent O.
  public func affine(weight: Tensor, bias: Tensor) -> Tensor { AffineMap()(self, weight, bias) }
}
