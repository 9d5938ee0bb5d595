/// eˣ divided by its sum over an axis, or the logarithm of that.
///
///     x: [A…]   →   [A…]
///
/// The largest element is subtracted first, so that nothing overflows. An element −∞ has the share 0;
/// where all are −∞, and where one is ∞, no share is known, and all are NaN. Pullbacks,
/// ``SoftmaxGradient``: for y = softmax x, x̄ = y · (ȳ − Σ ȳ·y); for y = log softmax x,
/// x̄ = ȳ − eʸ · Σ ȳ.
struct Softmax: FusedOperation {
  let isLogarithm: Bool
  let axis: Int
  var reads: Reads { .outputs(0) }
  var name: String { isLogarithm ? "logSoftmax" : "softmax" }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return inputs
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let x = inputs[0]
    // Of nothing there is no largest element to take out.
    guard x.count > 0 else { return [x.exp()] }
    let shifted = x - x.max(over: [axis], keepingAxes: true)
    let exponentials = shifted.exp()
    let sums = exponentials.sum(over: [axis], keepingAxes: true)
    return [isLogarithm ? shifted - sums.log() : exponentials / sums]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
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
    rule.set(0, to: SoftmaxGradient(isLogarithm: isLogarithm, axis: axis)(y, g))
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
  /// Returns eˣ divided by its sum along an axis, without overflow.
  ///
  /// An element −∞, as of a mask, has the share 0; where all are −∞, or one is ∞, the shares are NaN.
  /// Pullback: x̄ = y · (ȳ − Σ ȳ·y).
  public func softmax(along axis: Int = -1) -> Tensor {
    Softmax(isLogarithm: false, axis: resolved(axis, rank: rank, "softmax", type))(self)
  }

  /// Returns e⁻ˣ divided by its sum along an axis, without overflow: the softmax of −x.
  ///
  /// Pullback: x̄ = y · (Σ ȳ·y − ȳ).
  public func softmin(along axis: Int = -1) -> Tensor {
    requireFloatingPoint("softmin")
    return Softmax(isLogarithm: false, axis: resolved(axis, rank: rank, "softmin", type))(-self)
  }

  /// Returns the logarithm of the softmax, x − log Σ eˣ, without overflow and exact in its tail.
  ///
  /// Pullback: x̄ = ȳ − eʸ · Σ ȳ.
  public func logSoftmax(along axis: Int = -1) -> Tensor {
    Softmax(isLogarithm: true, axis: resolved(axis, rank: rank, "logSoftmax", type))(self)
  }
}
