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
  var tape = Tape()
  // Every tensor as it was and is to be, and as the loss gets it; and which of them are parameters.
  var (finals, starts, parameters): ([Tensor], [Tensor], [Int]) = ([], [], [])
  recorded.changeTensors { role, tensor in
    finals.append(tensor)
    if role == .parameter {
      parameters.append(starts.count)
      if tensor.tape == nil { tensor = tape.watch(tensor) }
    }
    starts.append(tensor)
  }
  let outer = Tape.common(to: parameters.map { finals[$0] })
  if let outer {
    // The parameters are on the tape of a function that is itself being differentiated.
    tape = outer
    for place in parameters { starts[place] = outer.alias(of: finals[place]) }
    recorded.setTensors(starts)
  } else {
    tape.nameWatched { [model] in model.tensors(.parameter).map(\.path) }
  }
  let value = tape.constant(try loss(&recorded))
  var results = tape.gradients(
    of: value, with: parameters.map { starts[$0] }, recording: true)
  results.append(value)
  // What the loss has left as it was, such as the parameters, need not be read off the tape.
  var changed: [Int] = []
  var count = 0
  recorded.changeTensors { _, tensor in
    if count < starts.count, !tensor.isSameValue(as: starts[count]) {
      changed.append(count)
      results.append(tensor)
    }
    count += 1
  }
  require(
    count == starts.count,
    "valueAndGradient: the model had \(starts.count) tensors and has \(count) now; "
      + "a model keeps its parameters and buffers")
  if outer == nil { results = tape.detached(results, releasing: true) }
  for (number, place) in changed.enumerated() {
    finals[place] = results[parameters.count + 1 + number]
  }
  recorded.setTensors(finals)
  model = recorded
  var gradient = recorded
  var parameter = 0
  gradient.changeTensors { role, tensor in
    if role == .parameter {
      tensor = results[parameter]
      parameter += 1
    } else {
      tensor = .zeros(like: tensor)
    }
  }
  return (results[parameters.count], gradient)
}

extension Module {
  /// Changes all tensors, in the order of `visit`.
  fileprivate mutating func setTensors(_ tensors: [Tensor]) {
    var next = tensors.makeIterator()
    changeTensors { _, tensor in
      if let changed = next.next() { tensor = changed }
    }
  }
}
