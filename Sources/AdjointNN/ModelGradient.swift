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
  let original = model.allTensors
  let outer = Tape.common(to: original.filter { $0.role == .parameter }.map(\.tensor))
  let tape = outer ?? Tape()
  var recorded = model
  recorded.forEachTensor { role, tensor in
    guard role == .parameter else { return }
    tensor = outer == nil ? tape.watch(tensor) : tape.alias(of: tensor)
  }
  if outer == nil { tape.nameWatched { [model] in model.tensors(.parameter).map(\.path) } }
  let start = recorded.allTensors
  let value = tape.constant(try loss(&recorded))
  let parameters = start.filter { $0.role == .parameter }.map(\.tensor)
  let gradients = tape.gradients(of: value, with: parameters, recording: true)
  let end = recorded.allTensors.map(\.tensor)
  require(
    end.count == start.count,
    "valueAndGradient: the model had \(start.count) tensors and has \(end.count) now; "
      + "a model keeps its parameters and buffers")
  var results = [value] + gradients + end
  if outer == nil { results = tape.detached(results, releasing: true) }
  let finals = results[(1 + gradients.count)...]
  model = recorded
  model.replaceTensors { index, _ in
    end[index].isSameValue(as: start[index].tensor)
      ? original[index].tensor : finals[finals.startIndex + index]
  }
  var gradient = model
  var next = 0
  gradient.replaceTensors { index, role in
    guard role == .parameter else { return .zeros(like: original[index].tensor) }
    defer { next += 1 }
    return results[1 + next]
  }
  return (results[0], gradient)
}

extension Module {
  /// Every tensor with its role, in the order of `visit`.
  fileprivate var allTensors: [(role: Role, tensor: Tensor)] {
    var copy = self
    var found: [(role: Role, tensor: Tensor)] = []
    copy.forEachTensor { role, tensor in found.append((role, tensor)) }
    return found
  }

  /// Replaces every tensor by what `body` returns for its place in the order of `visit`.
  fileprivate mutating func replaceTensors(_ body: (Int, Role) -> Tensor) {
    var index = 0
    forEachTensor { role, tensor in
      tensor = body(index, role)
      index += 1
    }
  }
}
