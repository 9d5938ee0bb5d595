/// The sum over axes.
///
///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
///
/// Float32 is added up in float64 and rounded once; float64 by pairs, of elements that lie together, or
/// with what rounding has taken off: at most some 50·2⁻⁵³·Σ|x| wrong, for any number of elements. The order of the
/// additions depends on the shape alone, neither on the processor nor on the number of threads. The
/// sum of nothing is 0. Pullback: x̄ = ȳ broadcast.
struct Sum: LinearOperation {
  var name: String { "sum" }
  var elementTypes: ElementTypes { .numeric }
  let axes: [Int]
  let keepingAxes: Bool
  var reads: Reads { .nothing }
  var attributes: String { "axes: \(axes)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return [inputs[0].reduced(over: axes, keepingAxes: keepingAxes)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let sums = frame.realSums(over: axes)
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(sums[i]) }
  }

  func kernel(_ frame: inout KernelFrame<Int32>) {
    let sums = frame.sums(over: axes)
    var y = frame.output(0)
    for i in y.indices { y[i] = Int32(narrowing: sums[i]) }
  }

  func pullback(_ rule: inout Pullback) {
    let (type, g) = (rule.inputType(0), rule.cotangent)
    rule.set(0, to: g.expanded(over: axes, to: type))
  }

  static var samples: [Sample] {
    [
      Sample("all", Sum(axes: [0, 1], keepingAxes: false), [.sample([2, 3])]),
      Sample("channel axis", Sum(axes: [0, 2], keepingAxes: true), [.sample([2, 3, 2])]),
      Sample("no axis", Sum(axes: [], keepingAxes: false), [.sample([3])]),
      Sample("of nothing", Sum(axes: [0], keepingAxes: false), [.sample([0, 3])]),
      Sample(
        "large offset", Sum(axes: [0], keepingAxes: false), [.sample([4, 2], mean: 1e4)]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("sum: the axis 2 is not within float32[2, 3]; give one from -2 to 1") {
        _ = Tensor.zeros([2, 3]).sum(over: [2])
      },
      Misuse("sum: the axes [0, -2] name one twice; give each axis of float32[2, 3] once") {
        _ = Tensor.zeros([2, 3]).sum(over: [0, -2])
      },
      Misuse("sum: bool[1] is not a number; cast(to: .int32) first") {
        _ = Tensor([true]).sum()
      },
    ]
  }
}

extension Operation {
  /// The shape rule of a reduction of floating-point elements, of which there must be one or more.
  func reducedTypes(_ inputs: [TensorType], over axes: [Int], keepingAxes: Bool) -> [TensorType] {
    requireCount(inputs, 1)
    let type = inputs[0].reduced(over: axes, keepingAxes: keepingAxes)
    requireElements(inputs[0], over: axes, result: type)
    return [type]
  }

  /// Stops if a result would be made of no elements.
  func requireElements(_ type: TensorType, over axes: [Int], result: TensorType) {
    require(
      type.count(over: axes) > 0 || result.count == 0,
      "\(name): \(type) has no elements over the axes \(axes); reduce at least one")
  }
}

extension KernelFrame where Scalar: RealScalar {
  /// The sums of input 0 over axes, one for each element of the result.
  func realSums(over axes: [Int]) -> [Double] {
    let (x, type) = (input(0), inputType(0))
    var sums = Array(
      repeating: CompensatedSum(), count: type.reduced(over: axes, keepingAxes: true).count)
    let runs = type.runs(reducing: axes)
    for run in runs {
      for i in 0..<runs.length { sums[run.offset + i * runs.stride] += Double(x[run.position + i]) }
    }
    return sums.map(\.value)
  }
}

extension KernelFrame<Int32> {
  /// The sums of input 0 over axes, one for each element of the result.
  fileprivate func sums(over axes: [Int]) -> [Int] {
    let (x, type) = (input(0), inputType(0))
    var sums = Array(repeating: 0, count: type.reduced(over: axes, keepingAxes: true).count)
    let runs = type.runs(reducing: axes)
    for run in runs {
      for i in 0..<runs.length { sums[run.offset + i * runs.stride] += Int(x[run.position + i]) }
    }
    return sums
  }
}

extension Tensor {
  /// Returns the sum over axes; over all if none are given.
  ///
  ///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
  ///
  /// The sum of nothing is 0. Pullback: x̄ = ȳ broadcast.
  /// - Precondition: `axes` are distinct and within the rank; negative ones count from the last.
  public func sum(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let axes = resolvedAxes(axes, "sum")
    if axes.isEmpty, dtype != .bool { return self }
    return Sum(axes: axes, keepingAxes: keepingAxes)(self)
  }

  /// The axes to reduce: all unless some are given.
  func resolvedAxes(_ axes: [Int]?, _ operation: String) -> [Int] {
    resolved(axes ?? Array(0..<rank), rank: rank, operation, type)
  }

  /// What was reduced over `axes`, with or without keeping them, broadcast back to `type`.
  func expanded(over axes: [Int], to type: TensorType) -> Tensor {
    reshaped(to: type.reduced(over: axes, keepingAxes: true).shape).broadcast(to: type.shape)
  }
}
