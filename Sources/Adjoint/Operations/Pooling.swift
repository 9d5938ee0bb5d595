internal import AdjointKernels

/// The largest element of each window.
///
///     x: [N, C, A…]   →   y: [N, C, B…], place: int32[N, C, B…]
///
/// With one to three spatial axes; padding is never the largest. `place` is where the element lies in
/// its plane, the first of equal ones; NaN is larger than all. Pullback: ȳ goes to the places.
struct MaxPooling: Operation {
  let name = "maxPooling"
  let windows: Windows
  let roundsUp: Bool
  let reads = Reads.outputs(1)
  var attributes: String { Pooling.attributes(windows, roundsUp: roundsUp) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    let type = Pooling.resultType(inputs, windows, roundsUp: roundsUp, of: self)
    return [type, type.with(.int32)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    let shape = frame.inputType(0).shape
    guard let kernels = unsafe frame.instructions.kernels,
      let plane = Pooling.evenPlane(windows, shape)
    else {
      computeReference(&frame)
      return
    }
    let (x, y) = unsafe (frame.source(0), frame.target(0))
    let place = unsafe frame.outputs[1].rawPointer.assumingMemoryBound(to: Int32.self)
    inParallel(plane.count, grain: plane.grain) { planes in
      let (first, size) = (planes.lowerBound, plane.height * plane.width)
      unsafe kernels.pointee.maxPool2(
        x + first * size, planes.count, plane.height, plane.width, y + first * size / 4,
        place + first * size / 4)
    }
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
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
        "maxPooling: padding [2, 2] is more than half of the window [2, 2]; some windows would hold "
          + "nothing else"
      ) { _ = Tensor.zeros([1, 1, 4, 4]).maxPooled([2, 2], padding: [2, 2]) },
    ]
  }
}

/// Elements put at their places in planes of zeros; those with one place are added up.
///
///     g: [N, C, B…], place: int32[N, C, B…]   →   [N, C, A…]
///
/// Pullback: ḡ is read from the places.
struct PlaceScatter: Operation {
  let name = "placeScatter"
  let windows: Windows
  let extents: [Int]
  let reads = Reads.inputs(1)
  var attributes: String { "to: \(extents)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireReal([inputs[0]])
    require(
      inputs[1] == inputs[0].with(.int32),
      "\(name): the places are \(inputs[1]); give \(inputs[0].with(.int32))")
    return [inputs[0].with(shape: inputs[0].shape.prefix(2) + extents)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    let shape = frame.outputType(0).shape
    guard let kernels = unsafe frame.instructions.kernels,
      let plane = Pooling.evenPlane(windows, shape)
    else {
      computeReference(&frame)
      return
    }
    let (dy, dx) = unsafe (frame.source(0), frame.target(0))
    let place = unsafe frame.inputs[1].rawPointer.assumingMemoryBound(to: Int32.self)
    inParallel(plane.count, grain: plane.grain) { planes in
      let (first, size) = (planes.lowerBound, plane.height * plane.width)
      unsafe kernels.pointee.maxPoolGradient2(
        dy + first * size / 4, place + first * size / 4, planes.count, plane.height, plane.width,
        dx + first * size)
    }
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (g, place) = (frame.input(0), frame.input(1, as: Int32.self))
    let count = max(1, frame.inputType(0).shape[2...].reduce(1, *))
    let size = extents.reduce(1, *)
    var dx = frame.output(0)
    for i in dx.indices { dx[i] = 0 }
    for i in g.indices { dx[i / count * size + Int(place[i])] += g[i] }
  }

  func pullback(_ rule: inout Pullback) {
    let (place, g) = (rule.input(1), rule.cotangent)
    rule.set(0, to: PlaceGather(windows: windows)(g, place))
  }

  static var samples: [Sample] {
    let windows = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "maxPooling")
    let place = Tensor([0, 3, 12, 14] as [Int32], shape: [1, 1, 2, 2])
    let overlapping = Windows([2, 2], strides: [1, 1], padding: nil, dilations: nil, "maxPooling")
    let same = Tensor([4, 4, 4, 8] as [Int32], shape: [1, 1, 2, 2])
    return [
      Sample(
        "apart", PlaceScatter(windows: windows, extents: [4, 4]), [.sample([1, 1, 2, 2]), place]),
      Sample(
        "one place", PlaceScatter(windows: overlapping, extents: [3, 3]),
        [.sample([1, 1, 2, 2]), same]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("placeScatter: the places are float32[1, 1, 2, 2]; give int32[1, 1, 2, 2]") {
        let windows = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "maxPooling")
        _ = PlaceScatter(windows: windows, extents: [4, 4])(
          .zeros([1, 1, 2, 2]), .zeros([1, 1, 2, 2]))
      }
    ]
  }
}

/// Elements read from their places in planes.
///
///     x: [N, C, A…], place: int32[N, C, B…]   →   [N, C, B…]
///
/// Pullback: x̄ is ȳ put at the places.
struct PlaceGather: Operation {
  let name = "placeGather"
  let windows: Windows
  let reads = Reads.inputs(1)

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireReal([inputs[0]])
    require(
      inputs[1].dtype == .int32 && inputs[1].shape.prefix(2) == inputs[0].shape.prefix(2),
      "\(name): the places are \(inputs[1]); give int32 with the batch and channels of \(inputs[0])"
    )
    return [inputs[0].with(shape: inputs[1].shape)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, place) = (frame.input(0), frame.input(1, as: Int32.self))
    let size = frame.inputType(0).shape[2...].reduce(1, *)
    let count = max(1, frame.inputType(1).shape[2...].reduce(1, *))
    var y = frame.output(0)
    for i in y.indices { y[i] = x[i / count * size + Int(place[i])] }
  }

  func pullback(_ rule: inout Pullback) {
    let (place, g) = (rule.input(1), rule.cotangent)
    let extents = Array(rule.inputType(0).shape[2...])
    rule.set(0, to: PlaceScatter(windows: windows, extents: extents)(g, place))
  }

  static var samples: [Sample] {
    let windows = Windows([2, 2], strides: [1, 1], padding: nil, dilations: nil, "maxPooling")
    let place = Tensor([4, 4, 4, 8] as [Int32], shape: [1, 1, 2, 2])
    return [Sample("one place", PlaceGather(windows: windows), [.sample([1, 1, 3, 3]), place])]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "placeGather: the places are int32[1, 2, 2, 2]; give int32 with the batch and channels of "
          + "float32[1, 1, 3, 3]"
      ) {
        let windows = Windows([2, 2], strides: [1, 1], padding: nil, dilations: nil, "maxPooling")
        _ = PlaceGather(windows: windows)(
          .zeros([1, 1, 3, 3]), .zeros([1, 2, 2, 2], dtype: .int32))
      }
    ]
  }
}

/// The mean of each window.
///
///     x: [N, C, A…]   →   [N, C, B…]
///
/// With one to three spatial axes. The mean is over the elements of the image, or over those of the
/// padding as well, which are 0. Pullback: ȳ/n spread over each window.
struct AveragePooling: Operation {
  let name = "averagePooling"
  let windows: Windows
  let roundsUp: Bool
  let countsPadding: Bool
  let reads = Reads.nothing
  var attributes: String {
    Pooling.attributes(windows, roundsUp: roundsUp) + (countsPadding ? ", counting padding" : "")
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    [Pooling.resultType(inputs, windows, roundsUp: roundsUp, of: self)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, shape) = (frame.input(0), frame.inputType(0).shape)
    let (extents, counts) = (Array(shape[2...]), Array(frame.outputType(0).shape[2...]))
    let (size, count) = (extents.reduce(1, *), counts.reduce(1, *))
    let divisors = Pooling.divisors(windows, extents, counts, countsPadding: countsPadding)
    var sums = Array(repeating: 0.0, count: frame.outputType(0).count)
    for plane in 0..<shape[0] * shape[1] {
      windows.forEachTap(over: extents, counts: counts) { window, _, element in
        sums[plane * count + window] += Double(x[plane * size + element])
      }
    }
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(sums[i] / divisors[i % count]) }
  }

  func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    let extents = Array(rule.inputType(0).shape[2...])
    rule.set(
      0,
      to: AveragePoolingGradient(
        windows: windows, roundsUp: roundsUp, countsPadding: countsPadding, extents: extents)(g))
  }

  static var samples: [Sample] {
    func sample(
      _ label: String, _ x: [Int], _ extents: [Int], strides: [Int], padding: [Int]? = nil,
      roundsUp: Bool = false, countsPadding: Bool = false
    ) -> Sample {
      let windows = Windows(
        extents, strides: strides, padding: padding, dilations: nil, "averagePooling")
      return Sample(
        label,
        AveragePooling(windows: windows, roundsUp: roundsUp, countsPadding: countsPadding),
        [.sample(x)])
    }
    return [
      sample("2 by 2", [2, 2, 4, 6], [2, 2], strides: [2, 2]),
      sample("padded", [1, 2, 5, 4], [3, 3], strides: [2, 2], padding: [1, 1]),
      sample(
        "counting padding", [1, 1, 5, 5], [3, 3], strides: [2, 2], padding: [1, 1], roundsUp: true,
        countsPadding: true),
      sample("a line", [1, 2, 7], [3], strides: [2]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("averagePooling: float32[4, 4] is not images [batch, channels, …] with 2 spatial axes")
      {
        _ = Tensor.zeros([4, 4]).averagePooled([2, 2])
      }
    ]
  }
}

/// The gradient of ``AveragePooling``: elements divided by the size of their window, and spread over it.
///
///     dy: [N, C, B…]   →   [N, C, A…]
///
/// Pullback: d̄y is the average pooling of d̄x.
struct AveragePoolingGradient: Operation {
  let name = "averagePoolingGradient"
  let windows: Windows
  let roundsUp: Bool
  let countsPadding: Bool
  let extents: [Int]
  let reads = Reads.nothing
  var attributes: String { "to: \(extents), " + Pooling.attributes(windows, roundsUp: roundsUp) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireReal(inputs)
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
    let divisors = Pooling.divisors(windows, extents, counts, countsPadding: countsPadding)
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
      to: AveragePooling(windows: windows, roundsUp: roundsUp, countsPadding: countsPadding)(g))
  }

  static var samples: [Sample] {
    let windows = Windows(
      [3, 2], strides: [2, 2], padding: [1, 0], dilations: nil, "averagePooling")
    let gradient = AveragePoolingGradient(
      windows: windows, roundsUp: false, countsPadding: false, extents: [5, 4])
    return [Sample("padded", gradient, [.sample([2, 1, 3, 2])])]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "averagePoolingGradient: float32[1, 1, 3, 3] is not what windows [2, 2] make of images [4, 4]"
      ) {
        let windows = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "pooling")
        _ = AveragePoolingGradient(
          windows: windows, roundsUp: false, countsPadding: false, extents: [4, 4])(
            .zeros([1, 1, 3, 3]))
      }
    ]
  }
}

/// What the pooling operations have in common.
private enum Pooling {
  static func attributes(_ windows: Windows, roundsUp: Bool) -> String {
    let rest = windows.attributes
    return "windows: \(windows.extents)" + (rest.isEmpty ? "" : ", \(rest)")
      + (roundsUp ? ", rounding up" : "")
  }

  static func resultType(
    _ inputs: [TensorType], _ windows: Windows, roundsUp: Bool, of operation: any Operation
  ) -> TensorType {
    operation.requireReal(inputs)
    let (x, rank) = (inputs[0], windows.extents.count)
    require(
      (1...3).contains(rank) && x.rank == rank + 2,
      "\(operation.name): \(x) is not images [batch, channels, …] with \(rank) spatial axes")
    require(
      zip(windows.padding, windows.extents).allSatisfy { 2 * max($0.before, $0.after) <= $1 },
      "\(operation.name): padding \(windows.padding.map(\.before)) is more than half of the window "
        + "\(windows.extents); some windows would hold nothing else")
    let counts = windows.counts(over: Array(x.shape[2...]), roundingUp: roundsUp, operation.name)
    return x.with(shape: x.shape.prefix(2) + counts)
  }

  /// The number of elements of each window of a plane that its mean is over.
  static func divisors(
    _ windows: Windows, _ extents: [Int], _ counts: [Int], countsPadding: Bool
  ) -> [Double] {
    var divisors = Array(repeating: 0.0, count: counts.reduce(1, *))
    guard countsPadding else {
      windows.forEachTap(over: extents, counts: counts) { window, _, _ in divisors[window] += 1 }
      return divisors
    }
    // The padded image is an image that windows slide over without padding.
    let padded = extents.indices.map {
      extents[$0] + windows.padding[$0].before + windows.padding[$0].after
    }
    let whole = Windows(
      windows.extents, strides: windows.strides, padding: nil, dilations: windows.dilations, "")
    whole.forEachTap(over: padded, counts: counts) { window, _, _ in divisors[window] += 1 }
    return divisors
  }

  /// Planes of even extents in windows of 2 by 2, for which there are kernels in C.
  struct EvenPlanes {
    let count: Int
    let height: Int
    let width: Int
    /// The least number of planes that is worth a thread.
    var grain: Int { max(1, (1 << 14) / max(1, height * width)) }
  }

  static func evenPlane(_ windows: Windows, _ shape: [Int]) -> EvenPlanes? {
    let pairs = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "")
    guard windows == pairs, shape[2] % 2 == 0, shape[3] % 2 == 0 else { return nil }
    return EvenPlanes(count: shape[0] * shape[1], height: shape[2], width: shape[3])
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
  /// - Precondition: the padding is at most half of the window.
  public func maxPooled(
    _ window: [Int], strides: [Int]? = nil, padding: [Int]? = nil, dilations: [Int]? = nil,
    roundingUp: Bool = false
  ) -> Tensor {
    let windows = Windows(
      window, strides: strides ?? window, padding: padding, dilations: dilations, "maxPooling")
    return MaxPooling(windows: windows, roundsUp: roundingUp).outputs(of: [self])[0]
  }

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
  ///   - dilations: how far apart neighbouring elements of a window are; 1 unless said otherwise.
  ///   - roundingUp: whether a last window may reach over the end.
  ///   - countingPadding: whether the padding counts as zeros, or not at all.
  /// - Precondition: the padding is at most half of the window.
  public func averagePooled(
    _ window: [Int], strides: [Int]? = nil, padding: [Int]? = nil, dilations: [Int]? = nil,
    roundingUp: Bool = false, countingPadding: Bool = false
  ) -> Tensor {
    let windows = Windows(
      window, strides: strides ?? window, padding: padding, dilations: dilations, "averagePooling")
    return AveragePooling(
      windows: windows, roundsUp: roundingUp, countsPadding: countingPadding)(self)
  }
}
