/// A step of gradient descent, of all parameters at once.
///
///     parameters, gradients, velocities (if there are any yet): as many each, coefficients: [4]
///         →   parameters, and velocities if there is a momentum
///
/// For each parameter p, with its gradient g and its velocity v:
///
///     g ← g + λ·p        v ← μ·v + (1 − d)·g, starting as g        p ← p − η·v, or p − η·(g + μ·v)
///
/// The coefficients are η, μ, 1 − d and λ, in the parameters' element type: η differs from step to step
/// and does not make another operation. Each operation rounds, in the order of the formula.
///
/// Source: Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep
/// learning" (2013).
struct GradientDescentStep: FusedOperation {
  /// How many parameters there are.
  let count: Int
  let hasMomentum: Bool
  /// Whether there are velocities of earlier steps.
  let hasVelocities: Bool
  /// Whether the gradient is taken where the velocity leads to.
  let isNesterov: Bool
  let decaysWeights: Bool

  var name: String { "gradientDescentStep" }
  var attributes: String {
    "of: \(count)" + (hasMomentum ? ", momentum" : "") + (isNesterov ? ", Nesterov" : "")
      + (decaysWeights ? ", weight decay" : "")
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireLists(inputs, hasVelocities ? 3 : 2, count: count, coefficients: 4)
    let parameters = Array(inputs[..<count])
    return hasMomentum ? parameters + parameters : parameters
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let coefficients = inputs[inputs.count - 1]
    let (rate, momentum) = (coefficients[0], coefficients[1])
    var (parameters, velocities): ([Tensor], [Tensor]) = ([], [])
    for index in 0..<count {
      let parameter = inputs[index]
      var step = inputs[count + index]
      if decaysWeights { step += parameter * coefficients[3] }
      if hasMomentum {
        let velocity =
          hasVelocities ? inputs[2 * count + index] * momentum + step * coefficients[2] : step
        velocities.append(velocity)
        step = isNesterov ? step + velocity * momentum : velocity
      }
      parameters.append(parameter - step * rate)
    }
    return parameters + velocities
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let coefficients = frame.input(frame.inputCount - 1)
    let (rate, momentum) = (coefficients[0], coefficients[1])
    let (share, decay) = (coefficients[2], coefficients[3])
    for index in 0..<count {
      let (parameter, gradient) = (frame.input(index), frame.input(count + index))
      for i in parameter.indices {
        var step = gradient[i]
        if decaysWeights { step += parameter[i] * decay }
        if hasMomentum {
          let old = frame.input(hasVelocities ? 2 * count + index : index)
          let velocity = hasVelocities ? old[i] * momentum + step * share : step
          var velocities = frame.output(count + index)
          velocities[i] = velocity
          step = isNesterov ? step + velocity * momentum : velocity
        }
        var result = frame.output(index)
        result[i] = parameter[i] - step * rate
      }
    }
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ step: GradientDescentStep, decay: Double = 0) -> Sample {
      let lists = 0..<(step.hasVelocities ? 6 : 4)
      return Sample(
        label, step,
        lists.map { .sample($0.isMultiple(of: 2) ? [1, 2] : [2], seed: UInt64($0 + 1)) }
          + [Tensor([0.1, 0.9, 0.8, decay] as [Double])])
    }
    func step(
      momentum: Bool = false, velocities: Bool = false, nesterov: Bool = false, decay: Bool = false
    ) -> GradientDescentStep {
      GradientDescentStep(
        count: 2, hasMomentum: momentum, hasVelocities: velocities, isNesterov: nesterov,
        decaysWeights: decay)
    }
    return [
      sample("plain", step()),
      sample("first with momentum", step(momentum: true)),
      sample("with momentum", step(momentum: true, velocities: true, decay: true), decay: 0.01),
      sample("Nesterov", step(momentum: true, velocities: true, nesterov: true)),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "gradientDescentStep: tensor 0 of list 1 is float32[3], that of the parameters float32[2]; give "
          + "one of its type"
      ) {
        _ = GradientDescentStep(
          count: 1, hasMomentum: false, hasVelocities: false, isNesterov: false,
          decaysWeights: false)(.zeros([2]), .zeros([3]), .zeros([4]))
      }
    ]
  }
}

/// Changes parameters by a step of gradient descent along their gradients, and their velocities if there is a
/// momentum; there are none before the first step.
package func takeGradientDescentStep(
  _ parameters: inout [Tensor], along gradients: [Tensor], velocities: inout [Tensor],
  learningRate: Double, momentum: Double, dampening: Double, weightDecay: Double, nesterov: Bool
) {
  let hasVelocities = momentum != 0 && !velocities.isEmpty
  let lists = [parameters, gradients] + (hasVelocities ? [velocities] : [])
  // Given up, so that what is new takes the place of what was there.
  parameters = []
  if hasVelocities { velocities = [] }
  let results = byElementType(consume lists) { (operands: consuming [Tensor], dtype) in
    let count = operands.count / (hasVelocities ? 3 : 2)
    let operation = GradientDescentStep(
      count: count, hasMomentum: momentum != 0, hasVelocities: hasVelocities,
      isNesterov: nesterov, decaysWeights: weightDecay != 0)
    operands.append(Tensor([learningRate, momentum, 1 - dampening, weightDecay], dtype: dtype))
    let state = hasVelocities ? Array(2 * count..<3 * count) : []
    return operation.outputs(of: consume operands, inPlaceOf: Array(0..<count) + state)
  }
  parameters = results[0]
  if momentum != 0 { velocities = results[1] }
}
