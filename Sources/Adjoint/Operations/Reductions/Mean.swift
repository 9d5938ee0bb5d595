/// The mean over axes.
///
///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
///
/// The sum of ``Sum``, divided once. Pullback: x̄ = ȳ/n broadcast, for n elements that become one.
struct Mean: LinearOperation {
  var name: String { "mean" }
  let axes: [Int]
  let keepingAxes: Bool
  var reads: Reads { .nothing }
  var attributes: String { "axes: \(axes)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    reducedTypes(inputs, over: axes, keepingAxes: keepingAxes)
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let sums = frame.realSums(over: axes)
    let count = Double(frame.inputType(0).count(over: axes))
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(sums[i] / count) }
  }

  func pullback(_ rule: inout Pullback) {
    let (type, g) = (rule.inputType(0), rule.cotangent)
    let count = Double(type.count(over: axes))
    rule.set(0, to: (g / count).expanded(over: axes, to: type))
  }

  static var samples: [Sample] {
    [
      Sample("all", Mean(axes: [0, 1], keepingAxes: false), [.sample([2, 3])]),
      Sample("channel axis", Mean(axes: [0, 2], keepingAxes: true), [.sample([2, 3, 2])]),
      Sample("of one", Mean(axes: [0], keepingAxes: false), [.sample([1, 2])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("mean: float32[0, 3] has no elements over the axes [0]; reduce at least one") {
        _ = Tensor.zeros([0, 3]).mean(over: [0])
      },
      Misuse("mean: int32[2] is not floating-point; cast(to: .float32) or .float64 first") {
        _ = Tensor([1, 2] as [Int32]).mean()
      },
    ]
  }
}

extension Tensor {
  /// Returns the mean over axes; over all if none are given.
  ///
  ///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
  ///
  /// Pullback: x̄ = ȳ/n broadcast, for n elements that become one.
  /// - Precondition: `axes` are distinct and within the rank, and n ≥ 1.
  public func mean(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    Mean(axes: resolvedAxes(axes, "mean"), keepingAxes: keepingAxes)(self)
  }
}
