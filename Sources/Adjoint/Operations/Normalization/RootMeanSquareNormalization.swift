/// Division of each row by the root of its mean square: what RMS norm does before it scales.
///
///     x: [N, D], epsilon: []   →   y: [N, D], inverse: [N]
///
/// inverse = 1/√(mean(x²) + ε) and y = x·inverse, with squares added up in float64, which hold what
/// float32 holds; those of larger numbers are scaled first. Pullback of y alone, with P = mean(ȳ·y) of each row: x̄ = (ȳ − y·P)·inverse, and
/// since ∂y/∂ε = −½·y·inverse², ε̄ = −½ Σ D·P·inverse².
///
/// Source: Zhang & Sennrich, "Root mean square layer normalization" (2019).
struct RootMeanSquareNormalization: FusedOperation {
  var name: String { "rootMeanSquareNormalization" }
  var reads: Reads { .outputs(0, 1) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    let x = inputs[0]
    require(x.rank == 2, "\(name): \(x) is not rows [batch, features]; reshape it")
    require(
      inputs[1] == x.with(shape: []),
      "\(name): epsilon is \(inputs[1]); give \(x.with(shape: []))")
    return [x, x.with(shape: [x.shape[0]])]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    guard inputs[0].count > 0 else {
      return [inputs[0], .full([inputs[0].shape[0]], .nan, dtype: inputs[0].dtype)]
    }
    return inFloat64(inputs) { inputs in
      let meanSquare = inputs[0].squared().mean(over: [1], keepingAxes: true)
      let inverse = (meanSquare + inputs[1]).rsqrt()
      return [inputs[0] * inverse, inverse.squeezed(at: 1)]
    }
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, epsilon) = (frame.input(0), Double(frame.input(1)[0]))
    let (rows, width) = (frame.inputType(0).shape[0], frame.inputType(0).shape[1])
    var inverses = Array(repeating: Double.nan, count: rows)
    var y = frame.output(0)
    for row in 0..<rows where width > 0 {
      let elements = row * width..<(row + 1) * width
      let inverse = inverse(of: elements, epsilon) { Double(x[$0]) }
      for i in elements { y[i] = Scalar(Double(x[i]) * inverse) }
      inverses[row] = inverse
    }
    frame.write(inverses, to: 1)
  }

  /// 1/√(mean(x²) + ε) of the elements at some positions, whatever their size.
  func inverse(of positions: Range<Int>, _ epsilon: Double, element: (Int) -> Double) -> Double {
    var (squares, largest) = (CompensatedSum(), 0.0)
    for i in positions { largest = max(largest, element(i).magnitude) }
    // Small squares vanish beside ε, if there is one.
    let unit = SquareUnit(for: epsilon > 0 ? max(largest, 1) : largest)
    for i in positions {
      let relative = element(i) * unit.inverse
      squares += relative * relative
    }
    let rest = epsilon * unit.inverse * unit.inverse
    return 1 / (squares.value / Double(positions.count) + rest).squareRoot() * unit.inverse
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    guard !rule.hasCotangent(1), rule.inputType(0).count > 0 else { return false }
    let (y, g) = (rule.output(0), rule.cotangent)
    let inverse = rule.output(1).expanded(at: 1)
    let projection = g.scaled(by: y).mean(over: [1], keepingAxes: true)
    rule.set(0, to: (g - projection.scaled(by: y)).scaled(by: inverse))
    let width = Double(rule.inputType(0).shape[1])
    rule.set(1, to: projection.scaled(by: inverse.squared()).sum() * (-0.5 * width))
    return true
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ shape: [Int], epsilon: Double = 1e-5, mean: Double = 0) -> Sample
    {
      Sample(
        label, RootMeanSquareNormalization(),
        [.sample(shape, mean: mean), Tensor(epsilon, dtype: .float64)])
    }
    return [
      sample("rows", [3, 5]), sample("without epsilon", [2, 4], epsilon: 0),
      sample("offset", [2, 3], epsilon: 0.5, mean: 10),
      sample("one feature", [3, 1], epsilon: 0.5),
      sample("empty batch", [0, 4]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("rootMeanSquareNormalization: float32[3] is not rows [batch, features]; reshape it") {
        _ = RootMeanSquareNormalization().outputs(of: [.zeros([3]), Tensor(1e-5)])
      }
    ]
  }
}

extension Tensor {
  /// Divides by the root of the mean square over the axes from `axis` on, then scales: RMS norm.
  ///
  ///     x: [N…, D…], scale: [D…]   →   [N…, D…]
  ///
  /// y = γ·x/√(mean(x²) + ε), with squares added up in float64. Pullback, with x̂ = x/√(mean(x²) + ε)
  /// and g = γ·ȳ: x̄ = (g − x̂·mean(g·x̂))/√(mean(x²) + ε), γ̄ = Σ ȳ·x̂.
  /// - Precondition: the scale has the shape of the axes; ε ≥ 0.
  ///
  /// Source: Zhang & Sennrich, "Root mean square layer normalization" (2019).
  public func rootMeanSquareNormalized(
    scale: Tensor, from axis: Int = -1, epsilon: Double = 1e-5
  ) -> Tensor {
    requireFloatingPoint("rootMeanSquareNormalized")
    let axis = resolved(axis, rank: rank, "rootMeanSquareNormalized", type)
    let features = Array(shape[axis...])
    require(
      scale.shape == features && scale.dtype == dtype,
      "rootMeanSquareNormalized: the scale is \(scale.type); the axes of \(type) from \(axis) on need "
        + "\(type.with(shape: features))")
    require(
      epsilon >= 0,
      "rootMeanSquareNormalized: epsilon is \(epsilon); it is added to a mean square, give 0 or more"
    )
    let rows = reshaped(to: [shape[..<axis].reduce(1, *), features.reduce(1, *)])
    let normalized = RootMeanSquareNormalization().outputs(of: [rows, scalar(epsilon)])[0]
    return normalized.reshaped(to: shape) * scale
  }
}
