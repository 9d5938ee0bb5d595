/// The product of the elements so far along an axis.
///
///     x: [A, B, C], axis: 1   →   [A, B, C]
///
/// In float64 with an exponent that has no bounds, in the order of the elements: nothing overflows or vanishes on the way
/// to an element that does not. Products of int32 must fit. Pullback: x̄ⱼ = Σ ȳᵢ·Π xₖ over i ≥ j, k ≤ i, k ≠ j, by
/// ``CumulativeProductGradient``.
struct CumulativeProduct: FusedOperation {
  var name: String { "cumulativeProduct" }
  var elementTypes: ElementTypes { .numeric }
  let axis: Int
  /// Whether an element's own value is left out of its product.
  let isExclusive: Bool
  /// Whether products begin at the last element.
  let isReversed: Bool
  var reads: Reads { .inputs(0) }
  var attributes: String {
    "axis: \(axis)" + (isExclusive ? ", exclusive" : "") + (isReversed ? ", reversed" : "")
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return inputs
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let x = inputs[0]
    let factors =
      isExclusive ? x.shifted(by: 1, along: axis, reversed: isReversed, filling: 1) : x
    return [factors.scan(along: axis, reversed: isReversed, identity: 1, *)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let x = frame.input(0)
    let lines = ScanLines(frame.inputType(0), axis, isReversed: isReversed)
    var y = frame.output(0)
    for line in 0..<lines.count {
      var product = WideProduct(1)
      for step in 0..<lines.extent {
        let place = lines.place(line, step)
        let before = product
        product *= WideProduct(Double(x[place]))
        y[place] = Scalar((isExclusive ? before : product).value)
      }
    }
  }

  func kernel(_ frame: inout KernelFrame<Int32>) {
    let x = frame.input(0)
    let lines = ScanLines(frame.inputType(0), axis, isReversed: isReversed)
    var y = frame.output(0)
    for line in 0..<lines.count {
      var product = 1
      for step in 0..<lines.extent {
        let place = lines.place(line, step)
        if isExclusive { y[place] = narrowed(product) }
        // What does not fit has been narrowed, and stopped, before it could grow beyond 64 bits.
        product *= Int(x[place])
        if !isExclusive { y[place] = narrowed(product) }
      }
    }
  }

  private func narrowed(_ product: Int) -> Int32 {
    require(
      Int32(exactly: product) != nil,
      "cumulativeProduct: \(product) does not fit into int32; cast to float32 or float64 first")
    return Int32(narrowing: product)
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let (x, g) = (rule.input(0), rule.cotangent)
    rule.set(
      0,
      to: CumulativeProductGradient(axis: axis, isExclusive: isExclusive, isReversed: isReversed)(
        x, g))
    return true
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ x: Tensor, _ axis: Int, _ exclusive: Bool, _ reversed: Bool)
      -> Sample
    {
      Sample(
        label, CumulativeProduct(axis: axis, isExclusive: exclusive, isReversed: reversed), [x])
    }
    return [
      sample("a line", .sample([5]), 0, false, false),
      sample("inner axis", .sample([2, 3, 2]), 1, false, false),
      sample("exclusive", .sample([2, 4]), 1, true, false),
      sample("reversed", .sample([4, 2]), 0, false, true),
      sample("both", .sample([3, 3]), 1, true, true),
      sample("zeros", Tensor([2, 0, 3, 0, 5] as [Double]), 0, false, false),
      sample("of nothing", .sample([0, 2]), 0, false, false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("cumulativeProduct: the axis 1 is not within float32[3]; give one from -1 to 0") {
        _ = Tensor.zeros([3]).cumulativeProduct(along: 1)
      },
      Misuse(
        "cumulativeProduct: 4294967296 does not fit into int32; cast to float32 or float64 first"
      ) { _ = Tensor([65536, 65536, 0] as [Int32]).cumulativeProduct(along: 0) },
    ]
  }
}

extension Tensor {
  /// Returns the product of the elements so far along an axis, their own included unless `exclusive`.
  ///
  ///     x: [A, B, C], along: 1   →   [A, B, C]
  ///
  /// Multiplied in their order, without overflow on the way, and nothing is divided: right where elements are 0, in
  /// derivatives of every order. Pullback: x̄ⱼ = Σ ȳᵢ·Π xₖ over i ≥ j, k ≤ i, k ≠ j.
  /// - Parameters:
  ///   - axis: the axis along which products grow.
  ///   - exclusive: whether an element's own value is left out of its product.
  ///   - reversed: whether products begin at the last element.
  /// - Precondition: products of int32 fit.
  public func cumulativeProduct(
    along axis: Int, exclusive: Bool = false, reversed: Bool = false
  ) -> Tensor {
    CumulativeProduct(
      axis: resolved(axis, rank: rank, "cumulativeProduct", type), isExclusive: exclusive,
      isReversed: reversed)(self)
  }
}
