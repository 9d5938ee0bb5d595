/// Normalization of each group of channels of each sample: group norm, and with one group layer norm.
///
///     x: [N, C, A…], scale: [C], shift: [C], epsilon: []
///         →   y: [N, C, A…], mean: [N, G], inverseDeviation: [N, G]
///
/// For each sample and group, over its C/G channels with all their axes, as for a channel of
/// ``BatchNormalization``:
///
///     μ = mean(x)    r = mean(x − μ)    c = x − μ − r    σ² = mean(c²)
///     x̂ = c / √(σ² + ε)                 y = γ·x̂ + β
///
/// Scale and shift are those of the channels. A constant group, and one of a single value, gives exactly β.
///
/// Sources: Wu & He, "Group normalization" (2018); Ba, Kiros & Hinton, "Layer normalization" (2016).
struct GroupNormalization: FusedOperation {
  /// The number of groups, G.
  let groups: Int

  var name: String { "groupNormalization" }
  var attributes: String { "groups: \(groups)" }
  var reads: Reads { .inputs(0, 1).and(.outputs(1, 2)) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 4)
    let x = inputs[0]
    require(
      x.rank >= 2 && groups >= 1 && x.shape[1] % groups == 0,
      "\(name): \(groups) groups do not divide the channels of \(x), axis 1; give a divisor of them"
    )
    requireChannels(inputs[1], of: x, 1, "scale")
    requireChannels(inputs[2], of: x, 1, "shift")
    require(
      inputs[3] == x.with(shape: []),
      "\(name): epsilon is \(inputs[3]); give \(x.with(shape: []))")
    let statistic = x.with(shape: [x.shape[0], groups])
    return [x, statistic, statistic]
  }

  // MARK: Definition

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    inputs[0].dtype == .float64
      ? definition(inputs, inUnits: true) : inFloat64(inputs) { definition($0) }
  }

  var patterns: [@Sendable ([Tensor]) -> [Tensor]] { [{ definition($0) }] }

  private func definition(_ inputs: [Tensor], inUnits: Bool = false) -> [Tensor] {
    let (x, scale, shift, epsilon) = (inputs[0], inputs[1], inputs[2], inputs[3])
    guard x.count > 0 else {
      let unknown = Tensor.full([x.shape[0], groups], .nan, dtype: x.dtype)
      return [x.affine(scale: scale, shift: shift, axis: 1), unknown, unknown]
    }
    let rows = x.grouped(in: groups)
    let mean = rows.mean(over: [2], keepingAxes: true)
    let roughlyCentred = rows - mean
    let centred = roughlyCentred - roughlyCentred.mean(over: [2], keepingAxes: true)
    let inverseDeviation = centred.spread(over: [2], epsilon: epsilon, inUnits: inUnits)
      .inverseDeviation
    let normalized = (centred * inverseDeviation).reshaped(to: x.shape)
    return [
      normalized.affine(scale: scale, shift: shift, axis: 1), mean.squeezed(at: 2),
      inverseDeviation.squeezed(at: 2),
    ]
  }

  // MARK: Kernel

  /// Stops at an inverse deviation that nothing can be multiplied by.
  func requireDeviation(_ inverse: Double, _ number: Int, _ type: TensorType) {
    requireInverseDeviation(inverse, type.dtype) {
      (groups == 1 ? "layer or group normalization: " : "\(name): group \(number % groups) of ")
        + "sample \(number / groups) of \(type)"
    }
  }

  /// The kernel, with sums in float64.
  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, scale, shift) = (frame.input(0), frame.input(1), frame.input(2))
    let (epsilon, type) = (Double(frame.input(3)[0]), frame.inputType(0))
    let layout = SampleGroups(type, groups)
    var (means, inverses) = ([Double](), [Double]())
    var y = frame.output(0)
    for number in 0..<layout.count {
      let positions = layout.positions(number)
      let (mean, remainder, inverse) = spread(of: positions, epsilon: epsilon) { Double(x[$0]) }
      if layout.size > 0 { requireDeviation(Double(Scalar(inverse)), number, type) }
      means.append(mean)
      inverses.append(inverse)
      for i in positions {
        let channel = layout.channel(i)
        let normalized = (Double(x[i]) - mean - remainder) * inverse
        y[i] = Scalar(normalized * Double(scale[channel]) + Double(shift[channel]))
      }
    }
    frame.write(means, to: 1)
    frame.write(inverses, to: 2)
  }

  // MARK: Rule

  /// The hand-derived pullback, of the cotangent of y alone. Since ∂y/∂ε = −½·γ·x̂/(σ² + ε), ε̄ is
  /// −½ Σ P/(σ² + ε), where P are the sums of ȳ·γ·x̂ over the groups.
  func fusedPullback(_ rule: inout Pullback) -> Bool {
    guard !(1...2).contains(where: rule.hasCotangent) else { return false }
    let (x, inverse) = (rule.input(0), rule.output(2))
    let gradients = GroupNormalizationGradient(groups: groups)
      .outputs(of: [x, rule.input(1), rule.output(1), inverse, rule.cotangent])
    rule.set(0, to: gradients[0])
    rule.set(1, to: gradients[1])
    rule.set(2, to: gradients[2])
    // An empty batch has no deviation to multiply by, and no cotangent.
    rule.set(
      3,
      to: x.count == 0
        ? x.scalar(0) : gradients[3].scaled(by: inverse.squared()).sum() * -0.5)
    return true
  }

  // MARK: Samples

  static var samples: [Sample] {
    func sample(
      _ label: String, _ shape: [Int], groups: Int, epsilon: Double = 1e-5, mean: Double = 0,
      deviation: Double = 1
    ) -> Sample {
      Sample(
        label, GroupNormalization(groups: groups),
        [
          .sample(shape, mean: mean, deviation: deviation), .sample([shape[1]], seed: 2),
          .sample([shape[1]], seed: 3), Tensor(epsilon, dtype: .float64),
        ])
    }
    return [
      sample("rows", [3, 5], groups: 1), sample("groups of a matrix", [2, 6], groups: 2),
      sample("images", [2, 4, 2, 2], groups: 2), sample("each channel", [2, 2, 3], groups: 2),
      sample("small deviation", [2, 5], groups: 1, epsilon: 0, mean: 1, deviation: 1e-3),
      sample("one feature", [3, 1], groups: 1), sample("empty batch", [0, 4], groups: 2),
      sample("empty images", [2, 4, 0], groups: 2),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("groupNormalization: 3 groups do not divide the channels of float32[2, 4], axis 1") {
        _ = Tensor.zeros([2, 4]).groupNormalized(groups: 3, scale: .ones([4]), shift: .zeros([4]))
      },
      Misuse(
        "groupNormalization: group 1 of sample 0 of float32[1, 4] is constant, or its deviation too small for "
          + "float32, and epsilon is 0 in float32; give a larger one"
      ) {
        let y = Tensor([[1, 2, 3, 3]])
          .groupNormalized(groups: 2, scale: .ones([4]), shift: .zeros([4]), epsilon: 0)
        _ = [Float](y)
      },
    ]
  }
}

/// A batch as groups of channels of samples, each of which lies together.
struct SampleGroups {
  /// The number of samples.
  let samples: Int
  /// The number of samples times that of the groups.
  let count: Int
  /// The number of elements of a group of a sample.
  let size: Int
  /// The number of elements of a channel of a sample.
  let inner: Int
  let channels: Int

  init(_ type: TensorType, _ groups: Int) {
    channels = type.shape[1]
    inner = type.shape[2...].reduce(1, *)
    samples = type.shape[0]
    (count, size) = (samples * groups, channels / groups * inner)
  }

  /// Where a group of a sample lies.
  func positions(_ number: Int) -> Range<Int> { number * size..<(number + 1) * size }

  /// The channel of an element.
  func channel(_ position: Int) -> Int { position / inner % channels }
}

extension KernelFrame where Scalar: RealScalar {
  /// Writes an output.
  mutating func write(_ numbers: [Double], to number: Int) {
    var output = output(number)
    for (index, value) in numbers.enumerated() { output[index] = Scalar(value) }
  }
}

extension Tensor {
  /// The groups of channels of each sample, [N, G, n].
  func grouped(in groups: Int) -> Tensor {
    reshaped(to: [shape[0], groups, shape[1...].reduce(1, *) / groups])
  }
}
