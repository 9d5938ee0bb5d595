import Adjoint
import AdjointNN

/// Where a loss, or a gradient, became NaN or infinite.
public enum NonFiniteOrigin: Sendable, Equatable, CustomStringConvertible {
  /// A parameter was so before the step.
  case parameter(String)
  /// An operation made it of finite operands: its name, the layer that it is in (empty if none), the place
  /// of the element in its result, the result's type, and the element.
  case operation(String, layer: String, element: Int, type: TensorType, value: String)
  /// It was among what the loss is computed of: the inputs, the labels or a buffer.
  case data

  public var description: String {
    switch self {
    case .parameter(let path):
      "the parameter \(path) was not finite before the step: the step before made it so"
    case .operation(let name, let layer, let element, let type, let value):
      "\(name): element \(element) of its result, \(type), is \(value)"
        + (layer.isEmpty ? "" : ", in \(layer)") + "; its operands are finite"
    case .data: "an input, a label or a buffer of the model is not finite"
    }
  }
}

/// Returns where a loss of a model, or its gradient, becomes NaN or infinite; nil if all is finite.
///
/// The loss is computed again, operation by operation, and each result is looked at. What is not finite is followed
/// back from the loss, or else from the gradient: an infinity that reaches neither, as that of a mask under a
/// softmax, is not named. So the loss has to be the
/// same each time: keep what it draws from in the model, which stays as it is.
public func originOfNonFinite<Model: Module>(
  in model: inout Model, _ loss: (inout Model) throws -> Tensor
) rethrows -> NonFiniteOrigin? {
  for (path, tensor) in model.tensors(.parameter) where !tensor.isAllFinite {
    return .parameter(path)
  }
  let step = try RecordedStep(of: model, loss)
  return switch step.tape.faultOrigin(of: step.results) {
  case .entry(let run, let fault):
    .operation(
      run.operation, layer: step.place(of: run), element: fault.place, type: fault.type,
      value: fault.value.isNaN ? "nan" : "\(fault.value)")
  case .leaf: .data
  case nil: nil
  }
}

extension Tensor {
  /// Whether no element is NaN or infinite.
  fileprivate var isAllFinite: Bool { [Double](self).allSatisfy(\.isFinite) }
}

/// A training that was stopped since its loss, or its gradient, was NaN or infinite.
///
/// The training is as it was before the step.
public struct NonFiniteError: Error, Equatable, CustomStringConvertible {
  /// The step, from 0.
  public let step: Int
  /// What is not finite: `loss` or `gradient`.
  public let subject: String
  /// Where it arose; nil if it did not when the step was taken again.
  public let origin: NonFiniteOrigin?

  public var description: String {
    "step \(step): the \(subject) is not finite"
      + (origin.map { ": \($0)" } ?? ", and is when it is computed again")
  }
}
