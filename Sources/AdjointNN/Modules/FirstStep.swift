import Adjoint

/// What is looked at in the first step of a type of model: mistakes that would train it without a word.
enum FirstStep {
  private static let seen = Guarded<Set<ObjectIdentifier>>([])

  /// Whether this is the first step of any model of the type.
  static func isFirst<Model>(of model: Model.Type) -> Bool {
    seen.withLock { $0.insert(ObjectIdentifier(model)).inserted }
  }

  /// Stops at a module inside that `visit` forgets, at a name that two tensors have, and at a parameter
  /// that has no gradient.
  static func check<Model: Module>(_ model: Model) {
    requireValue(Model.self)
    if let path = forgottenModules(in: model).first {
      stop(
        "valueAndGradient: visit of \(type(of: model)) does not name \(path), whose parameters would not "
          + "be trained; name it with visitor.child, or with visitor.frozen")
    }
    if let path = repeatedNames(in: model).first {
      stop(
        "valueAndGradient: visit of \(type(of: model)) names two tensors \(path); give each a name of its "
          + "own")
    }
    var copy = model
    // The roles of the tensors seen, each of which is replaced by one whose shape has its number.
    var roles: [Role] = []
    copy.forEachTensor { path, role, tensor in
      if tensor.dtype == .bool, tensor.rank == 2 {
        require(
          roles[tensor.shape[0]] == role,
          "valueAndGradient: visit of \(type(of: model)) names \(path) as a parameter and as a buffer; name it "
            + "as one of them")
      } else {
        require(
          role != .parameter || tensor.dtype.isFloatingPoint,
          "valueAndGradient: visit of \(type(of: model)) names \(path) as a parameter, and \(tensor.type) has "
            + "no gradient; name it with visitor.buffer")
        tensor = .zeros([roles.count, 0], dtype: .bool)
        roles.append(role)
      }
    }
  }

  /// Stops if a loss depends on none of the parameters.
  static func check(_ loss: Tensor, of model: Any.Type, dependsOn parameters: [Tensor]) {
    require(
      parameters.isEmpty || loss.depends(onAnyOf: parameters),
      "valueAndGradient: the loss depends on no parameter of \(model); use the model that the closure gets, "
        + "not one from outside, and nothing detached")
  }
}
