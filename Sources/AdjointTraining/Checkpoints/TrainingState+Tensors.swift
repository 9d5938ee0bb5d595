import Adjoint
import AdjointNN

/// What the names of a checkpoint's tensors begin with.
private enum Prefix {
  static let model = "model."
  static let optimizer = "optimizer."
}

extension TrainingState {
  /// The tensors of the model and of the optimizer, by the names that a checkpoint has for them.
  ///
  /// What an optimizer keeps of parameters goes by their paths, other tensors by their numbers from 0.
  var tensors: [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, tensor) in model.state.dictionary { tensors[Prefix.model + name] = tensor }
    for list in optimizerLists {
      for (place, tensor) in list.tensors.enumerated() {
        guard let name = list.tensorName(place) else { continue }
        require(
          tensors[name] == nil,
          "checkpoint: two tensors of \(Rule.self) are called \(name); give its lists other names")
        tensors[name] = tensor.detached
      }
    }
    return tensors
  }

  /// The model's part of a checkpoint's tensors.
  func modelState(in tensors: [String: Tensor]) -> ModelState {
    let own = tensors.filter { $0.key.hasPrefix(Prefix.model) }
    return ModelState(
      Dictionary(
        uniqueKeysWithValues: own.map { (String($0.key.dropFirst(Prefix.model.count)), $0.value) }))
  }

  /// The optimizer's part, with the lists that it has now: each whole, or empty as before the first step.
  func optimizerState(
    in tensors: [String: Tensor], numbers: [String: Double], file: String
  ) throws(CheckpointError) -> OptimizerState {
    var state = OptimizerState(numbers: numbers)
    let types = Dictionary(
      uniqueKeysWithValues: model.tensors(.parameter).map { ($0.path, $0.tensor.type) })
    for list in optimizerLists {
      var found: [Tensor] = []
      while let name = list.tensorName(found.count), let tensor = tensors[name] {
        found.append(tensor)
      }
      switch list.members {
      case .parameters: state.perParameter[list.name] = found
      case .numbered: state.tensors[list.name] = found
      case .group(let paths):
        // By their paths, which the optimizer does not know.
        for (place, path) in paths.enumerated() where !found.isEmpty {
          let saved = place < found.count ? found[place].type : nil
          if let type = types[path], saved != type {
            throw CheckpointError(
              file: file,
              problem: .parameterState(
                list.tensorName(place) ?? path, saved: saved, parameter: type))
          }
        }
        state.tensors[list.name] = found
      }
    }
    return state
  }

  /// What the optimizer keeps, list by list, by their names.
  private var optimizerLists: [OptimizerList] {
    let (state, paths) = (optimizer.state, model.tensors(.parameter).map(\.path))
    // Of a model with fewer parameters the optimizer cannot be: loading says so.
    let groups = optimizer.placesOfLists.mapValues { places in
      places.filter(paths.indices.contains).map { paths[$0] }
    }
    let lists =
      state.perParameter.map {
        OptimizerList(name: $0, tensors: $1, members: .parameters(paths))
      }
      + state.tensors.map {
        OptimizerList(
          name: $0, tensors: $1, members: groups[$0].map(OptimizerList.Members.group) ?? .numbered)
      }
    return lists.sorted { $0.name < $1.name }
  }
}

/// A list of tensors that an optimizer keeps.
private struct OptimizerList {
  let name: String
  let tensors: [Tensor]
  let members: Members

  /// What the tensors are of.
  enum Members {
    /// All parameters, which have these paths.
    case parameters([String])
    /// Those of a group.
    case group([String])
    /// Something else, which has no names.
    case numbered
  }

  /// The name of a tensor in a checkpoint; nil where there can be none.
  func tensorName(_ place: Int) -> String? {
    let member: String
    switch members {
    case .parameters(let paths), .group(let paths):
      guard place < paths.count else { return nil }
      member = paths[place]
    case .numbered: member = "\(place)"
    }
    return Prefix.optimizer + "\(name).\(member)"
  }
}
