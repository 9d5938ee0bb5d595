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
    // The roles of the tensors seen, each of which is replaced by one of its number.
    var seen: [(mark: Tensor, role: Role)] = []
    func first(_ tensor: Tensor) -> Role? {
      guard tensor.type == TensorType(.int32, []), tensor.tape == nil else { return nil }
      let number = Int(tensor)
      guard seen.indices.contains(number) else { return nil }
      return tensor.isSameValue(as: seen[number].mark) ? seen[number].role : nil
    }
    copy.forEachTensor { path, role, tensor in
      if let first = first(tensor) {
        require(
          first == role,
          "valueAndGradient: visit of \(type(of: model)) names \(path) as a parameter and as a buffer; name it "
            + "as one of them")
      } else {
        require(
          role != .parameter || tensor.dtype.isFloatingPoint,
          "valueAndGradient: visit of \(type(of: model)) names \(path) as a parameter, and \(tensor.type) has "
            + "no gradient; name it with visitor.buffer")
        tensor = Tensor(Int32(seen.count))
        seen.append((tensor, role))
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
