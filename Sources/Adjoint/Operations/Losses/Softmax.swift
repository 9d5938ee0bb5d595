internal import AdjointKernels

/// log Σ eˣ over axes.
///
///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
///
/// The largest element is taken out of the sum, so that nothing overflows; −∞ where all elements
/// are. Pullback: x̄ = ȳ · e^(x − y).
struct LogSumExp: Operation {
  var name: String { "logSumExp" }
  let axes: [Int]
  let keepingAxes: Bool
  var reads: Reads { .inputs(0).and(.outputs(0)) }
  var attributes: String { "axes: \(axes)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    reducedTypes(inputs, over: axes, keepingAxes: keepingAxes)
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  /// The kernel in C, for elements that lie together.
  func kernel(_ frame: inout KernelFrame<Float>) {
    let type = frame.inputType(0)
    guard let kernels = unsafe frame.instructions.kernels, type.count > 0,
      let layout = SumLayout(type, over: axes), layout.outer == 1
    else {
      computeReference(&frame)
      return
    }
    let (x, y, width) = unsafe (frame.source(0), frame.target(0), layout.inner)
    inParallel(layout.groups * layout.kept, grain: max(1, 4096 / width)) { rows in
      let first = rows.lowerBound
      unsafe kernels.pointee.logSumExp(x + first * width, rows.count, width, y + first)
    }
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, runs) = (frame.input(0), frame.inputType(0).runs(reducing: axes))
    let (maxima, rests) = exponentials(of: x, runs, groups: frame.outputType(0).count)
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(maxima[i] + Double.log1p(rests[i])) }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, y, g) = (rule.input(0), rule.output(), rule.cotangent)
    let weights = (x - y.expanded(over: axes, to: x.type)).exp()
    rule.set(0, to: g.expanded(over: axes, to: x.type) * weights)
  }

  static var samples: [Sample] {
    [
      Sample("rows", LogSumExp(axes: [1], keepingAxes: false), [.sample([3, 4])]),
      Sample("two axes", LogSumExp(axes: [0, 2], keepingAxes: true), [.sample([2, 3, 2])]),
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
/// add.
private func exponentials<Scalar: RealScalar>(
  of x: Span<Scalar>, _ runs: StridedRuns, groups: Int
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
  var rests = Array(repeating: 0.0, count: groups)
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
  return (maxima, rests)
}

/// eˣ divided by its sum over an axis, or the logarithm of that.
///
///     x: [A…]   →   [A…]
///
/// The largest element is subtracted first, so that nothing overflows. Pullbacks: for y = softmax
/// x, x̄ = y · (ȳ − Σ ȳ·y); for y = log softmax x, x̄ = ȳ − eʸ · Σ ȳ.
struct Softmax: Operation {
  let isLogarithm: Bool
  let axis: Int
  var reads: Reads { .outputs(0) }
  var name: String { isLogarithm ? "logSoftmax" : "softmax" }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return inputs
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    let type = frame.inputType(0)
    guard !isLogarithm, axis == type.rank - 1, type.count > 0,
      let kernels = unsafe frame.instructions.kernels
    else {
      computeReference(&frame)
      return
    }
    let width = type.shape[axis]
    let (x, y) = unsafe (frame.source(0), frame.target(0))
    inParallel(type.count / width, grain: max(1, 4096 / width)) {
      let start = $0.lowerBound * width
      unsafe kernels.pointee.softmax(x + start, $0.count, width, y + start)
    }
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, type) = (frame.input(0), frame.inputType(0))
    let runs = type.runs(reducing: [axis])
    let groups = type.reduced(over: [axis], keepingAxes: true).count
    let (maxima, rests) = exponentials(of: x, runs, groups: groups)
    var y = frame.output(0)
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        let shifted = Double(x[run.position + i]) - maxima[group]
        let value =
          isLogarithm
          ? shifted - Double.log1p(rests[group]) : Double.exp(shifted) / (1 + rests[group])
        y[run.position + i] = Scalar(value)
      }
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (y, g) = (rule.output(), rule.cotangent)
    if isLogarithm {
      rule.set(0, to: g - y.exp() * g.sum(over: [axis], keepingAxes: true))
    } else {
      rule.set(0, to: SoftmaxGradient(axis: axis)(y, g))
    }
  }

  static var samples: [Sample] {
    [false, true].flatMap { isLogarithm in
      [
        Sample("rows", Softmax(isLogarithm: isLogarithm, axis: 1), [.sample([3, 4])]),
        Sample("inner axis", Softmax(isLogarithm: isLogarithm, axis: 1), [.sample([2, 3, 2])]),
        Sample(
          "offset 1e4", Softmax(isLogarithm: isLogarithm, axis: 1), [.sample([2, 3], mean: 1e4)]),
        Sample("empty", Softmax(isLogarithm: isLogarithm, axis: 0), [.sample([0, 3])]),
      ]
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse("softmax: int32[2] is not floating-point; cast(to: .float32) or .float64 first") {
        _ = Tensor([1, 2] as [Int32]).softmax()
      }
    ]
  }
}

extension Tensor {
  /// Returns log Σ eˣ over axes, over all if none are given, without overflow.
  ///
  /// Pullback: x̄ = ȳ · e^(x − y).
  /// - Precondition: `axes` are distinct and within the rank, and there are elements.
  public func logSumExp(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    LogSumExp(axes: resolvedAxes(axes, "logSumExp"), keepingAxes: keepingAxes)(self)
  }

  /// Returns eˣ divided by its sum along an axis, without overflow.
  ///
  /// Pullback: x̄ = y · (ȳ − Σ ȳ·y).
  public func softmax(along axis: Int = -1) -> Tensor {
    Softmax(isLogarithm: false, axis: resolved(axis, rank: rank, "softmax", type))(self)
  }

  /// Returns the logarithm of the softmax, x − log Σ eˣ, without overflow and exact in its tail.
  ///
  /// Pullback: x̄ = ȳ − eʸ · Σ ȳ.
  public func logSoftmax(along axis: Int = -1) -> Tensor {
    Softmax(isLogarithm: true, axis: resolved(axis, rank: rank, "logSoftmax", type))(self)
  }
}
