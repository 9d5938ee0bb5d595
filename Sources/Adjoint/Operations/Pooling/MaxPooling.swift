/// The largest element of each window.
///
///     x: [N, C, A…]   →   y: [N, C, B…], place: int32[N, C, B…]
///
/// With one to three spatial axes; padding is never the largest. `place` is where the element lies in
/// its plane, the first of equal ones; NaN is larger than all. Pullback: ȳ goes to the places.
struct MaxPooling: Operation, UnroundedOperation {
  var name: String { "maxPooling" }
  let windows: Windows
  let roundsUp: Bool
  var reads: Reads { .outputs(1) }
  var attributes: String { Pooling.attributes(windows, roundsUp: roundsUp) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    let type = Pooling.resultType(inputs, windows, roundsUp: roundsUp, of: self)
    return [type, type.with(.int32)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, shape) = (frame.input(0), frame.inputType(0).shape)
    let (extents, counts) = (Array(shape[2...]), Array(frame.outputType(0).shape[2...]))
    let (size, count) = (extents.reduce(1, *), counts.reduce(1, *))
    var places = Array(repeating: -1, count: frame.outputType(0).count)
    for plane in 0..<shape[0] * shape[1] {
      windows.forEachTap(over: extents, counts: counts) { window, _, element in
        let value = x[plane * size + element]
        let best = places[plane * count + window]
        let isLarger =
          best < 0 || value > x[plane * size + best]
          || value.isNotANumber && !x[plane * size + best].isNotANumber
        if isLarger { places[plane * count + window] = element }
      }
    }
    var y = frame.output(0)
    for i in places.indices { y[i] = x[i / count * size + places[i]] }
    var place = frame.output(1, as: Int32.self)
    for i in places.indices { place[i] = Int32(places[i]) }
  }

  func pullback(_ rule: inout Pullback) {
    let (place, g) = (rule.output(1), rule.cotangent)
    let extents = Array(rule.inputType(0).shape[2...])
    rule.set(0, to: PlaceScatter(windows: windows, extents: extents)(g, place))
  }

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? { outputs[1] }

  static var samples: [Sample] {
    func sample(
      _ label: String, _ x: [Int], _ extents: [Int], strides: [Int], padding: [Int]? = nil,
      dilations: [Int]? = nil, roundsUp: Bool = false
    ) -> Sample {
      let windows = Windows(
        extents, strides: strides, padding: padding, dilations: dilations, "maxPooling")
      return Sample(label, MaxPooling(windows: windows, roundsUp: roundsUp), [.sample(x)])
    }
    return [
      sample("2 by 2", [2, 2, 4, 6], [2, 2], strides: [2, 2]),
      sample("overlapping, padded", [1, 2, 5, 4], [3, 3], strides: [2, 2], padding: [1, 1]),
      sample("rounding up", [1, 1, 5, 5], [2, 2], strides: [2, 2], roundsUp: true),
      sample("dilation", [1, 1, 6, 5], [2, 2], strides: [1, 1], dilations: [2, 3]),
      sample("a line", [1, 2, 7], [3], strides: [2]),
      sample("a volume", [1, 1, 3, 3, 4], [2, 2, 2], strides: [1, 1, 2]),
      sample("empty batch", [0, 2, 4, 4], [2, 2], strides: [2, 2]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "maxPooling: int32[1, 1, 4, 4] is not floating-point; cast(to: .float32) or .float64 first"
      ) { _ = Tensor.zeros([1, 1, 4, 4], dtype: .int32).maxPooled([2, 2]) },
      Misuse("maxPooling: float32[4, 4] is not images [batch, channels, …] with 2 spatial axes") {
        _ = Tensor.zeros([4, 4]).maxPooled([2, 2])
      },
      Misuse(
        "maxPooling: windows [2, 2], dilated by [1, 1], skip over [4, 4], and some hold nothing but padding; pad "
          + "or dilate less"
      ) { _ = Tensor.zeros([1, 1, 4, 4]).maxPooled([2, 2], padding: [2, 2]) },
      Misuse(
        "maxPooling: windows [2], dilated by [3], skip over [2], and some hold nothing but padding; pad or "
          + "dilate less"
      ) { _ = Tensor.zeros([1, 1, 2]).maxPooled([2], strides: [1], padding: [1], dilations: [3]) },
    ]
  }
}

extension Tensor {
  /// Returns the largest element of each window.
  ///
  ///     x: [N, C, A…]   →   [N, C, B…]
  ///
  /// With one to three spatial axes. Padding is never the largest. Pullback: ȳ goes to the first of the
  /// largest elements.
  ///
  /// - Parameters:
  ///   - window: the extents of the windows.
  ///   - strides: how far apart neighbouring windows are; as far as they are wide unless said otherwise.
  ///   - padding: how much is added at both ends of each axis; or before all axes, and then after them.
  ///   - dilations: how far apart neighbouring elements of a window are; 1 unless said otherwise.
  ///   - roundingUp: whether a last window may reach over the end.
  /// - Precondition: no window holds nothing but padding.
  public func maxPooled(
    _ window: [Int], strides: [Int]? = nil, padding: [Int]? = nil, dilations: [Int]? = nil,
    roundingUp: Bool = false
  ) -> Tensor {
    let windows = Windows(
      window, strides: strides ?? window, padding: padding, dilations: dilations, "maxPooling")
    return MaxPooling(windows: windows, roundsUp: roundingUp).outputs(of: [self])[0]
  }

  /// Returns the largest element of each window, and where it lies in its plane, as int32.
  ///
  ///     x: [N, C, A…]   →   values: [N, C, B…], places: int32[N, C, B…]
  ///
  /// Parameters and pullback are those of ``maxPooled(_:strides:padding:dilations:roundingUp:)``. Places count
  /// from 0 in row-major order over the spatial axes, as in PyTorch.
  /// - Precondition: no window holds nothing but padding.
  public func maxPooledWithPlaces(
    _ window: [Int], strides: [Int]? = nil, padding: [Int]? = nil, dilations: [Int]? = nil,
    roundingUp: Bool = false
  ) -> (values: Tensor, places: Tensor) {
    let windows = Windows(
      window, strides: strides ?? window, padding: padding, dilations: dilations, "maxPooling")
    let outputs = MaxPooling(windows: windows, roundsUp: roundingUp).outputs(of: [self])
    return (outputs[0], outputs[1])
  }
}
