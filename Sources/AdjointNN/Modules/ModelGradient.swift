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
/// on, and buffers are zero. Within a function that is itself being differentiated, if parameters are
/// on its tape or the closure meets a tensor that is, loss, gradient and state are recorded there.
/// - Precondition: the loss is a scalar, and its closure leaves parameters the types that they have.
public func valueAndGradient<Model: Module>(
  of model: inout Model, _ loss: (inout Model) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Model) {
  let (value, gradient, _) = try valueGradientAndResults(of: &model) { (try loss(&$0), []) }
  return (value, gradient)
}

/// Returns the loss of a model, its gradient, and other results of the closure, computed together.
///
/// ```swift
/// let (loss, gradient, results) = valueGradientAndResults(of: &model) { model in
///   let logits = model(batch.images, .training)
///   return (softmaxCrossEntropy(logits, batch.labels), [logits])
/// }
/// let hits = accuracy(results[0], batch.labels)
/// ```
///
/// Otherwise as ``valueAndGradient(of:_:)``: a tensor that is kept from its closure would be computed
/// again, with all that it needs, when it is read. The results are not differentiated.
/// - Precondition: the loss is a scalar.
public func valueGradientAndResults<Model: Module>(
  of model: inout Model, _ loss: (inout Model) throws -> (loss: Tensor, results: [Tensor])
) rethrows -> (value: Tensor, gradient: Model, results: [Tensor]) {
  try withTape { tape in
    let isFirst = FirstStep.isFirst(of: Model.self)
    if isFirst { FirstStep.check(model) }
    var recorded = model
    // Every tensor as it was, and the parameters as the loss gets them; and which places are named again.
    var (before, parameters): ([Tensor], [Tensor]) = ([], [])
    var (place, repeats): (Int, Set<Int>) = (0, [])
    recorded.leaves { role, tensor in
      defer { place += 1 }
      if role == .parameter, tensor.tape != nil, parameters.contains(where: tensor.isSameValue) {
        repeats.insert(place)
        return
      }
      before.append(tensor)
      guard role == .parameter else { return }
      tensor = tape.input(tensor)
      parameters.append(tensor)
    }
    tape.nameWatched { [model] in model.tensors(.parameter).map(\.path) }
    let (loss, others) = try loss(&recorded)
    let value = tape.constant(loss)
    require(
      value.count == 1,
      "valueAndGradient: the loss is \(value.type), not a scalar; reduce it with sum() or mean()")
    if isFirst { FirstStep.check(value, of: Model.self, dependsOn: parameters) }
    var results =
      [value] + tape.gradients(of: value, with: parameters, recording: true)
      + others.map { $0.tape == nil ? $0 : tape.constant($0) }
    // What the loss has changed is computed too, and there is room for it in the model beforehand.
    var (rooms, count, parameter): ([Tensor], Int, Int) = ([], 0, 0)
    recorded.leaves(besides: repeats) { role, tensor in
      defer { (count, parameter) = (count + 1, parameter + (role == .parameter ? 1 : 0)) }
      // A model that has got more is rejected below.
      guard count < before.count, parameter < parameters.count || role != .parameter else { return }
      require(
        role != .parameter || tensor.type == parameters[parameter].type,
        "valueAndGradient: the loss makes a parameter \(tensor.type) that was "
          + "\(parameters[parameter].type); a model keeps the types of its parameters")
      if role == .parameter, tensor.isSameValue(as: parameters[parameter]) {
        tensor = before[count]
      } else if tensor.tape != nil, !tape.hasMoved {
        results.append(tensor)
        tensor = .room(for: tensor.type)
        rooms.append(tensor)
      }
    }
    require(
      (count, parameter) == (before.count, parameters.count),
      "valueAndGradient: the model had \(before.count) tensors, \(parameters.count) of them parameters, "
        + "and has \(count) and \(parameter) now; a model keeps its parameters and buffers")
    results = tape.finished(results)
    for room in rooms.reversed() { room.fill(from: results.removeLast()) }
    model = recorded
    var next = results[1...].makeIterator()
    recorded.leaves(besides: repeats) { role, tensor in
      tensor = role == .parameter ? next.next() ?? tensor : .zeros(like: tensor)
    }
    return (results[0], recorded, Array(results[(1 + parameters.count)...]))
  }
}
