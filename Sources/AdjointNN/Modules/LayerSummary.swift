import Adjoint

/// What the layers of a model make of an input, in the order in which they are applied.
///
///     layer   type       result           trained  frozen
///     hidden  Linear     float32[32, 64]       40       0
///     norm    BatchNorm  float32[32, 64]      128       0
public struct LayerSummary: Sendable, CustomStringConvertible {
  /// An application of a layer.
  public struct Row: Sendable, Equatable {
    /// The path of the layer; nil if it is not known, as that of one without parameters may be.
    public let path: String?
    /// The type of the layer, as people call it.
    public let type: String
    /// The type of the result; nil if the layer was not seen to be applied.
    public let result: TensorType?
    /// How many numbers of it optimizers change. A layer that is applied again counts none.
    public let trained: Int
    /// How many numbers of its parameters are frozen.
    public let frozen: Int
  }

  /// The applications, and then the layers with parameters that were not seen to be applied.
  public let rows: [Row]
  /// How many numbers optimizers change.
  public var trained: Int { rows.reduce(0) { $0 + $1.trained } }
  /// How many numbers of parameters are frozen.
  public var frozen: Int { rows.reduce(0) { $0 + $1.frozen } }

  /// A table, with totals.
  public var description: String {
    var cells = [["layer", "type", "result", "trained", "frozen"]]
    cells += rows.map { row in
      let result = row.result.map { "\($0)" } ?? ""
      return [row.path ?? "", row.type, result, "\(row.trained)", "\(row.frozen)"]
    }
    cells.append(["total", "", "", "\(trained)", "\(frozen)"])
    return cells.aligned(texts: 3)
  }
}

extension Layer {
  /// Returns what each layer makes of an input in inference: its path, type, result and parameters.
  ///
  /// ```swift
  /// print(model.summary(for: .zeros([32, 1, 28, 28])))
  /// ```
  ///
  /// The model is applied to the input, and nothing is computed. Layers of this package are seen, and what is
  /// `Tensor.grouped(_:with:_:)` in a layer of your own; a layer that is applied twice has two rows, and its
  /// parameters count in the first. A layer without parameters is found by its place among those that are visited
  /// between its neighbours.
  public func summary(for input: Tensor) -> LayerSummary {
    var (names, copy, tape): ([String], Self, Tape) = ([], self, .forListing())
    var rest: [(path: String, trained: Int, frozen: Int)] = []
    let trained = Set(tensors(.parameter).map(\.path))
    forEachValue(namingPaths: true, thawing: true) { path, role, tensor in
      names.append(role == .parameter ? path : "")
      guard role == .parameter else { return }
      let count = tensor.count
      rest.append(trained.contains(path) ? (path, count, 0) : (path, 0, count))
    }
    var next = names.makeIterator()
    copy.leaves(besides: repeatedPlaces) { _, tensor in
      if let name = next.next(), !name.isEmpty { tensor = tape.watch(tensor, name: name) }
    }
    _ = copy(tape.constant(input), .inference)
    let modules = modulePaths
    var rows = tape.groupListings.located(among: modules).map { group, path in
      let (own, others) = rest.partitioned { path.map($0.path.isInside) ?? false }
      rest = others
      return LayerSummary.Row(
        path: path, type: group.name, result: group.result,
        trained: own.reduce(0) { $0 + $1.trained }, frozen: own.reduce(0) { $0 + $1.frozen })
    }
    while let first = rest.first {
      let owner = first.path.splitAtLastDot.0
      let (own, others) = rest.partitioned { $0.path.splitAtLastDot.0 == owner }
      rest = others
      rows.append(
        LayerSummary.Row(
          path: owner, type: modules.first { $0.path == owner }?.type ?? "", result: nil,
          trained: own.reduce(0) { $0 + $1.trained }, frozen: own.reduce(0) { $0 + $1.frozen }))
    }
    return LayerSummary(rows: rows)
  }

  /// The path and the type of each module, in the order of `visit`.
  private var modulePaths: [(path: String, type: String)] {
    var (copy, found): (Self, [(path: String, type: String)]) = (self, [])
    copy.forEachModule { path, module in found.append((path, type(of: module).typeName)) }
    return found
  }
}

extension [GroupListing] {
  /// The groups with the paths of the modules that they are of, where these are known: by a parameter that is
  /// read, or by the type, of those visited between the neighbours.
  fileprivate func located(
    among modules: [(path: String, type: String)]
  ) -> [(group: GroupListing, path: String?)] {
    var places: [Int?] = map { group in
      guard let owner = group.parameter?.splitAtLastDot.0 else { return nil }
      return modules.lastIndex { $0.type == group.name && owner.isInside($0.path) }
        ?? modules.lastIndex { $0.path == owner }
    }
    var next = 0
    for number in indices {
      if let place = places[number] {
        next = place + 1
        continue
      }
      let end = places[number...].lazy.compactMap(\.self).first ?? modules.count
      guard next < end, self[number].parameter == nil else { continue }
      let place = modules[next..<end].firstIndex { $0.type == self[number].name }
      places[number] = place
      next = place.map { $0 + 1 } ?? next
    }
    return zip(self, places).map { ($0, $1.map { modules[$0].path }) }
  }
}

extension String {
  /// Whether it is a path, or one of what is inside.
  fileprivate func isInside(_ path: String) -> Bool {
    path.isEmpty || self == path || hasPrefix(path + ".")
  }
}

extension Array {
  /// The elements that something holds for, and the others, in order.
  fileprivate func partitioned(_ belongs: (Element) -> Bool) -> ([Element], [Element]) {
    (filter(belongs), filter { !belongs($0) })
  }
}
