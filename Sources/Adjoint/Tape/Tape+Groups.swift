extension Tape {
  /// Entries that are shown together, such as those of one layer.
  struct Group: Sendable {
    let name: String
    /// The group around it, an index into the tape's groups.
    let parent: Int?
  }

  /// Calls `body`; what it records on this tape belongs to a new group with the given name.
  func group<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let outer = withRecord { record in
      record.groups.append(Group(name: name, parent: record.openGroup))
      defer { record.openGroup = record.groups.count - 1 }
      return record.openGroup
    }
    defer { withRecord { $0.openGroup = outer } }
    return try body()
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
