/// The largest or the smallest element over axes.
///
///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
///
/// NaN if an element is NaN; of no elements −∞ or ∞, or the least or largest integer, as ONNX has it.
/// Pullback, ``ExtremumGradient``: ȳ goes to the elements that are equal to y, in equal parts: the
/// limit of the derivative of a smooth maximum, and a subgradient at the tie.
struct Extremum: Operation, UnroundedOperation {
  let isMaximum: Bool
  let axes: [Int]
  let keepingAxes: Bool
  var reads: Reads { .inputs(0).and(.outputs(0)) }
  var name: String { isMaximum ? "max" : "min" }
  var elementTypes: ElementTypes { .numeric }
  var attributes: String { "axes: \(axes)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return [inputs[0].reduced(over: axes, keepingAxes: keepingAxes)]
  }

  func kernel<Scalar: NumericScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, runs) = (frame.input(0), frame.inputType(0).runs(reducing: axes))
    var y = frame.output(0)
    for i in y.indices { y[i] = isMaximum ? .lowest : .highest }
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
        "of nothing", Extremum(isMaximum: false, axes: [0], keepingAxes: false), [.sample([0, 2])]),
      Sample(
        "ties", Extremum(isMaximum: true, axes: [0], keepingAxes: false),
        [Tensor([1, 1, 0] as [Double])],
        isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("max: the axis 1 is not within float32[3]; give one from -1 to 0") {
        _ = Tensor.zeros([3]).max(over: [1])
      }
    ]
  }
}

extension NumericScalar {
  /// The number that no other is below: ∞, or the largest int32.
  static var highest: Self {
    dtype == .int32 ? Self(exactly: Int32.max) ?? lowest : .zero - lowest
  }

  /// Whether this value replaces the best one so far; NaN replaces every number and nothing
  /// replaces NaN.
  @inline(__always)
  func supersedes(_ best: Self, asMaximum: Bool) -> Bool {
    if isNotANumber { return !best.isNotANumber }
    return asMaximum ? self > best : self < best
  }
}

extension Tensor {
  /// Returns the largest element over axes; over all if none are given. NaN if one is NaN; −∞, or the least
  /// int32, of no elements.
  ///
  /// Pullback: ȳ goes to the elements that are equal to the maximum, in equal parts.
  /// - Precondition: `axes` are distinct and within the rank.
  public func max(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    Extremum(isMaximum: true, axes: resolvedAxes(axes, "max"), keepingAxes: keepingAxes)(self)
  }

  /// Returns the smallest element over axes; over all if none are given. NaN if one is NaN; ∞, or the largest
  /// int32, of no elements.
  ///
  /// Pullback: ȳ goes to the elements that are equal to the minimum, in equal parts.
  /// - Precondition: `axes` are distinct and within the rank.
  public func min(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    Extremum(isMaximum: false, axes: resolvedAxes(axes, "min"), keepingAxes: keepingAxes)(self)
  }
}
