/// What a tape's listing says beside what was computed: names, and what belongs together.
struct Notes: Sendable {
  /// What watched tensors are called, by number.
  var names: [Int: String] = [:]
  /// What the watched tensors are called in their order, found out when someone asks.
  var laterNames: (@Sendable () -> [String])?
  /// Entries that are shown together, such as those of one layer.
  private(set) var groups: [Group] = []
  /// The group that entries belong to now.
  private(set) var openGroup: Int?
  /// From which value on which group is open.
  private var changes: [(value: Int, group: Int?)] = []

  /// Entries that are shown together.
  struct Group: Sendable {
    let name: String
    /// The group around it.
    let parent: Int?
    /// The type of what its body returned, on a tape that lists groups.
    fileprivate(set) var result: TensorType?
  }

  /// Opens a group, which the values from a number on belong to.
  mutating func open(_ name: String, at value: Int) {
    if groups.isEmpty {
      groups.reserveCapacity(8)
      changes.reserveCapacity(32)
    }
    groups.append(Group(name: name, parent: openGroup))
    change(to: groups.count - 1, at: value)
  }

  /// From a value on, another group is open, or none.
  mutating func change(to group: Int?, at value: Int) {
    openGroup = group
    changes.append((value, group))
  }

  /// Says what a group's body has returned.
  mutating func setResult(of group: Int, to type: TensorType?) { groups[group].result = type }

  /// The innermost group of each of some entries, which are in order.
  func groups(of entries: some Collection<Graph.Entry>) -> [Int?] {
    var (groups, next, open): ([Int?], Int, Int?) = ([], 0, nil)
    groups.reserveCapacity(entries.count)
    for entry in entries {
      while next < changes.count, changes[next].value <= entry.outputs.lowerBound {
        open = changes[next].group
        next += 1
      }
      groups.append(open)
    }
    return groups
  }

  /// The names of a group and of those around it, the outermost first.
  func path(of group: Int?) -> [String] {
    var (names, group): ([String], Int?) = ([], group)
    while let number = group {
      names.append(groups[number].name)
      group = groups[number].parent
    }
    return names.reversed()
  }

  /// Adds the groups of another tape, whose value 0 becomes a later one, inside the open one.
  mutating func append(_ other: Notes, offset: Int) {
    let (outer, groupOffset) = (openGroup, groups.count)
    groups += other.groups.map { group in
      Group(name: group.name, parent: group.parent.map { $0 + groupOffset } ?? outer)
    }
    for change in other.changes {
      self.change(to: change.group.map { $0 + groupOffset } ?? outer, at: change.value + offset)
    }
  }
}

// MARK: On the way back

extension Notes {
  /// Where a walk over the entries in reverse is: at a change, and at the values that it holds for.
  struct Place: Sendable {
    /// How many changes there are up to the entry.
    fileprivate var changeCount: Int
    /// The first value of the group's stretch.
    fileprivate(set) var firstValue: Int
  }

  /// The end, where a walk begins; nil if there are no groups.
  var end: Place? { groups.isEmpty ? nil : Place(changeCount: changes.count, firstValue: .max) }

  /// Opens the group again that a value is in, for the values from a number on. A walk passes each change
  /// once.
  mutating func reopen(groupOf value: Int, at next: Int, _ place: inout Place) {
    while place.changeCount > 0, changes[place.changeCount - 1].value > value {
      place.changeCount -= 1
    }
    let change = place.changeCount > 0 ? changes[place.changeCount - 1] : (value: 0, group: nil)
    place.firstValue = change.value
    if change.group != openGroup { self.change(to: change.group, at: next) }
  }
}

extension Tape {
  /// Calls `body`; what it records on this tape belongs to a new group with the given name.
  func group<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let (tape, outer) = withRecord { record, tape in
      defer { record.notes.open(name, at: record.graph.types.count) }
      return (tape, record.notes.openGroup)
    }
    defer { tape.close(to: outer) }
    guard tape.ownership.isListing else { return try body() }
    let group = tape.withRecord { record, _ in record.notes.openGroup }
    let result = try body()
    if let group { tape.note(result, of: group) }
    return result
  }

  /// Notes the type of a group's result: a tensor, or the first one of several.
  private func note(_ result: Any, of group: Int) {
    let tensor =
      result as? Tensor
      ?? Mirror(reflecting: result).children.lazy.compactMap { $0.value as? Tensor }.first
    withRecord { record, tape in
      if tape === self { record.notes.setResult(of: group, to: tensor?.type) }
    }
  }

  /// Opens the group again that was open before another one, also where both have moved.
  private func close(to outer: Int?) {
    var (tape, outer) = (self, outer)
    while tape.hasMoved, let destination = tape.ownership.destination {
      outer = outer.map { $0 + destination.groupOffset } ?? destination.group
      tape = destination.tape
    }
    tape.withRecord { record, _ in
      record.notes.change(to: outer, at: record.graph.types.count)
    }
  }

  /// Says how to find the names of all tensors watched so far, in their order, should a listing need
  /// them.
  package func nameWatched(_ names: @escaping @Sendable () -> [String]) {
    withRecord { record, _ in record.notes.laterNames = names }
  }
}

extension Tensor {
  /// Calls `body`; what it records on this tensor's tape is shown as one group in graphs and
  /// listings.
  ///
  /// For layers: `x.grouped("Linear", with: weight) { … }`. What rules record on the way back belongs to the
  /// group too. Without a tape it only calls `body`. A stop meanwhile says at the end of its message where that is: the
  /// path of the module whose parameter is given, or else the name.
  /// - Parameters:
  ///   - name: the name of the group.
  ///   - parameter: whose tape it is if this tensor is on none, as the data are that a first layer is given.
  ///   - body: what records.
  public func grouped<Result>(
    _ name: String, with parameter: Tensor? = nil, _ body: () throws -> Result
  ) rethrows -> Result {
    try grouped(.group, name, with: parameter, body)
  }

  /// Calls `body`, all that a layer does: it is one group in listings, and a message of the functions that the layer is
  /// made of is said in its name, as `Conv2D: … (in blocks.1.conv1)`.
  ///
  /// Not for a layer that is made of layers, which speak for themselves.
  package func layered<Result>(
    _ layer: String, with parameter: Tensor? = nil, _ body: () throws -> Result
  ) rethrows -> Result {
    try grouped(.layer, layer, with: parameter, body)
  }

  @inline(__always)
  private func grouped<Result>(
    _ kind: StopPlace.Kind, _ name: String, with parameter: Tensor?, _ body: () throws -> Result
  ) rethrows -> Result {
    var owner: (tape: Tape, number: Int)?
    if case .recorded(let tape, let number)? = parameter?.content { owner = (tape, number) }
    return try StopPlace.at(kind, name, of: owner?.tape, owner?.number ?? 0) {
      try (tape ?? owner?.tape.home)?.group(name, body) ?? body()
    }
  }
}
