/// A step of Adam, of all parameters at once.
///
///     parameters, gradients, means, squares: as many each, coefficients: [9]
///         →   parameters, means, squares
///
/// For each parameter p, with its gradient g, the mean m and the mean square v:
///
///     g ← g + λ·p, or decoupled p ← (1 − η·λ)·p
///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + ((1 − β₂)·g)·g
///     p ← p − m/(√v/√(1 − β₂ᵗ) + ε) · η/(1 − β₁ᵗ)
///
/// The coefficients are η/(1 − β₁ᵗ), β₁, 1 − β₁, β₂, 1 − β₂, √(1 − β₂ᵗ), ε, λ and 1 − η·λ, each rounded
/// once to the parameters' element type. Each operation rounds, in the order of the formula. A finite g
/// beyond ±B, with B = 2⁶³ in float32 and 2⁵¹¹ in float64, counts as ±B in both averages: then no v
/// overflows, and m/√v is as for gradients of any other size. An infinite or unknown g makes the parameter
/// unknown.
///
/// Source: Kingma & Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1; Loshchilov &
/// Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
struct AdamStep: FusedOperation {
  /// How many parameters there are.
  let count: Int
  let decaysWeights: Bool
  /// Whether weight decay acts on the parameter itself.
  let isDecoupled: Bool

  var name: String { "adamStep" }
  var attributes: String {
    "of: \(count)"
      + (decaysWeights ? isDecoupled ? ", decoupled weight decay" : ", weight decay" : "")
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireLists(inputs, 4, count: count, coefficients: 9)
    return Array(repeating: Array(inputs[..<count]), count: 3).flatMap(\.self)
  }

  /// B, about √¼ of the largest number: its square may be averaged, and rounded, without overflow.
  static func largestGradient(_ dtype: DType) -> Double {
    dtype == .float32 ? 0x1p63 : 0x1p511
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let coefficients = (0..<9).map { inputs[inputs.count - 1][$0] }
    var (parameters, means, squares): ([Tensor], [Tensor], [Tensor]) = ([], [], [])
    for index in 0..<count {
      var (parameter, gradient) = (inputs[index], inputs[count + index])
      if decaysWeights {
        if isDecoupled {
          parameter = parameter * coefficients[8]
        } else {
          gradient += parameter * coefficients[7]
        }
      }
      let bound = AdamStep.largestGradient(gradient.dtype)
      gradient = gradient.clamped(to: -bound...bound)
        .select(where: gradient.magnitude() .< .infinity, otherwise: gradient)
      let mean = inputs[2 * count + index] * coefficients[1] + gradient * coefficients[2]
      let square =
        inputs[3 * count + index] * coefficients[3] + gradient * coefficients[4] * gradient
      let deviation = square.squareRoot() / coefficients[5] + coefficients[6]
      parameters.append(parameter - mean / deviation * coefficients[0])
      means.append(mean)
      squares.append(square)
    }
    return parameters + means + squares
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let c = frame.input(frame.inputCount - 1)
    let bound = Scalar(AdamStep.largestGradient(Scalar.dtype))
    for index in 0..<count {
      let (parameters, gradients) = (frame.input(index), frame.input(count + index))
      let (means, squares) = (frame.input(2 * count + index), frame.input(3 * count + index))
      for i in parameters.indices {
        var (parameter, gradient) = (parameters[i], gradients[i])
        if decaysWeights, isDecoupled { parameter *= c[8] }
        if decaysWeights, !isDecoupled { gradient += parameter * c[7] }
        if gradient.isFinite { gradient = Swift.max(-bound, Swift.min(bound, gradient)) }
        let mean = means[i] * c[1] + gradient * c[2]
        let square = squares[i] * c[3] + gradient * c[4] * gradient
        var output = frame.output(index)
        output[i] = parameter - mean / (square.squareRoot() / c[5] + c[6]) * c[0]
        output = frame.output(count + index)
        output[i] = mean
        output = frame.output(2 * count + index)
        output[i] = square
      }
    }
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ step: AdamStep) -> Sample {
      let coefficients = [0.01, 0.9, 0.1, 0.99, 0.01, 0.02, 1e-3, 0.1, 0.999]
      let shapes = [[2], [1, 2]].prefix(step.count)
      return Sample(
        label, step,
        (0..<3).flatMap { list in shapes.map { .sample($0, seed: UInt64(2 * list + $0.count)) } }
          + shapes.map { .sample($0, in: 0.5...2, seed: UInt64(7 + $0.count)) }
          + [Tensor(coefficients)])
    }
    return [
      sample("plain", AdamStep(count: 2, decaysWeights: false, isDecoupled: false)),
      sample("weight decay", AdamStep(count: 1, decaysWeights: true, isDecoupled: false)),
      sample("decoupled", AdamStep(count: 1, decaysWeights: true, isDecoupled: true)),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("adamStep: takes 5 operands, got 2") {
        _ = AdamStep(count: 1, decaysWeights: false, isDecoupled: false)
          .outputs(of: [.zeros([2]), .zeros([2])])
      }
    ]
  }
}

/// Changes parameters by a step of Adam along their gradients, with their means and mean squares.
///
/// - Parameter biases: 1 − β₁ᵗ and 1 − β₂ᵗ.
package func takeAdamStep(
  _ parameters: inout [Tensor], along gradients: [Tensor], means: inout [Tensor],
  squares: inout [Tensor], learningRate: Double, betas: (Double, Double),
  biases: (Double, Double), epsilon: Double, weightDecay: Double, decoupled: Bool
) {
  let lists = [parameters, gradients, means, squares]
  // Given up, so that what is new takes the place of what was there.
  (parameters, means, squares) = ([], [], [])
  let results = byElementType(consume lists) { (operands: consuming [Tensor], dtype) in
    let count = operands.count / 4
    let operation = AdamStep(count: count, decaysWeights: weightDecay != 0, isDecoupled: decoupled)
    let coefficients = [
      learningRate / biases.0, betas.0, 1 - betas.0, betas.1, 1 - betas.1, biases.1.squareRoot(),
      epsilon,
      weightDecay, 1 - learningRate * weightDecay,
    ]
    operands.append(Tensor(coefficients, dtype: dtype))
    return operation.outputs(
      of: consume operands, inPlaceOf: Array(0..<count) + Array(2 * count..<4 * count))
  }
  (parameters, means, squares) = (results[0], results[1], results[2])
}
