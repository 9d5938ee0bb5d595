import Adjoint

/// Which tensor of a state goes where in a module, once everything fits.
package struct StatePlan: Sendable {
  /// For each tensor of the module, in the order of `visit`: its name in the state, and what it is there; nil if
  /// it stays.
  let sources: [(name: String, form: PlacedForm, dtype: DType)?]
  /// What did not fit and was let pass.
  package let leftovers: StateLeftovers

  /// The names that are loaded.
  package var names: [String] { sources.compactMap { $0?.name } }
}

/// A tensor of a module and what it is elsewhere.
struct StatePlace {
  let path: String
  let tensor: Tensor
  let form: PlacedForm
}

extension Module {
  /// The tensors of the module, each once, and what they are elsewhere.
  func places(_ renaming: Renaming) -> [StatePlace] {
    var (owners, copy): ([String: any Module], Self) = ([:], self)
    // Of two modules with one path, as a frozen layer, the inner one comes last, and has the tensors.
    copy.forEachModule { path, module in owners[path] = module }
    var (places, names): ([StatePlace], Set<String>) = ([], [])
    forEachValue(namingPaths: true) { path, _, tensor in
      // A module may name a tensor with dots of its own.
      let parts = path.split(separator: ".", omittingEmptySubsequences: false)
      let depth = (0..<parts.count).reversed().first {
        owners[parts[..<$0].joined(separator: ".")] != nil
      }
      let owner = parts[..<(depth ?? 0)].joined(separator: ".")
      let form = renaming(
        owner, of: parts[(depth ?? 0)...].joined(separator: "."), in: owners[owner] ?? self)
      if let axes = form.axes {
        require(
          axes.sorted() == Array(tensor.shape.indices),
          "state: the renaming gives \(path), \(tensor.type), the axes \(axes); give each from 0 to below "
            + "\(tensor.rank) once")
      }
      if let name = form.name {
        require(
          names.insert(name).inserted,
          "state: two tensors of \(type(of: self)) are called \(name), the second one is \(path); give each a name "
            + "of its own")
      }
      places.append(StatePlace(path: path, tensor: tensor, form: form))
    }
    return places
  }

  /// Finds for each tensor of the module its name in a state of which only the types are known.
  package func plan(
    forLoading types: [(name: String, type: TensorType)], renaming: Renaming,
    allowing: StateAllowance
  ) throws(StateError) -> StatePlan {
    let places = places(renaming)
    let there = Dictionary(uniqueKeysWithValues: types.map { ($0.name, $0.type) })
    let here = Set(places.compactMap(\.form.name))
    let (unused, unfound) = (
      types.map(\.name).filter { !here.contains($0) }, here.filter { there[$0] == nil }.sorted()
    )
    var (problems, leftovers): ([StateError.Problem], _) = ([], StateLeftovers())
    // Only for what is listed: those of thousands would take minutes.
    func nearest(_ name: String, in others: [String]) -> String? {
      StateError.lists(problems.count) ? NearestName.of(name, in: others) : nil
    }
    let sources = places.map { place -> (name: String, form: PlacedForm, dtype: DType)? in
      guard let name = place.form.name else { return nil }
      guard let type = there[name] else {
        if allowing.contains(.missing) || place.form.isOptional {
          leftovers.missing.append(place.path)
        } else {
          problems.append(.missing(name: name, nearest: nearest(name, in: unused)))
        }
        return nil
      }
      let (shape, dtype) = (place.form.theirs(place.tensor.shape), place.tensor.dtype)
      if type.shape != shape {
        problems.append(.shape(name: name, module: shape, state: type.shape))
      } else if type.dtype != dtype,
        !allowing.contains(.conversion) || !type.dtype.isFloatingPoint || !dtype.isFloatingPoint
      {
        problems.append(.dtype(name: name, module: dtype, state: type.dtype))
      }
      return (name, place.form, dtype)
    }
    if allowing.contains(.unexpected) {
      leftovers.unexpected = unused
    } else {
      for name in unused {
        problems.append(.unexpected(name: name, nearest: nearest(name, in: unfound)))
      }
    }
    guard problems.isEmpty else { throw StateError(problems: problems) }
    return StatePlan(sources: sources, leftovers: leftovers)
  }

  /// Sets the tensors of the module to what `tensor` has under their names.
  package mutating func set(_ plan: StatePlan, _ tensor: (String) -> Tensor?) {
    var next = plan.sources.makeIterator()
    leaves(besides: repeatedPlaces) { _, place in
      guard case .some(.some(let source)) = next.next(), let loaded = tensor(source.name) else {
        return
      }
      place = source.form.ours(loaded).cast(to: source.dtype)
    }
  }
}
