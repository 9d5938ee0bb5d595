/// The largest or the smallest element over axes.
///
///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
///
/// NaN if an element is NaN. Pullback, ``ExtremumGradient``: ȳ goes to the elements that are equal to y, in equal parts:
/// the limit of the derivative of a smooth maximum, and a subgradient at the tie.
struct Extremum: Operation {
  let isMaximum: Bool
  let axes: [Int]
  let keepingAxes: Bool
  var reads: Reads { .inputs(0).and(.outputs(0)) }
  var name: String { isMaximum ? "max" : "min" }
  var elementTypes: ElementTypes { .numeric }
  var attributes: String { "axes: \(axes)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    let type = inputs[0].reduced(over: axes, keepingAxes: keepingAxes)
    requireElements(inputs[0], over: axes, result: type)
    return [type]
  }

  func kernel<Scalar: NumericScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, runs) = (frame.input(0), frame.inputType(0).runs(reducing: axes))
    var y = frame.output(0)
    var isFirst = Array(repeating: true, count: y.count)
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        let value = x[run.position + i]
        if isFirst[group] || value.supersedes(y[group], asMaximum: isMaximum) { y[group] = value }
        isFirst[group] = false
      }
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, y, g) = (rule.input(0), rule.output(), rule.cotangent)
    rule.set(0, to: ExtremumGradient(axes: axes)(x, y, g))
  }

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? {
    (inputs[0] .== outputs[0].expanded(over: axes, to: inputs[0].type)).cast(to: .int32)
  }

  static var samples: [Sample] {
    [
      Sample(
        "max", Extremum(isMaximum: true, axes: [0], keepingAxes: false), [.distinctSample([4, 3])]),
      Sample(
        "min", Extremum(isMaximum: false, axes: [0, 2], keepingAxes: true),
        [.distinctSample([2, 3, 2])]),
      Sample(
        "ties", Extremum(isMaximum: true, axes: [0], keepingAxes: false),
        [Tensor([1, 1, 0] as [Double])],
        isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("max: float32[0] has no elements over the axes [0]; reduce at least one") {
        _ = Tensor.zeros([0]).max()
      }
    ]
  }
}

extension NumericScalar {
  /// Whether this value replaces the best one so far; NaN replaces every number and nothing
  /// replaces NaN.
  @inline(__always)
  func supersedes(_ best: Self, asMaximum: Bool) -> Bool {
    if isNotANumber { return !best.isNotANumber }
    return asMaximum ? self > best : self < best
  }
}

extension Tensor {
  /// Returns the largest element over axes; over all if none are given. NaN if one is NaN.
  ///
  /// Pullback: ȳ goes to the elements that are equal to the maximum, in equal parts.
  /// - Precondition: `axes` are distinct and within the rank, and there are elements.
  public func max(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    Extremum(isMaximum: true, axes: resolvedAxes(axes, "max"), keepingAxes: keepingAxes)(self)
  }

  /// Returns the smallest element over axes; over all if none are given. NaN if one is NaN.
  ///
  /// Pullback: ȳ goes to the elements that are equal to the minimum, in equal parts.
  /// - Precondition: `axes` are distinct and within the rank, and there are elements.
  public func min(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    Extremum(isMaximum: false, axes: resolvedAxes(axes, "min"), keepingAxes: keepingAxes)(self)
  }
}
