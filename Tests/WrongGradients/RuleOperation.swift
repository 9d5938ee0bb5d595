import Adjoint

/// An operation made of closures: a function in tensor operations, run behind a kernel that hides
/// them, with a pullback of its own. For operations with a mistake in it.
struct RuleOperation: Operation {
  let name: String
  private let types: @Sendable ([TensorType]) -> [TensorType]
  private let function: @Sendable ([Tensor]) -> Tensor
  private let rule: @Sendable (inout Pullback) -> Void

  /// An operation whose result has a type that follows from its inputs'; by default, input 0's.
  init(
    _ name: String, types: @escaping @Sendable ([TensorType]) -> [TensorType] = { [$0[0]] },
    _ function: @escaping @Sendable ([Tensor]) -> Tensor,
    pullback rule: @escaping @Sendable (inout Pullback) -> Void
  ) {
    self.name = name
    self.types = types
    self.function = function
    self.rule = rule
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
    let values = [Scalar](function(inputs))
    var output = frame.output(0)
    for i in values.indices { output[i] = values[i] }
  }

  func pullback(_ pullback: inout Pullback) { rule(&pullback) }
}
