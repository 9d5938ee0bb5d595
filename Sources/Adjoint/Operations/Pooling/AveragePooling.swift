/// The mean of each window.
///
///     x: [N, C, A…]   →   [N, C, B…]
///
/// With one to three spatial axes. The mean is over the elements of the image, or over those of the
/// padding as well, which are 0. Pullback: ȳ/n spread over each window.
struct AveragePooling: LinearOperation {
  var name: String { "averagePooling" }
  let windows: Windows
  let roundsUp: Bool
  let divisor: Pooling.Divisor
  var reads: Reads { .nothing }
  var attributes: String {
    Pooling.attributes(windows, roundsUp: roundsUp) + divisor.attributes
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    [
      Pooling.resultType(
        inputs, windows, roundsUp: roundsUp, divisor: divisor, of: self)
    ]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, shape) = (frame.input(0), frame.inputType(0).shape)
    let (extents, counts) = (Array(shape[2...]), Array(frame.outputType(0).shape[2...]))
    let (size, count) = (extents.reduce(1, *), counts.reduce(1, *))
    let divisors = Pooling.divisors(windows, extents, counts, divisor: divisor)
    var y = frame.output(0)
    var sums = Array(repeating: 0.0, count: count)
    for plane in 0..<shape[0] * shape[1] {
      // Once more, in smaller units, where float64 holds means but not the sums.
      for unit in Scalar.self == Double.self && divisor != .one ? [1, Mean.unit] : [1] {
        for window in sums.indices { sums[window] = 0 }
        windows.forEachTap(over: extents, counts: counts) { window, _, element in
          sums[window] += Double(x[plane * size + element]) * unit
        }
        for window in sums.indices where unit == 1 || !y[plane * count + window].isFinite {
          y[plane * count + window] = Scalar(sums[window] / (divisors[window] * unit))
        }
        if sums.allSatisfy(\.isFinite) { break }
      }
    }
  }

  func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    let extents = Array(rule.inputType(0).shape[2...])
    rule.set(
      0,
      to: AveragePoolingGradient(
        windows: windows, roundsUp: roundsUp, divisor: divisor, extents: extents)(g))
  }

  static var samples: [Sample] {
    func sample(
      _ label: String, _ x: [Int], _ extents: [Int], strides: [Int], padding: [Int]? = nil,
      roundsUp: Bool = false, divisor: Pooling.Divisor = .elements
    ) -> Sample {
      let windows = Windows(
        extents, strides: strides, padding: padding, dilations: nil, "averagePooling")
      return Sample(
        label,
        AveragePooling(windows: windows, roundsUp: roundsUp, divisor: divisor),
        [.sample(x)])
    }
    return [
      sample("2 by 2", [2, 2, 4, 6], [2, 2], strides: [2, 2]),
      sample("padded", [1, 2, 5, 4], [3, 3], strides: [2, 2], padding: [1, 1]),
      sample(
        "counting padding", [1, 1, 5, 5], [3, 3], strides: [2, 2], padding: [1, 1], roundsUp: true,
        divisor: .elementsAndPadding),
      sample("a line", [1, 2, 7], [3], strides: [2]),
      sample(
        "windows of padding alone", [1, 1, 3], [2], strides: [1], padding: [3],
        divisor: .elementsAndPadding),
      sample("sums", [1, 2, 4, 4], [2, 3], strides: [1, 2], padding: [0, 1], divisor: .one),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("averagePooling: float32[4, 4] is not images [batch, channels, …] with 2 spatial axes")
      {
        _ = Tensor.zeros([4, 4]).averagePooled([2, 2])
      },
      Misuse(
        "averagePooling: windows [2], dilated by [3], skip over [2], and some hold nothing but padding; pad "
          + "or dilate less"
      ) {
        _ = Tensor.zeros([1, 1, 2]).averagePooled(
          [2], strides: [1], padding: [1], dilations: [3])
      },
    ]
  }
}

extension Tensor {
  /// Returns the mean of each window.
  ///
  ///     x: [N, C, A…]   →   [N, C, B…]
  ///
  /// With one to three spatial axes. Pullback: ȳ/n spread over each window.
  ///
  /// - Parameters:
  ///   - window: the extents of the windows.
  ///   - strides: how far apart neighbouring windows are; as far as they are wide unless said otherwise.
  ///   - padding: how much is added at both ends of each axis; or before all axes, and then after them.
  ///   - dilations: how far apart neighbouring elements of a window are; 1 unless said otherwise.
  ///   - roundingUp: whether a last window may reach over the end.
  ///   - countingPadding: whether the padding counts as zeros, or not at all.
  /// - Precondition: unless the padding counts, no window holds nothing else.
  public func averagePooled(
    _ window: [Int], strides: [Int]? = nil, padding: [Int]? = nil, dilations: [Int]? = nil,
    roundingUp: Bool = false, countingPadding: Bool = false
  ) -> Tensor {
    let windows = Windows(
      window, strides: strides ?? window, padding: padding, dilations: dilations, "averagePooling")
    return AveragePooling(
      windows: windows, roundsUp: roundingUp,
      divisor: countingPadding ? .elementsAndPadding : .elements)(self)
  }
}
