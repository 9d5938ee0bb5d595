internal import AdjointKernels

/// Parameters, their gradients and an optimizer's state, each list with its tensors in one order: all
/// float32, and on no tape.
///
/// What an optimizer does to one element it does to all: one pass over memory serves all parameters.
package struct ParameterUpdate {
  private let inputs: [[Storage]]
  private let types: [TensorType]

  /// Nil if a tensor is on a tape or of another type, so that ordinary operations have to do, or if
  /// the reference is asked for.
  package init?(_ lists: [[Tensor]]) {
    guard unsafe InstructionSet.current.kernels != nil else { return nil }
    types = lists[0].map(\.type)
    var inputs: [[Storage]] = []
    for list in lists {
      var storages: [Storage] = []
      storages.reserveCapacity(list.count)
      for tensor in list {
        guard tensor.dtype == .float32, case .stored(let storage) = tensor.content else {
          return nil
        }
        storages.append(storage)
      }
      inputs.append(storages)
    }
    self.inputs = inputs
  }

  /// A step of gradient descent from [parameters, gradients], and velocities if there are any yet, to
  /// parameters, and velocities if there is a momentum.
  package func gradientDescent(
    learningRate: Double, momentum: Double, dampening: Double, weightDecay: Double, nesterov: Bool
  ) -> [[Tensor]] {
    let rule = AdjointGradientDescent(
      learningRate: learningRate, momentum: momentum, dampening: dampening,
      weightDecay: weightDecay, isNesterov: nesterov ? 1 : 0)
    let hasVelocity = inputs.count > 2
    return unsafe apply(outputs: momentum == 0 ? 1 : 2) { kernels, part in
      unsafe kernels.pointee.gradientDescent(
        rule, part.count, part.input(1), part.input(0), hasVelocity ? part.input(2) : nil,
        part.output(0), momentum == 0 ? nil : part.output(1))
    }
  }

  /// A step of Adam from [parameters, gradients, means, squares] to parameters, means and squares.
  package func adam(
    learningRate: Double, betas: (Double, Double), biases: (Double, Double), epsilon: Double,
    weightDecay: Double, decoupled: Bool
  ) -> [[Tensor]] {
    let rule = AdjointAdam(
      learningRate: learningRate, beta1: betas.0, beta2: betas.1, meanBias: biases.0,
      squareBias: biases.1, epsilon: epsilon, weightDecay: weightDecay,
      isDecoupled: decoupled ? 1 : 0)
    return unsafe apply(outputs: 3) { kernels, part in
      unsafe kernels.pointee.adam(
        rule, part.count, part.input(1), part.input(0), part.input(2), part.input(3),
        part.output(0), part.output(1), part.output(2))
    }
  }

  /// Parts of all parameters, of this length or the rest, are shared out among the threads.
  private static let partLength = 1 << 15

  /// Consecutive elements of one parameter, and those of the other lists that belong to them.
  private struct Part {
    let inputs: [[Storage]]
    let outputs: [[Storage]]
    let parameter: Int
    let start: Int
    var count: Int { min(inputs[0][parameter].count - start, ParameterUpdate.partLength) }

    func input(_ list: Int) -> UnsafePointer<Float> {
      unsafe UnsafePointer(address(in: inputs[list]))
    }

    func output(_ list: Int) -> UnsafeMutablePointer<Float> { unsafe address(in: outputs[list]) }

    private func address(in list: [Storage]) -> UnsafeMutablePointer<Float> {
      unsafe list[parameter].rawPointer.assumingMemoryBound(to: Float.self) + start
    }
  }

  /// Calls a kernel for parts that make up all parameters, and returns the outputs.
  private func apply(
    outputs count: Int, _ kernel: (UnsafePointer<AdjointKernels>, Part) -> Void
  ) -> [[Tensor]] {
    let outputs = (0..<count).map { _ in types.map { Storage(uninitialized: $0) } }
    var parts: [Part] = []
    for (parameter, storage) in inputs[0].enumerated() {
      for start in stride(from: 0, to: storage.count, by: ParameterUpdate.partLength) {
        parts.append(Part(inputs: inputs, outputs: outputs, parameter: parameter, start: start))
      }
    }
    guard let kernels = unsafe InstructionSet.current.kernels else { return [] }
    // Few elements are not worth a helper, however many parameters they belong to.
    let isSmall = inputs[0].reduce(0) { $0 + $1.count } < 2 * ParameterUpdate.partLength
    inParallel(parts.count, grain: isSmall ? max(1, parts.count) : 1) { range in
      for part in parts[range] { unsafe kernel(kernels, part) }
    }
    return outputs.map { list in list.indices.map { Tensor(types[$0], list[$0]) } }
  }
}
