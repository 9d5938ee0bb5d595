/// The gradient of ``AveragePooling``: elements divided by the size of their window, and spread over it.
///
///     dy: [N, C, B…]   →   [N, C, A…]
///
/// Pullback: d̄y is the average pooling of d̄x.
struct AveragePoolingGradient: LinearOperation {
  var name: String { "averagePoolingGradient" }
  let windows: Windows
  let roundsUp: Bool
  let divisor: Pooling.Divisor
  let extents: [Int]
  var reads: Reads { .nothing }
  var attributes: String { "to: \(extents), " + Pooling.attributes(windows, roundsUp: roundsUp) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    require(
      inputs[0].rank == extents.count + 2
        && windows.counts(over: extents, roundingUp: roundsUp, name)
          == Array(inputs[0].shape.dropFirst(2)),
      "\(name): \(inputs[0]) is not what windows \(windows.extents) make of images \(extents)")
    return [inputs[0].with(shape: inputs[0].shape.prefix(2) + extents)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (dy, shape) = (frame.input(0), frame.inputType(0).shape)
    let counts = Array(shape[2...])
    let (size, count) = (extents.reduce(1, *), counts.reduce(1, *))
    let divisors = Pooling.divisors(windows, extents, counts, divisor: divisor)
    var sums = Array(repeating: 0.0, count: frame.outputType(0).count)
    for plane in 0..<shape[0] * shape[1] {
      windows.forEachTap(over: extents, counts: counts) { window, _, element in
        sums[plane * size + element] += Double(dy[plane * count + window]) / divisors[window]
      }
    }
    var dx = frame.output(0)
    for i in dx.indices { dx[i] = Scalar(sums[i]) }
  }

  func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    rule.set(
      0,
      to: AveragePooling(windows: windows, roundsUp: roundsUp, divisor: divisor)(g))
  }

  static var samples: [Sample] {
    let windows = Windows(
      [3, 2], strides: [2, 2], padding: [1, 0], dilations: nil, "averagePooling")
    let gradient = AveragePoolingGradient(
      windows: windows, roundsUp: false, divisor: .elements, extents: [5, 4])
    return [Sample("padded", gradient, [.sample([2, 1, 3, 2])])]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "averagePoolingGradient: float32[1, 1, 3, 3] is not what windows [2, 2] make of images [4, 4]"
      ) {
        let windows = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "pooling")
        _ = AveragePoolingGradient(
          windows: windows, roundsUp: false, divisor: .elements, extents: [4, 4])(
            .zeros([1, 1, 3, 3]))
      }
    ]
  }
}
