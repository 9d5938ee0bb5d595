import Adjoint

/// The tensors of a module by their names: all that there is to save of it, and to set again.
///
/// Parameters and buffers, in the order of `visit`, each once and with its first name.
public struct ModelState: Sendable {
  /// The names, in order.
  public private(set) var names: [String] = []
  private var tensors: [String: Tensor] = [:]

  /// Makes a state without tensors.
  public init() {}

  /// Makes a state of tensors by name, in the order of their names.
  public init(_ tensors: [String: Tensor]) {
    for name in tensors.keys.sorted() { self[name] = tensors[name] }
  }

  /// The tensor of a name; a new one comes last, and nil removes one.
  public subscript(name: String) -> Tensor? {
    get { tensors[name] }
    set {
      if newValue == nil {
        names.removeAll { $0 == name }
      } else if tensors[name] == nil {
        names.append(name)
      }
      tensors[name] = newValue
    }
  }

  /// The tensors by name, as writers of files take them.
  public var dictionary: [String: Tensor] { tensors }
}

extension Module {
  /// The tensors of the module by name.
  public var state: ModelState { state(renaming: .none) }

  /// Returns the tensors of the module under the names, and in the layouts, that another framework has for them.
  /// - Precondition: no two tensors get one name.
  public func state(renaming: Renaming) -> ModelState {
    var state = ModelState()
    for place in places(renaming) {
      if let name = place.form.name {
        state[name] = place.form.theirs(place.tensor.detached)
      }
    }
    return state
  }

  /// Sets the tensors of the module to those of a state.
  ///
  /// ```swift
  /// try model.load(state)
  /// try model.load(weights, renaming: .pyTorch, allowing: .unexpected)
  /// ```
  ///
  /// If anything does not fit, the error lists all of it, and the module is as before.
  /// - Parameters:
  ///   - state: the tensors.
  ///   - renaming: what they are called in the state, and how they lie there.
  ///   - allowing: what need not fit.
  /// - Returns: what was let pass.
  @discardableResult
  public mutating func load(
    _ state: ModelState, renaming: Renaming = .none, allowing: StateAllowance = []
  ) throws(StateError) -> StateLeftovers {
    let types = state.names.compactMap { name in state[name].map { (name, $0.type) } }
    let plan = try plan(forLoading: types, renaming: renaming, allowing: allowing)
    try set(plan) { state[$0] }
    return plan.leftovers
  }
}

/// What a state and a module may differ in and still fit.
public struct StateAllowance: OptionSet, Sendable {
  /// The sum of the numbers of what is allowed.
  public let rawValue: Int
  /// Makes an allowance of the sum of the numbers of what is allowed.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Tensors of the module that the state lacks: they stay as they are.
  public static let missing = StateAllowance(rawValue: 1)
  /// Tensors of the state that the module lacks: they are left.
  public static let unexpected = StateAllowance(rawValue: 2)
  /// float32 where the module has float64, and the other way round: they are converted, rounded to nearest.
  public static let conversion = StateAllowance(rawValue: 4)
}

/// What differed and was let pass.
public struct StateLeftovers: Sendable, Equatable {
  /// Tensors of the module that the state lacks, by the module's names.
  public var missing: [String] = []
  /// Tensors of the state that the module lacks.
  public var unexpected: [String] = []
}
