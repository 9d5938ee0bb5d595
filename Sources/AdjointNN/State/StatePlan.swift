import Adjoint

/// Which tensor of a state goes where in a module, once everything fits.
package struct StatePlan: Sendable {
  /// For each tensor of the module, in the order of `visit`: where it comes from; nil if it stays.
  let sources: [Source?]
  /// What did not fit and was let pass.
  package let leftovers: StateLeftovers

  /// The names that are loaded.
  package var names: [String] { sources.compactMap { $0?.name } }
}

extension StatePlan {
  /// What a tensor of a module is set to.
  struct Source {
    /// Its name in the state.
    let name: String
    /// What it is there.
    let form: PlacedForm
    let dtype: DType
    /// What its numbers are within, if the module says so.
    let range: ClosedRange<Double>?

    /// What of the state's tensor the module cannot have; `ours` is that tensor as the module has it.
    func problem(_ theirs: Tensor, _ ours: Tensor) -> StateError.Problem? {
      if theirs.dtype == .float64, dtype == .float32,
        let place = theirs.firstPlace(where: { $0.isFinite && Float($0).isInfinite })
      {
        return .overflow(name: name, value: [Double](theirs)[place], module: dtype)
      }
      guard let range, let place = ours.firstPlace(where: { !range.contains($0) }) else {
        return nil
      }
      return .value(name: name, value: [Double](ours)[place], within: range)
    }
  }
}

extension Tensor {
  /// The place of the first number that something holds for.
  func firstPlace(where holds: (Double) -> Bool) -> Int? {
    func place<Scalar: RealScalar>(_ scalar: Scalar.Type) -> Int? {
      withSpan(of: scalar) { numbers in numbers.indices.first { holds(Double(numbers[$0])) } }
    }
    return switch dtype {
    case .float32: place(Float.self)
    case .float64: place(Double.self)
    case .int32, .bool: [Double](self).firstIndex(where: holds)
    }
  }
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
    let (places, ranges) = (places(renaming), bufferRanges)
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
    let sources = places.map { place -> StatePlan.Source? in
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
      return StatePlan.Source(
        name: name, form: place.form, dtype: dtype, range: ranges[place.path])
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

  /// Sets the tensors of the module to what `tensor` has under their names, if the module can have all of their
  /// numbers.
  package mutating func set(
    _ plan: StatePlan, _ tensor: (String) -> Tensor?
  ) throws(StateError) {
    var problems: [StateError.Problem] = []
    let loaded = plan.sources.map { source -> Tensor? in
      guard let source, let theirs = tensor(source.name) else { return nil }
      let ours = source.form.ours(theirs).cast(to: source.dtype)
      if let problem = source.problem(theirs, ours) { problems.append(problem) }
      return ours
    }
    guard problems.isEmpty else { throw StateError(problems: problems) }
    var next = loaded.makeIterator()
    leaves(besides: repeatedPlaces) { _, place in
      if case .some(.some(let tensor)) = next.next() { place = tensor }
    }
  }
}
