/// The mean over axes.
///
///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
///
/// The sum of ``Sum``, divided once; one of float64 may be more than that holds. Pullback: x̄ = ȳ/n broadcast, for n elements that become one.
struct Mean: LinearOperation {
  var name: String { "mean" }
  let axes: [Int]
  let keepingAxes: Bool
  var reads: Reads { .nothing }
  var attributes: String { "axes: \(axes)" }
  /// What elements are multiplied by whose sum float64 does not hold.
  static let unit = 0x1p-64

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    reducedTypes(inputs, over: axes, keepingAxes: keepingAxes)
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let count = Double(frame.inputType(0).count(over: axes))
    var means = frame.realSums(over: axes).map { $0 / count }
    if Scalar.self == Double.self, means.contains(where: { !$0.isFinite }) {
      let x = frame.input(0)
      let smaller = frame.inputType(0).means(over: axes) { Double(x[$0]) }
      for i in means.indices where !means[i].isFinite { means[i] = smaller[i] }
    }
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(means[i]) }
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

extension TensorType {
  /// The means of float64 elements over axes, also where it does not hold their sums.
  func means(over axes: [Int], _ element: (Int) -> Double) -> [Double] {
    let (runs, kept) = (self.runs(reducing: axes), reduced(over: axes, keepingAxes: true).count)
    var sums = Array(repeating: CompensatedSum(), count: kept)
    for run in runs {
      for i in 0..<runs.length {
        sums[run.offset + i * runs.stride] += element(run.position + i) * Mean.unit
      }
    }
    return sums.map { $0.value / (Double(count(over: axes)) * Mean.unit) }
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
