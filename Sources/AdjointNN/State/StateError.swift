import Adjoint

/// Why a state was not loaded into a module: all that does not fit.
public struct StateError: Error, Equatable, CustomStringConvertible {
  /// What does not fit, in the order of the module's tensors, and then of the state's.
  public let problems: [Problem]

  /// What can be wrong with a tensor.
  public enum Problem: Equatable, Sendable, CustomStringConvertible {
    /// The state lacks a tensor of the module. `name` is what the state would call it; with the nearest name
    /// among those that nothing else of the module has, if the problem is one of those that the description lists.
    case missing(name: String, nearest: String?)
    /// The module lacks a tensor of the state, which has the nearest name if one is near; nil for problems that the
    /// description does not list.
    case unexpected(name: String, nearest: String?)
    /// A tensor has another shape.
    case shape(name: String, module: [Int], state: [Int])
    /// A tensor has another element type.
    case dtype(name: String, module: DType, state: DType)
    /// A tensor has a number that is infinite in the element type of the module.
    case overflow(name: String, value: Double, module: DType)
    /// A tensor has a number that the module's cannot be, such as a variance below 0.
    case value(name: String, value: Double, within: ClosedRange<Double>)

    /// What does not fit, and what to do.
    public var description: String {
      func nearest(_ name: String?) -> String { name.map { "; the nearest name is \($0)" } ?? "" }
      return switch self {
      case .missing(let name, let near): "\(name) is missing" + nearest(near)
      case .unexpected(let name, let near): "\(name) is unexpected" + nearest(near)
      case .shape(let name, let module, let state):
        "\(name) is \(state), and \(module) in the model"
      case .dtype(let name, let module, let state):
        "\(name) is \(state), and \(module) in the model"
          + (module.isFloatingPoint && state.isFloatingPoint ? "; allow .conversion" : "")
      case .overflow(let name, let value, let module):
        "\(name) has an element \(value), which is more than \(module) holds; load it into a model of float64"
      case .value(let name, let value, let range):
        "\(name) has an element \(value); "
          + (range.upperBound < .greatestFiniteMagnitude
            ? "give numbers from \(range.lowerBound) to \(range.upperBound)"
            : "give finite numbers from \(range.lowerBound) on")
      }
    }
  }

  /// So many are listed.
  private static let most = 20

  /// Whether the problem of a number is listed.
  static func lists(_ number: Int) -> Bool { number < most }

  public var description: String {
    let lines = problems.prefix(StateError.most).map { "\n  \($0)" }.joined()
    let rest = problems.count - StateError.most
    return "load: the state does not fit the model, which is as before:" + lines
      + (rest > 0 ? "\n  and \(rest) more" : "")
  }
}
