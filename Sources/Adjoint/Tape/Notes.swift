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
  /// From which entry on which group is open.
  private var changes: [(entry: Int, group: Int?)] = []

  /// Entries that are shown together.
  struct Group: Sendable {
    let name: String
    /// The group around it.
    let parent: Int?
  }

  /// Opens a group at an entry.
  mutating func open(_ name: String, at entry: Int) {
    if groups.isEmpty {
      groups.reserveCapacity(8)
      changes.reserveCapacity(16)
    }
    groups.append(Group(name: name, parent: openGroup))
    change(to: groups.count - 1, at: entry)
  }

  /// From an entry on, another group is open, or none.
  mutating func change(to group: Int?, at entry: Int) {
    openGroup = group
    changes.append((entry, group))
  }

  /// The innermost group of each of so many entries.
  func groups(ofEntries count: Int) -> [Int?] {
    var (groups, next, open): ([Int?], Int, Int?) = ([], 0, nil)
    groups.reserveCapacity(count)
    for entry in 0..<count {
      while next < changes.count, changes[next].entry <= entry {
        open = changes[next].group
        next += 1
      }
      groups.append(open)
    }
    return groups
  }

  /// The names of the groups that an entry is in, the outermost first.
  func path(ofEntry entry: Int) -> [String] {
    var names: [String] = []
    var group = groups(ofEntries: entry + 1).last ?? nil
    while let number = group {
      names.insert(groups[number].name, at: 0)
      group = groups[number].parent
    }
    return names
  }

  /// Adds the groups of another tape, whose entry 0 becomes a later one, inside the open one.
  mutating func append(_ other: Notes, entryOffset: Int) {
    let (outer, offset) = (openGroup, groups.count)
    groups += other.groups.map { group in
      Group(name: group.name, parent: group.parent.map { $0 + offset } ?? outer)
    }
    for change in other.changes {
      self.change(to: change.group.map { $0 + offset } ?? outer, at: change.entry + entryOffset)
    }
  }
}

extension Tape {
  /// Calls `body`; what it records on this tape belongs to a new group with the given name.
  func group<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let (tape, outer) = withRecord { record, tape in
      defer { record.notes.open(name, at: record.graph.entries.count) }
      return (tape, record.notes.openGroup)
    }
    defer { tape.close(to: outer) }
    return try body()
  }

  /// Opens the group again that was open before another one, also where both have moved.
  private func close(to outer: Int?) {
    var (tape, outer) = (self, outer)
    while tape.hasMoved, let destination = tape.ownership.destination {
      outer = outer.map { $0 + destination.groupOffset } ?? destination.group
      tape = destination.tape
    }
    tape.withRecord { record, _ in
      record.notes.change(to: outer, at: record.graph.entries.count)
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
  /// For layers: `x.grouped("Linear") { … }`. Without a tape it only calls `body`.
  public func grouped<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try tape?.group(name, body) ?? body()
  }
}
