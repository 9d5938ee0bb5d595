internal import AdjointKernels

/// What the pooling operations have in common.
enum Pooling {
  /// What the sum of a window is divided by.
  enum Divisor: Sendable, Hashable {
    /// The number of its elements within the image.
    case elements
    /// The number of its elements within the padded image.
    case elementsAndPadding
    /// Nothing.
    case one

    var attributes: String {
      switch self {
      case .elements: ""
      case .elementsAndPadding: ", counting padding"
      case .one: ", summed"
      }
    }
  }

  static func attributes(_ windows: Windows, roundsUp: Bool) -> String {
    let rest = windows.attributes
    return "windows: \(windows.extents)" + (rest.isEmpty ? "" : ", \(rest)")
      + (roundsUp ? ", rounding up" : "")
  }

  static func resultType(
    _ inputs: [TensorType], _ windows: Windows, roundsUp: Bool, divisor: Divisor = .elements,
    of operation: any Operation
  ) -> TensorType {
    operation.requireCount(inputs, 1)
    let (x, rank) = (inputs[0], windows.extents.count)
    require(
      (1...3).contains(rank) && x.rank == rank + 2,
      "\(operation.name): \(x) is not images [batch, channels, …] with \(rank) spatial axes")
    let counts = windows.counts(over: Array(x.shape[2...]), roundingUp: roundsUp, operation.name)
    require(
      divisor != .elements || !windows.skipImages(Array(x.shape[2...]), counts),
      "\(operation.name): windows \(windows.extents), dilated by \(windows.dilations), skip over "
        + "\(Array(x.shape[2...])), and some hold nothing but padding; pad or dilate less")
    return x.with(shape: x.shape.prefix(2) + counts)
  }

  /// The number of elements of each window of a plane that its mean is over.
  static func divisors(
    _ windows: Windows, _ extents: [Int], _ counts: [Int], divisor: Divisor
  ) -> [Double] {
    let count = counts.reduce(1, *)
    return unsafe Array(unsafeUninitializedCapacity: count) { divisors, initialized in
      if let start = divisors.baseAddress {
        unsafe write(windows, extents, counts, divisor: divisor, to: start)
      }
      initialized = count
    }
  }

  /// Writes them to memory.
  static func write(
    _ windows: Windows, _ extents: [Int], _ counts: [Int], divisor: Divisor,
    to divisors: UnsafeMutablePointer<Double>
  ) {
    unsafe divisors.update(repeating: divisor == .one ? 1 : 0, count: counts.reduce(1, *))
    if divisor == .one { return }
    guard divisor == .elementsAndPadding else {
      windows.forEachTap(over: extents, counts: counts) { window, _, _ in
        unsafe divisors[window] += 1
      }
      return
    }
    // The padded image is an image that windows slide over without padding.
    let padded = extents.indices.map {
      extents[$0] + windows.padding[$0].before + windows.padding[$0].after
    }
    let whole = Windows(
      windows.extents, strides: windows.strides, padding: nil, dilations: windows.dilations, "")
    whole.forEachTap(over: padded, counts: counts) { window, _, _ in
      unsafe divisors[window] += 1
    }
  }

  /// The windows for the kernels in C.
  static func shape(
    _ windows: Windows, _ extents: [Int], _ counts: [Int]
  ) -> AdjointPooling {
    func three(_ numbers: [Int], filling value: Int = 1) -> (Int, Int, Int) {
      Windows.threeAxes(numbers, filling: value)
    }
    return AdjointPooling(
      extents: three(extents), counts: three(counts), taps: three(windows.extents),
      strides: three(windows.strides), dilations: three(windows.dilations),
      before: three(windows.padding.map(\.before), filling: 0))
  }

  /// The least number of planes that is worth a thread.
  static func grain(_ windows: Windows, _ counts: [Int]) -> Int {
    Grain.count(of: counts.reduce(1, *) * windows.extents.reduce(1, *))
  }

  /// Planes of even extents in windows of 2 by 2, for which there are kernels in C.
  struct EvenPlanes {
    let count: Int
    let height: Int
    let width: Int
    /// The least number of planes that is worth a thread.
    var grain: Int { Grain.count(of: height * width) }
  }

  static func evenPlane(_ windows: Windows, _ shape: [Int]) -> EvenPlanes? {
    let pairs = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "")
    guard windows == pairs, shape[2] % 2 == 0, shape[3] % 2 == 0 else { return nil }
    return EvenPlanes(count: shape[0] * shape[1], height: shape[2], width: shape[3])
  }
}
