extension Tape: StopPlaceOwner {
  /// The place of the entry whose kernel runs.
  static let entryThatRuns = -1

  /// The module that a watched tensor is a parameter of, by its path; or that of the entry whose kernel runs, and the
  /// groups inside it.
  func names(ofPlace number: Int) -> [String]? {
    let place = Tape.home(of: self, Swift.max(number, 0))
    guard let (graph, notes) = place.tape.recordIfAvailable.map({ ($0.graph, $0.notes) }) else {
      return nil
    }
    let names = notes.watchedNames(in: graph)
    if number != Tape.entryThatRuns {
      return names[place.number].flatMap(Notes.owner).map { [$0] }
    }
    guard let output = place.tape.activity.current,
      let index = graph.entries.lastIndex(where: { $0.outputs.lowerBound == output })
    else { return nil }
    return notes.names(ofGroupOf: graph.entries[...index], in: graph, names)
  }
}

extension Notes {
  /// The path of the module that a parameter is of; nil for that of the model itself.
  static func owner(_ parameter: String) -> String? {
    parameter.lastIndex(of: ".").map { String(parameter[..<$0]) }
  }

  /// What the watched tensors are called, by number, those too that are found out now.
  func watchedNames(in graph: Graph) -> [Int: String] {
    let watched = graph.leaves.filter { $0.kind == .watched }
    return names.merging(zip(watched.map(\.number), laterNames?() ?? [])) { own, _ in own }
  }

  /// The groups that the last of some entries is in, from the outside in; those whose entries read a parameter by the
  /// path of its module, with which they begin.
  fileprivate func names(
    ofGroupOf entries: ArraySlice<Graph.Entry>, in graph: Graph, _ watched: [Int: String]
  ) -> [String]? {
    var (notes, path) = (self, [String]())
    notes.names = watched
    let parameters = notes.parametersOfGroups(in: graph)
    var group = groups(of: entries).last ?? nil
    while let number = group {
      if let owner = parameters[number].flatMap(Notes.owner) { return [owner] + path }
      path.insert(groups[number].name, at: 0)
      group = groups[number].parent
    }
    return path.isEmpty ? nil : path
  }
}
