import Adjoint

/// A rule that changes a model's parameters along their gradients, and its state between steps.
///
/// State is kept for each parameter in the order of the model's `visit`; one optimizer serves one model.
/// Its own `visit` names that state, from which follow ``state`` and ``load(_:for:)``.
public protocol Optimizer: Sendable {
  /// The factor of each step.
  var learningRate: Double { get set }
  /// The number of steps taken.
  var stepCount: Int { get }
  /// Changes the parameters, each with its gradient, in the order of `visit`.
  mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor])
  /// Names all that the optimizer keeps between steps and was told: what has to be saved so that
  /// training can go on as if it had never stopped.
  ///
  /// ```swift
  /// mutating func visit(_ visitor: inout OptimizerVisitor) {
  ///   visitor.number("learningRate", &learningRate)
  ///   visitor.count("stepCount", &stepCount)
  ///   visitor.perParameter("velocities", &velocities)
  /// }
  /// ```
  mutating func visit(_ visitor: inout OptimizerVisitor)
}

extension Optimizer {
  /// Changes a model along its gradient, which ``valueAndGradient(of:_:)`` returns.
  /// - Precondition: the gradient has the parameters of the model, in the same shapes, and the
  ///   model is the one that the optimizer has changed before.
  public mutating func update<Model: Module>(_ model: inout Model, along gradient: consuming Model)
  {
    var gradients: [Tensor] = []
    gradient.forEachValue(namingPaths: false) { _, role, tensor in
      if role == .parameter { gradients.append(tensor) }
    }
    // There is room for the new parameters in the model before they are computed.
    var (parameters, rooms): ([Tensor], [Tensor]) = ([], [])
    var (place, repeats): (Int, Set<Int>) = (0, [])
    model.leaves { role, tensor in
      defer { place += 1 }
      guard role == .parameter else { return }
      if tensor.isRoom {
        repeats.insert(place)
        return
      }
      parameters.append(tensor)
      tensor = .room(for: tensor.type)
      rooms.append(tensor)
    }
    require(
      parameters.haveTypes(of: gradients),
      "update: the gradient has \(gradients.difference(from: parameters)), the parameters of the model; take it "
        + "from valueAndGradient(of:) of the same model")
    update(&parameters, along: gradients)
    require(
      parameters.haveTypes(of: gradients),
      "update: \(Self.self) returns \(parameters.difference(from: gradients)); an optimizer returns as many "
        + "tensors as it gets, of the same types")
    if parameters.allSatisfy({ $0.tape == nil }) {
      for room in rooms.reversed() { room.fill(from: parameters.removeLast()) }
      return
    }
    // Within a function that is being differentiated they are recorded, and computed later.
    var next = parameters.makeIterator()
    model.leaves(besides: repeats) { role, tensor in
      if role == .parameter, let changed = next.next() { tensor = changed }
    }
  }

  /// Stops unless gradients, and the state kept from earlier steps, are for parameters of these types.
  func requireTypes(
    of parameters: [Tensor], _ gradients: [Tensor], _ state: [Tensor]..., name: String
  ) {
    require(
      gradients.haveTypes(of: parameters),
      "\(name): the gradients are \(gradients.difference(from: parameters)); give one for each "
        + "parameter, of its type")
    require(
      state.allSatisfy { $0.isEmpty && state[0].isEmpty || $0.haveTypes(of: parameters) },
      "\(name): the model's parameters are not those of the steps before; "
        + "use one optimizer for each model")
  }
}

extension [Tensor] {
  /// What tells them from others that are not as many or not of the same types.
  func difference(from others: [Tensor]) -> String {
    if count != others.count { return "\(count) tensors in place of \(others.count)" }
    for (number, (own, other)) in zip(self, others).enumerated() where own.type != other.type {
      return "\(own.type) in place of \(other.type) for tensor \(number)"
    }
    return "the same types"
  }

  /// Whether other tensors are as many and of the same types.
  func haveTypes(of others: [Tensor]) -> Bool {
    count == others.count && indices.allSatisfy { self[$0].type == others[$0].type }
  }
}
