/// The product of the elements along an axis, which keeps extent 1.
///
///     x: [A, B, C], axis: 1   →   [A, 1, C]
///
/// In float64 with an exponent that has no bounds: nothing overflows or vanishes on the way. A product of int32 must
/// fit, or hold a 0. That of nothing is 1. Pullback: x̄ᵢ = ȳ·Π xⱼ over j ≠ i, by ``CumulativeProductGradient``.
struct ElementProduct: FusedOperation {
  var name: String { "elementProduct" }
  var elementTypes: ElementTypes { .numeric }
  let axis: Int
  var reads: Reads { .inputs(0) }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return [inputs[0].reduced(over: [axis], keepingAxes: true)]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let x = inputs[0]
    let one = Tensor.ones(outputTypes(for: [x.type])[0].shape, dtype: x.dtype)
    return [
      (0..<x.shape[axis]).reduce(one) { $0 * x.slice($1..<$1 + 1, along: axis) }
    ]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, lines) = (frame.input(0), ScanLines(frame.inputType(0), axis))
    var y = frame.output(0)
    for line in 0..<lines.count {
      var product = WideProduct(1)
      for step in 0..<lines.extent {
        product *= WideProduct(Double(x[lines.place(line, step)]))
      }
      y[line] = Scalar(product.value)
    }
  }

  func kernel(_ frame: inout KernelFrame<Int32>) {
    let (x, lines) = (frame.input(0), ScanLines(frame.inputType(0), axis))
    var y = frame.output(0)
    for line in 0..<lines.count {
      let places = (0..<lines.extent).lazy.map { lines.place(line, $0) }
      var product = places.contains { x[$0] == 0 } ? 0 : 1
      // Unless it is 0 all along, it only grows.
      for place in places where product != 0 {
        product *= Int(x[place])
        requireFitting(product.magnitude <= Int32.min.magnitude, product)
      }
      requireFitting(Int32(exactly: product) != nil, product)
      y[line] = Int32(truncatingIfNeeded: product)
    }
  }

  private func requireFitting(_ isFitting: Bool, _ product: Int) {
    require(
      isFitting, "product: \(product) does not fit into int32; cast to float32 or float64 first")
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let (x, g) = (rule.input(0), rule.cotangent)
    rule.set(0, to: ElementProduct.gradient(x, g, axis))
    return true
  }

  /// That of the last of the products so far.
  private static func gradient(_ x: Tensor, _ g: Tensor, _ axis: Int) -> Tensor {
    guard x.shape[axis] > 0 else { return .zeros(like: x) }
    var others = x.shape
    others[axis] -= 1
    return CumulativeProductGradient(axis: axis, isExclusive: false, isReversed: false)(
      x, .concatenated([.zeros(others, dtype: x.dtype), g], along: axis))
  }

  static var samples: [Sample] {
    [
      Sample("a line", ElementProduct(axis: 0), [.sample([4])]),
      Sample("inner axis", ElementProduct(axis: 1), [.sample([2, 3, 2])]),
      Sample("zeros", ElementProduct(axis: 1), [Tensor([[0, 2, 3], [0, 2, 0]] as [[Double]])]),
      Sample("of nothing", ElementProduct(axis: 0), [.sample([0, 2])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "product: 4294967296 does not fit into int32; cast to float32 or float64 first"
      ) { _ = Tensor([65536, 65536] as [Int32]).product() }
    ]
  }
}
