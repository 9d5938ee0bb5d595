import Adjoint

/// An operation made of closures: a function in tensor operations, run behind a kernel that hides
/// them, with a pullback of its own. For operations with a mistake in it.
struct RuleOperation: Operation {
  let name: String
  private let types: @Sendable ([TensorType]) -> [TensorType]
  private let function: @Sendable ([Tensor]) -> [Tensor]
  private let rule: @Sendable (inout Pullback) -> Void

  /// An operation whose results have types that follow from its inputs'.
  init(
    _ name: String, types: @escaping @Sendable ([TensorType]) -> [TensorType],
    outputs function: @escaping @Sendable ([Tensor]) -> [Tensor],
    pullback rule: @escaping @Sendable (inout Pullback) -> Void
  ) {
    self.name = name
    self.types = types
    self.function = function
    self.rule = rule
  }

  /// An operation with one result, of input 0's type unless another shape is given.
  init(
    _ name: String, result shape: [Int]? = nil,
    _ function: @escaping @Sendable ([Tensor]) -> Tensor,
    pullback rule: @escaping @Sendable (inout Pullback) -> Void
  ) {
    self.init(
      name, types: { [shape.map($0[0].with(shape:)) ?? $0[0]] }, outputs: { [function($0)] },
      pullback: rule)
  }

  /// An operation with the gradient of another function, with respect to all inputs or to one of them
  /// only.
  init(
    _ name: String, only input: Int? = nil, result shape: [Int]? = nil,
    _ function: @escaping @Sendable ([Tensor]) -> Tensor,
    mistakenFor other: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.init(name, result: shape, function) { rule in
      let (right, wrong) = (rule.products(with: function), rule.products(with: other))
      for place in 0..<rule.inputCount where rule.inputType(place).dtype.isFloatingPoint {
        rule.set(place, to: (input ?? place == place ? wrong : right)[place])
      }
    }
  }

  /// The name stands for the closures.
  static func == (left: RuleOperation, right: RuleOperation) -> Bool { left.name == right.name }
  func hash(into hasher: inout Hasher) { hasher.combine(name) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { types(inputs) }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    var inputs: [Tensor] = []
    for number in 0..<frame.inputCount {
      let shape = frame.inputType(number).shape
      if frame.inputType(number).dtype == .int32 {
        let span = frame.input(number, as: Int32.self)
        inputs.append(Tensor(span.indices.map { span[$0] }, shape: shape))
      } else {
        let span = frame.input(number)
        inputs.append(Tensor(span.indices.map { span[$0] }, shape: shape))
      }
    }
    for (number, result) in function(inputs).enumerated() {
      require(result.shape == frame.outputType(number).shape, "\(name): makes \(result.type)")
      let values = [Scalar](result)
      var output = frame.output(number)
      for i in values.indices { output[i] = values[i] }
    }
  }

  func pullback(_ pullback: inout Pullback) { rule(&pullback) }
}

extension Pullback {
  /// The products of the cotangent with the derivatives of a function of the inputs; the inputs that can
  /// have none stay as they are.
  fileprivate func products(with function: ([Tensor]) -> Tensor) -> [Tensor] {
    var inputs = (0..<inputCount).map { input($0) }
    let (places, g) = (inputs.indices.filter { inputs[$0].dtype.isFloatingPoint }, cotangent)
    let found = gradients(at: places.map { inputs[$0] }) { moved in
      var all = inputs
      for (place, tensor) in zip(places, moved) { all[place] = tensor }
      return (function(all) * g).sum()
    }
    for (place, gradient) in zip(places, found) { inputs[place] = gradient }
    return inputs
  }
}
