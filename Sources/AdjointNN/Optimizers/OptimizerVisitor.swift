import Adjoint

/// What ``Optimizer/visit(_:)`` names the state of an optimizer to.
public struct OptimizerVisitor {
  /// What a number of the state is, which a Double stands for.
  enum Kind {
    case real, count, flag

    /// Whether a value is one of the kind.
    func contains(_ value: Double) -> Bool {
      switch self {
      case .real: value.isFinite
      case .count: value >= 0 && Int(exactly: value) != nil
      case .flag: value == 0 || value == 1
      }
    }
  }

  private let onNumber: (String, Kind, inout Double) -> Void
  private let onTensors: (String, Bool, inout [Tensor]) -> Void

  init(
    onNumber: @escaping (String, Kind, inout Double) -> Void,
    onTensors: @escaping (String, Bool, inout [Tensor]) -> Void
  ) {
    self.onNumber = onNumber
    self.onTensors = onTensors
  }

  /// Names a number, such as the learning rate.
  public func number(_ name: String, _ value: inout Double) { onNumber(name, .real, &value) }

  /// Names a count, such as that of the steps taken.
  public func count(_ name: String, _ value: inout Int) {
    var number = Double(value)
    onNumber(name, .count, &number)
    if number != Double(value) { value = Int(number) }
  }

  /// Names a choice, such as that of Nesterov's momentum.
  public func flag(_ name: String, _ value: inout Bool) {
    var number = value ? 1.0 : 0
    onNumber(name, .flag, &number)
    value = number == 1
  }

  /// Names a list with a tensor for each parameter, of its type, in the order of the parameters; or
  /// with none, as before the first step.
  public func perParameter(_ name: String, _ tensors: inout [Tensor]) {
    onTensors(name, true, &tensors)
  }

  /// Names what an optimizer keeps that serves some of the parameters, each with a name that begins with its own.
  ///
  /// Its lists are of some parameters only, and so not held against those of the model.
  mutating func group(_ name: String, _ optimizer: inout some Optimizer) {
    var inner = OptimizerVisitor(
      onNumber: { [onNumber] in onNumber("\(name).\($0)", $1, &$2) },
      onTensors: { [onTensors] path, _, tensors in onTensors("\(name).\(path)", false, &tensors) })
    optimizer.visit(&inner)
  }

  /// Names a list of any other tensors.
  public func tensors(_ name: String, _ tensors: inout [Tensor]) {
    onTensors(name, false, &tensors)
  }
}
