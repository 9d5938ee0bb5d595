/// The hand-derived gradient of ``GroupNormalization`` for a cotangent of y.
///
///     x: [N, C, A…], scale: [C], mean, inverseDeviation: [N, G], dy: [N, C, A…]
///         →   dx: [N, C, A…], dscale: [C], dshift: [C], projection: [N, G]
///
/// With r = mean(x − μ), x̂ = (x − μ − r)/√(σ² + ε) and g = γ·dy, over the n values of each group of each
/// sample:
///
///     S₁ = mean(g)    P = Σ (g − S₁)·x̂    dx = (g − S₁ − x̂·P/n)/√(σ² + ε)
///
/// and over all but the channels dγ = Σ dy·x̂, dβ = Σ dy. A group whose dy is all zeros sends back zeros and
/// adds none to the sums, whatever its x is. Its own pullback is that of the composition; see
/// ``BatchNormalizationGradient``.
struct GroupNormalizationGradient: FusedOperation {
  /// The number of groups, G.
  let groups: Int

  var name: String { "groupNormalizationGradient" }
  var attributes: String { "groups: \(groups)" }

  var cotangentInput: Int? { 4 }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 5)
    let x = inputs[0]
    requireChannels(inputs[1], of: x, 1, "scale")
    let statistic = x.with(shape: [x.shape[0], groups])
    for (number, role) in [(2, "mean"), (3, "inverse deviation")] {
      require(
        inputs[number] == statistic,
        "\(name): the \(role) is \(inputs[number]); \(groups) groups of \(x) need \(statistic)")
    }
    require(inputs[4] == x, "\(name): dy is \(inputs[4]), x is \(x); give dy the type of x")
    return [x, inputs[1], inputs[1], statistic]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    inFloat64(inputs, definition)
  }

  var patterns: [@Sendable ([Tensor]) -> [Tensor]] { [definition] }

  private func definition(_ inputs: [Tensor]) -> [Tensor] {
    let (x, dy) = (inputs[0], inputs[4])
    let others = x.type.axes(besides: 1)
    guard x.count > 0 else {
      let sum = dy.sum(over: others)
      return [dy * inputs[1].channels(1, rank: x.rank), sum, sum, .zeros(like: inputs[3])]
    }
    let shape = [x.shape[0], groups, 1]
    let mean = inputs[2].reshaped(to: shape).stoppingGradient()
    let inverse = inputs[3].reshaped(to: shape)
    let roughlyCentred = x.grouped(in: groups) - mean
    let normalized =
      (roughlyCentred - roughlyCentred.mean(over: [2], keepingAxes: true)) * inverse
    let g = (dy * inputs[1].channels(1, rank: x.rank)).grouped(in: groups)
    let centred = g - g.mean(over: [2], keepingAxes: true)
    let product = centred * normalized
    let dx = inverse * (centred - normalized * product.mean(over: [2], keepingAxes: true))
    return [
      dx.reshaped(to: x.shape), (dy * normalized.reshaped(to: x.shape)).sum(over: others),
      dy.sum(over: others), product.sum(over: [2]),
    ]
  }

  /// The kernel, with sums in float64.
  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, scale, mean) = (frame.input(0), frame.input(1), frame.input(2))
    let (inverse, dy) = (frame.input(3), frame.input(4))
    let layout = SampleGroups(frame.inputType(0), groups)
    var dscale = Array(repeating: 0.0, count: layout.channels)
    var (dshift, projections) = (dscale, [Double]())
    var dx = frame.output(0)
    for number in 0..<layout.count {
      let (positions, count) = (layout.positions(number), Double(layout.size))
      guard positions.contains(where: { dy[$0] != 0 }) else {
        for i in positions { dx[i] = 0 }
        projections.append(0)
        continue
      }
      let (center, factor) = (Double(mean[number]), Double(inverse[number]))
      var (sum, remainder, projection) = (0.0, 0.0, 0.0)
      for i in positions {
        sum += Double(dy[i]) * Double(scale[layout.channel(i)])
        remainder += Double(x[i]) - center
      }
      let (meanGradient, meanRest) = (sum / count, remainder / count)
      for i in positions {
        let channel = layout.channel(i)
        let normalized = (Double(x[i]) - center - meanRest) * factor
        projection += (Double(dy[i]) * Double(scale[channel]) - meanGradient) * normalized
        dscale[channel] += Double(dy[i]) * normalized
        dshift[channel] += Double(dy[i])
      }
      for i in positions {
        let g = Double(dy[i]) * Double(scale[layout.channel(i)])
        let normalized = (Double(x[i]) - center - meanRest) * factor
        dx[i] = Scalar((g - meanGradient - normalized * (projection / count)) * factor)
      }
      projections.append(projection)
    }
    frame.write(dscale, to: 1)
    frame.write(dshift, to: 2)
    frame.write(projections, to: 3)
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ shape: [Int], groups: Int) -> Sample {
      let statistic = [shape[0], groups]
      return Sample(
        label, GroupNormalizationGradient(groups: groups),
        [
          .sample(shape), .sample([shape[1]], seed: 2), .sample(statistic, seed: 3, deviation: 0.1),
          .sample(statistic, in: 0.5...2, seed: 5), .sample(shape, seed: 6),
        ])
    }
    return [
      sample("rows", [3, 4], groups: 1), sample("groups of a matrix", [2, 4], groups: 2),
      sample("images", [2, 4, 1, 2], groups: 2), sample("empty batch", [0, 4], groups: 2),
      sample("empty images", [2, 4, 0], groups: 2),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "groupNormalizationGradient: the mean is float32[4]; 2 groups of float32[2, 4] need "
          + "float32[2, 2]"
      ) {
        let vector = Tensor.ones([4])
        _ = GroupNormalizationGradient(groups: 2)
          .outputs(of: [.ones([2, 4]), vector, vector, vector, .ones([2, 4])])
      }
    ]
  }
}
