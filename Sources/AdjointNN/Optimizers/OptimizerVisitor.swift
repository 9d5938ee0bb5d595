import Adjoint

/// What ``Optimizer/visit(_:)`` names the state of an optimizer to.
public struct OptimizerVisitor {
  /// What a number of the state is, which a Double stands for.
  enum Kind {
    /// Finite, and within a range if there is one.
    case real(ClosedRange<Double>?)
    /// 0 or more, and finite in the element types of the parameters.
    case factor
    /// 0 or more, and not so small that it is 0 in the element types of the parameters.
    case divisor
    case count
    /// A choice, which may be made or not.
    case flag(canBeTrue: Bool)

    /// Whether a value is one of the kind, where parameters have such types.
    func contains(_ value: Double, for types: [TensorType]) -> Bool {
      let isFloat = types.contains { $0.dtype == .float32 }
      return switch self {
      case .real(let range): value.isFinite && range?.contains(value) != false
      case .factor: value.isFinite && value >= 0 && !(isFloat && Float(value).isInfinite)
      case .divisor: value.isFinite && value > 0 && !(isFloat && Float(value) == 0)
      case .count: value >= 0 && Int(exactly: value) != nil
      case .flag(let canBeTrue): value == 0 || value == 1 && canBeTrue
      }
    }
  }

  /// What the tensors of a list are of.
  enum Members {
    case parameters
    /// Some of so many parameters, by their places.
    case some([Int], of: Int)
    case other
  }

  private let onNumber: (String, Kind, inout Double) -> Void
  private let onTensors: (String, Members, ClosedRange<Double>?, inout [Tensor]) -> Void

  init(
    onNumber: @escaping (String, Kind, inout Double) -> Void,
    onTensors: @escaping (String, Members, ClosedRange<Double>?, inout [Tensor]) -> Void
  ) {
    self.onNumber = onNumber
    self.onTensors = onTensors
  }

  /// Names a number, such as the learning rate, and the range that it is in, if there is one: a state with another
  /// is not loaded.
  public func number(
    _ name: String, _ value: inout Double, within range: ClosedRange<Double>? = nil
  ) {
    onNumber(name, .real(range), &value)
  }

  /// Names a factor of parameters or gradients.
  func factor(_ name: String, _ value: inout Double) { onNumber(name, .factor, &value) }

  /// Names a number that keeps a divisor from 0.
  func divisor(_ name: String, _ value: inout Double) { onNumber(name, .divisor, &value) }

  /// Names a count, such as that of the steps taken.
  public func count(_ name: String, _ value: inout Int) {
    var number = Double(value)
    onNumber(name, .count, &number)
    if number != Double(value) { value = Int(number) }
  }

  /// Names a choice, such as that of Nesterov's momentum.
  public func flag(_ name: String, _ value: inout Bool) { flag(name, &value, canBeTrue: true) }

  /// Names a choice that what was named before may rule out.
  func flag(_ name: String, _ value: inout Bool, canBeTrue: Bool) {
    var number = value ? 1.0 : 0
    onNumber(name, .flag(canBeTrue: canBeTrue), &number)
    value = number == 1
  }

  /// Names a list with a tensor for each parameter, of its type, in the order of the parameters; or
  /// with none, as before the first step. If its numbers are in a range, a state with others is not loaded.
  public func perParameter(
    _ name: String, _ tensors: inout [Tensor], within range: ClosedRange<Double>? = nil
  ) {
    onTensors(name, .parameters, range, &tensors)
  }

  /// Names what an optimizer keeps that serves some of the parameters, which have these places among so many;
  /// each with a name that begins with its own.
  mutating func group(
    _ name: String, _ optimizer: inout some Optimizer, of places: [Int], among count: Int
  ) {
    var inner = OptimizerVisitor(
      onNumber: { [onNumber] in onNumber("\(name).\($0)", $1, &$2) },
      onTensors: { [onTensors] path, members, range, tensors in
        let outer: Members =
          switch members {
          case .parameters: .some(places, of: count)
          case .some(let inner, _): .some(inner.map { places[$0] }, of: count)
          case .other: .other
          }
        onTensors("\(name).\(path)", outer, range, &tensors)
      })
    optimizer.visit(&inner)
  }

  /// Names a list of any other tensors.
  public func tensors(_ name: String, _ tensors: inout [Tensor]) {
    onTensors(name, .other, nil, &tensors)
  }
}

extension ClosedRange<Double> {
  /// 0 and more.
  static var positive: ClosedRange { 0...(.greatestFiniteMagnitude) }
  /// Squares, which may be more than their element type holds.
  static var squares: ClosedRange { 0...(.infinity) }
  /// Shares of an average that is kept: below 1.
  static var shares: ClosedRange { 0...1.0.nextDown }
}
