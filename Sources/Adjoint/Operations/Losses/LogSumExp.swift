/// log Σ eˣ over axes.
///
///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
///
/// The largest element is taken out of the sum, so that nothing overflows; −∞ where all elements
/// are. Pullback: x̄ = ȳ · softmax x, ``LogSumExpGradient``.
struct LogSumExp: FusedOperation {
  var name: String { "logSumExp" }
  let axes: [Int]
  let keepingAxes: Bool
  var reads: Reads { .inputs(0) }
  var attributes: String { "axes: \(axes)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    reducedTypes(inputs, over: axes, keepingAxes: keepingAxes)
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let largest = inputs[0].max(over: axes, keepingAxes: true)
    // What is infinite cannot be taken out.
    let maximum = largest.select(where: largest.isFinite, otherwise: 0)
    let sums = (inputs[0] - maximum).exp().sum(over: axes, keepingAxes: true)
    let y = maximum + sums.log()
    return [keepingAxes ? y : y.reshaped(to: outputTypes(for: [inputs[0].type])[0].shape)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, runs) = (frame.input(0), frame.inputType(0).runs(reducing: axes))
    let (maxima, rests) = exponentials(of: x, runs, groups: frame.outputType(0).count)
    var y = frame.output(0)
    for i in y.indices {
      y[i] = Scalar(maxima[i].isInfinite ? maxima[i] : maxima[i] + Double.log1p(rests[i]))
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, g) = (rule.input(0), rule.cotangent)
    // The axes are made one, behind all others unless they lie together as they are.
    let kept = x.shape.indices.filter { !axes.contains($0) }
    let liesTogether = axes.last.map { $0 - axes[0] < axes.count } ?? true
    let axis = liesTogether ? axes.first ?? 0 : kept.count
    let order = Array(kept[..<axis]) + axes + kept[axis...]
    let turned = liesTogether ? x : x.transposed(order)
    var shape = kept.map { x.shape[$0] }
    let dy = g.reshaped(to: shape)
    shape.insert(x.type.count(over: axes), at: axis)
    let dx = LogSumExpGradient(axis: axis)(turned.reshaped(to: shape), dy)
      .reshaped(to: turned.shape)
    rule.set(
      0, to: liesTogether ? dx : dx.transposed(order.indices.sorted { order[$0] < order[$1] }))
  }

  static var samples: [Sample] {
    [
      Sample("rows", LogSumExp(axes: [1], keepingAxes: false), [.sample([3, 4])]),
      Sample("two axes", LogSumExp(axes: [0, 2], keepingAxes: true), [.sample([2, 3, 2])]),
      Sample("neighbours", LogSumExp(axes: [0, 1], keepingAxes: false), [.sample([2, 3, 2])]),
      Sample(
        "offset 1e4", LogSumExp(axes: [1], keepingAxes: false), [.sample([2, 3], mean: 1e4)]),
      Sample(
        "far apart", LogSumExp(axes: [0], keepingAxes: false), [Tensor([-700, 0, 700] as [Double])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("logSumExp: float32[0] has no elements over the axes [0]; reduce at least one") {
        _ = Tensor.zeros([0]).logSumExp()
      }
    ]
  }
}

/// The maximum m of each group, and Σ e^(x − m) over its other elements: the whole sum is 1 more.
///
/// That 1 is kept apart, since the logarithm of a sum that is nearly 1 would lose what the others
/// add. The sum is unknown where the maximum is infinite, as all shares are.
func exponentials<Scalar: RealScalar>(
  of x: KernelInput<Scalar>, _ runs: StridedRuns, groups: Int
) -> (maxima: [Double], rests: [Double]) {
  var maxima = Array(repeating: -Double.infinity, count: groups)
  for run in runs {
    for i in 0..<runs.length {
      let group = run.offset + i * runs.stride
      let value = Double(x[run.position + i])
      // False for NaN too, which then stays the maximum.
      if !(value <= maxima[group]) && !maxima[group].isNaN { maxima[group] = value }
    }
  }
  var rests = Array(repeating: CompensatedSum(), count: groups)
  var isMaximumFound = Array(repeating: false, count: groups)
  for run in runs {
    for i in 0..<runs.length {
      let group = run.offset + i * runs.stride
      let value = Double(x[run.position + i])
      if value != maxima[group] {
        rests[group] += Double.exp(value - maxima[group])
      } else if isMaximumFound[group] {
        rests[group] += 1
      } else {
        isMaximumFound[group] = true
      }
    }
  }
  return (maxima, zip(maxima, rests).map { $0.isInfinite ? .nan : $1.value })
}

extension Tensor {
  /// Returns log Σ eˣ over axes, over all if none are given, without overflow.
  ///
  /// −∞ where all elements are, with the gradient 0. Pullback: x̄ = ȳ · softmax x.
  /// - Precondition: `axes` are distinct and within the rank, and there are elements.
  public func logSumExp(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    LogSumExp(axes: resolvedAxes(axes, "logSumExp"), keepingAxes: keepingAxes)(self)
  }
}
