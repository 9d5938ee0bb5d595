import Adjoint

/// All that an optimizer keeps between steps, and what it was told: to be saved with a model, and set
/// when training goes on.
public struct OptimizerState: Sendable, Equatable {
  /// The numbers by name; a count as such, a choice as 1 or 0.
  public var numbers: [String: Double]
  /// Lists by name that have a tensor for each parameter of the model, or none.
  public var perParameter: [String: [Tensor]]
  /// Other lists by name.
  public var tensors: [String: [Tensor]]

  /// Makes a state.
  public init(
    numbers: [String: Double] = [:], perParameter: [String: [Tensor]] = [:],
    tensors: [String: [Tensor]] = [:]
  ) {
    self.numbers = numbers
    self.perParameter = perParameter
    self.tensors = tensors
  }
}

extension Optimizer {
  /// The whole state: step count, learning rate and other numbers, and the tensors.
  public var state: OptimizerState {
    var (copy, state) = (self, OptimizerState())
    var visitor = OptimizerVisitor(
      onNumber: { name, _, value in
        requireNew(name, state.numbers[name] == nil)
        state.numbers[name] = value
      },
      onTensors: { name, members, _, tensors in
        requireNew(name, state.perParameter[name] == nil && state.tensors[name] == nil)
        if case .parameters = members {
          state.perParameter[name] = tensors
        } else {
          state.tensors[name] = tensors
        }
      })
    copy.visit(&visitor)
    return state
  }

  /// The places of the parameters that each list of ``OptimizerState/tensors`` is of, if it is of some.
  package var placesOfLists: [String: [Int]] {
    var (copy, all): (Self, [String: [Int]]) = (self, [:])
    var visitor = OptimizerVisitor(
      onNumber: { _, _, _ in },
      onTensors: { name, members, _, _ in
        if case .some(let places, _) = members { all[name] = places }
      })
    copy.visit(&visitor)
    return all
  }

  /// Sets the whole state, to go on with a model as the optimizer did that had it.
  ///
  /// The learning rate and the other numbers are set too; to go on with others, set them afterwards.
  /// - Throws: an error if the state is another optimizer's or another model's, or if a number is one that
  ///   the next step would stop at, or a square below 0 or NaN. Nothing is changed then.
  public mutating func load<Model: Module>(
    _ state: OptimizerState, for model: Model
  ) throws(OptimizerStateError) {
    let types = model.parameters.map(\.type)
    var (copy, known, problems) = (self, Set<String>(), [OptimizerStateError.Problem]())
    var visitor = OptimizerVisitor(
      onNumber: { name, kind, value in
        known.insert(name)
        guard let loaded = state.numbers[name] else { return problems.append(.missing(name)) }
        guard kind.contains(loaded, for: types) else {
          return problems.append(.wrongNumber(name, loaded))
        }
        value = loaded
      },
      onTensors: { name, members, range, tensors in
        known.insert(name)
        let isPerParameter = if case .parameters = members { true } else { false }
        guard let loaded = isPerParameter ? state.perParameter[name] : state.tensors[name] else {
          return problems.append(.missing(name))
        }
        if let problem = loaded.difference(from: types, members, name) {
          return problems.append(problem)
        }
        if let range {
          for (place, tensor) in loaded.enumerated() {
            guard let element = tensor.firstPlace(where: { !range.contains($0) }) else { continue }
            let name = "an element of tensor \(place) of \(name)"
            return problems.append(.wrongNumber(name, [Double](tensor)[element]))
          }
        }
        tensors = loaded
      })
    copy.visit(&visitor)
    problems += state.names.subtracting(known).sorted().map { .unexpected($0) }
    if let problem = problems.first {
      throw OptimizerStateError(optimizer: "\(Self.self)", problem: problem)
    }
    self = copy
  }

  private func requireNew(_ name: String, _ isNew: Bool) {
    require(
      isNew,
      "visit: \(Self.self) names \(name) twice; give each part of the state a name of its own")
  }
}

extension OptimizerState {
  fileprivate var names: Set<String> {
    Set(numbers.keys).union(perParameter.keys).union(tensors.keys)
  }
}

extension [Tensor] {
  /// What keeps the tensors of a list from being one for each parameter that it is of, or none.
  fileprivate func difference(
    from types: [TensorType], _ members: OptimizerVisitor.Members, _ name: String
  ) -> OptimizerStateError.Problem? {
    let places: [Int]
    switch members {
    case .parameters: places = types.indices.map(\.self)
    case .some(let some, let count):
      if count != types.count { return .otherGroups(count, parameters: types.count) }
      places = some
    case .other: return nil
    }
    if isEmpty { return nil }
    if count != places.count { return .wrongCount(name, count, parameters: places.count) }
    for (tensor, place) in zip(self, places) where tensor.type != types[place] {
      return .wrongType(name, place, tensor.type, parameter: types[place])
    }
    return nil
  }
}

/// Why an optimizer did not take a state.
public struct OptimizerStateError: Error, Equatable, CustomStringConvertible {
  /// The type of the optimizer.
  public let optimizer: String
  /// The first thing that is wrong.
  public let problem: Problem

  /// What can be wrong with a state.
  public enum Problem: Equatable, Sendable {
    /// The optimizer keeps something that the state has not.
    case missing(String)
    /// The state has something that the optimizer does not keep.
    case unexpected(String)
    /// A number is infinite or unknown, outside of its range, or no count or choice where one is kept.
    case wrongNumber(String, Double)
    /// A list has more or fewer tensors than there are parameters that it is of.
    case wrongCount(String, Int, parameters: Int)
    /// A tensor of a list is of another type than its parameter, which has this place in the model.
    case wrongType(String, Int, TensorType, parameter: TensorType)
    /// The optimizer has groups of so many parameters, and the model has more or fewer.
    case otherGroups(Int, parameters: Int)
  }

  /// The optimizer, what is wrong, and what to do.
  public var description: String {
    "\(optimizer): the state \(complaint)"
  }

  private var complaint: String {
    switch problem {
    case .missing(let name): "has no \(name); it is of another optimizer"
    case .unexpected(let name):
      "has \(name), which \(optimizer) does not keep; it is of another optimizer"
    case .wrongNumber(let name, let value): "says that \(name) is \(value), which it cannot be"
    case .wrongCount(let name, let count, let parameters):
      "has \(count) tensors of \(name) for \(parameters) parameters; it is of another model"
    case .wrongType(let name, let place, let type, let parameter):
      "has \(type) as \(name) of parameter \(place), which is \(parameter); it is of another model"
    case .otherGroups(let count, let parameters):
      "cannot be loaded for a model of \(parameters) parameters, as the groups are of \(count); make groups of "
        + "the model that is trained"
    }
  }
}
