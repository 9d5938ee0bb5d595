internal import AdjointKernels

/// The element, or the bound that it is beyond.
///
///     x: [A…], lower: [A…], upper: [A…]   →   [A…]
///
/// min(max(x, lower), upper), as in NumPy and PyTorch: NaN if one of the three is, and where lower > upper the
/// upper bound. Pullback: ȳ goes to x where lower ≤ x ≤ upper, the bounds included, else to the bound; it
/// is lost where the result is NaN.
struct Clamp: InstructionOperation {
  var name: String { "clamp" }
  var instruction: AdjointInstruction { adjointClamp }
  var reads: Reads { .inputs(0, 1, 2) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 3)
    require(
      inputs[1].shape == inputs[0].shape && inputs[2].shape == inputs[0].shape,
      "clamp: \(inputs[0]) and its bounds \(inputs[1]) and \(inputs[2]) differ in shape; "
        + "broadcast them")
    return [inputs[0]]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, lower, upper) = (frame.input(0), frame.input(1), frame.input(2))
    var y = frame.output(0)
    for i in x.indices {
      let raised = x[i] < lower[i] || lower[i].isNaN ? lower[i] : x[i]
      y[i] = raised > upper[i] || upper[i].isNaN ? upper[i] : raised
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, lower, upper) = (rule.input(0), rule.input(1), rule.input(2))
    let (g, zero) = (rule.cotangent, rule.cotangent.scalar(0))
    rule.set(0, to: PointwisePullback<ClampPullback>()(g, x, lower, upper))
    let (isBelow, isCrossed) = (x .< lower, lower .> upper)
    rule.set(
      1, to: zero.select(where: isCrossed, otherwise: g.select(where: isBelow, otherwise: zero)))
    rule.set(2, to: g.select(where: (x .> upper) .| (isBelow .& isCrossed), otherwise: zero))
  }

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? {
    let (x, lower, upper) = (inputs[0], inputs[1], inputs[2])
    return (x - lower).side * 3 + (x - upper).side
  }

  static var samples: [Sample] {
    let bounds = [
      Tensor.full([2, 4], -1.5, dtype: .float64), .full([2, 4], 0.5, dtype: .float64),
    ]
    return [
      Sample("inside and outside", Clamp(), [.distinctSample([2, 4])] + bounds),
      Sample(
        "crossed bounds", Clamp(), [.distinctSample([2, 4])] + bounds.reversed()),
      Sample(
        "at a bound", Clamp(), [1, 0, 1].map { Tensor($0, dtype: .float64) }, isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("clamp: float32[2] and float64[2] differ in element type; cast one of them") {
        _ = Tensor.zeros([2]).clamped(from: Tensor(0, dtype: .float64), to: Tensor(1))
      }
    ]
  }
}

extension Tensor {
  /// Returns the elements, or the bounds that they are beyond; the bounds are broadcast.
  ///
  /// min(max(x, lower), upper): NaN if one of the three is, and the upper bound where the lower is above it.
  /// Pullback: ȳ goes to x where lower ≤ x ≤ upper, the bounds included, else to the bound.
  public func clamped(from lower: Tensor, to upper: Tensor) -> Tensor {
    let operands = Tensor.aligned([self, lower, upper], "clamp")
    return Clamp()(operands[0], operands[1], operands[2])
  }

  /// Returns the elements, or the bounds that they are beyond.
  ///
  /// Pullback: x̄ = ȳ within the range, its ends included, else 0.
  public func clamped(to range: ClosedRange<Double>) -> Tensor {
    requireFloatingPoint("clamp")
    return clamped(from: scalar(range.lowerBound), to: scalar(range.upperBound))
  }
}
