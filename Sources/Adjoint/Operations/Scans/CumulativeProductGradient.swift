/// The gradient of ``CumulativeProduct``.
///
///     x: [A, B, C], dy: [A, B, C], axis: 1   →   [A, B, C]
///
/// dxⱼ = Pⱼ·Sⱼ, with the product Pⱼ of the elements before j, and Sⱼ = dyⱼ + xⱼ₊₁·Sⱼ₊₁ from the other end: nothing
/// is divided, and nothing overflows or vanishes on the way. Exclusive, dyⱼ₊₁ stands in place of dyⱼ. Where nothing
/// of dy depends on an element, 0. Its own pullback is that of the composition.
struct CumulativeProductGradient: FusedOperation {
  var name: String { "cumulativeProductGradient" }
  let axis: Int
  let isExclusive: Bool
  let isReversed: Bool
  var attributes: String {
    "axis: \(axis)" + (isExclusive ? ", exclusive" : "") + (isReversed ? ", reversed" : "")
  }

  var cotangentInput: Int? { 1 }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    require(
      inputs[0] == inputs[1],
      "\(name): dy is \(inputs[1]), x is \(inputs[0]); give dy the type of x")
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    func next(_ x: Tensor, _ reach: Int = 1) -> Tensor {
      x.shifted(by: reach, along: axis, reversed: !isReversed, filling: 0)
    }
    let (x, dy) = (inputs[0], inputs[1])
    var (sums, factors) = (isExclusive ? next(dy) : dy, next(x))
    var reach = 1
    while reach < x.shape[axis] {
      sums = sums + next(sums, reach).scaled(by: factors)
      factors = factors * next(factors, reach)
      reach *= 2
    }
    let before = CumulativeProduct(axis: axis, isExclusive: true, isReversed: isReversed)(x)
    return [sums.scaled(by: before)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, dy) = (frame.input(0), frame.input(1))
    let lines = ScanLines(frame.inputType(0), axis, isReversed: isReversed)
    var before = Array(repeating: WideProduct(1), count: lines.extent)
    var dx = frame.output(0)
    for line in 0..<lines.count {
      for step in 1..<max(1, lines.extent) {
        before[step] = before[step - 1] * WideProduct(Double(x[lines.place(line, step - 1)]))
      }
      var sum = WideProduct(0)
      for step in (0..<lines.extent).reversed() {
        if step + 1 < lines.extent, !sum.isZero {
          sum *= WideProduct(Double(x[lines.place(line, step + 1)]))
        }
        let source = isExclusive ? step + 1 : step
        if source < lines.extent {
          sum = sum + WideProduct(Double(dy[lines.place(line, source)]))
        }
        dx[lines.place(line, step)] = sum.isZero ? 0 : Scalar((before[step] * sum).value)
      }
    }
  }

  static var samples: [Sample] {
    CumulativeProduct.samples.compactMap { sample in
      guard let product = sample.operation as? CumulativeProduct else { return nil }
      let x = sample.inputs[0]
      return Sample(
        sample.label,
        CumulativeProductGradient(
          axis: product.axis, isExclusive: product.isExclusive, isReversed: product.isReversed),
        [x, .sample(x.shape, seed: 2)])
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "cumulativeProductGradient: dy is float32[3], x is float32[2]; give dy the type of x"
      ) {
        _ = CumulativeProductGradient(axis: 0, isExclusive: false, isReversed: false)(
          .zeros([2]), .zeros([3]))
      }
    ]
  }
}
