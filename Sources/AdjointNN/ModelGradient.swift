import Adjoint

/// Returns the loss of a model and its gradient, which is a value of the model's own type.
///
/// ```swift
/// let (loss, gradient) = valueAndGradient(of: &model) { model in
///   softmaxCrossEntropy(model(batch.images, .training), batch.labels)
/// }
/// optimizer.update(&model, along: gradient)     // and gradient.hidden.weight is that of model.hidden.weight
/// ```
///
/// The closure gets the model with its parameters on a tape. What it changes, such as running
/// statistics, is computed together with the loss and the gradient and kept in `model`. If it
/// throws, `model` is as before.
///
/// In the gradient, parameters are ∂loss/∂parameter, zero for those that the loss does not depend
/// on, and buffers are zero. Within a function that is itself being differentiated, with the
/// model's parameters on its tape, loss and gradient are recorded there.
/// - Precondition: the loss is a scalar.
public func valueAndGradient<Model: Module>(
  of model: inout Model, _ loss: (inout Model) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Model) {
  var recorded = model
  var parameters: [Tensor] = []
  recorded.changeTensors { role, tensor in
    if role == .parameter { parameters.append(tensor) }
  }
  let outer = Tape.common(to: parameters)
  let tape = outer ?? Tape()
  var tensors: [ModelTensor] = []
  recorded.changeTensors { role, tensor in
    let original = tensor
    if role == .parameter { tensor = outer == nil ? tape.watch(tensor) : tape.alias(of: tensor) }
    tensors.append(ModelTensor(role: role, original: original, start: tensor))
  }
  if outer == nil { tape.nameWatched { [model] in model.tensors(.parameter).map(\.path) } }
  let value = tape.constant(try loss(&recorded))
  let gradients = tape.gradients(
    of: value, with: tensors.filter { $0.role == .parameter }.map(\.start), recording: true)
  var end: [Tensor] = []
  recorded.changeTensors { _, tensor in end.append(tensor) }
  require(
    end.count == tensors.count,
    "valueAndGradient: the model had \(tensors.count) tensors and has \(end.count) now; "
      + "a model keeps its parameters and buffers")
  // What the loss has left as it was, such as the parameters, need not be read off the tape.
  let changed = end.indices.filter { !end[$0].isSameValue(as: tensors[$0].start) }
  var results = [value] + gradients + changed.map { end[$0] }
  if outer == nil { results = tape.detached(results, releasing: true) }
  for (place, index) in changed.enumerated() {
    tensors[index].final = results[1 + gradients.count + place]
  }
  var index = 0
  recorded.changeTensors { _, tensor in
    tensor = tensors[index].final ?? tensors[index].original
    index += 1
  }
  model = recorded
  var gradient = recorded
  var (place, parameter) = (0, 1)
  gradient.changeTensors { role, tensor in
    if role == .parameter {
      tensor = results[parameter]
      parameter += 1
    } else {
      tensor = .zeros(like: tensors[place].original)
    }
    place += 1
  }
  return (results[0], gradient)
}

/// What becomes of a model's tensor while its gradient is taken.
private struct ModelTensor {
  let role: Role
  let original: Tensor
  /// Its place on the tape; for a buffer the same.
  let start: Tensor
  /// What the loss has changed it to, if it has.
  var final: Tensor?
}
