/// A group of a tape, as a summary lists it.
package struct GroupListing: Sendable {
  /// Its name, such as that of a layer.
  package let name: String
  /// The type of its result; nil if that is no tensor.
  package let result: TensorType?
  /// The name of a watched tensor that its entries read; nil if there is none.
  package let parameter: String?
}

extension Tape {
  /// A tape that lists groups with the types of their results.
  package static func forListing() -> Tape { Tape(Record(), Ownership(isListing: true)) }

  /// The groups, in the order in which they were opened.
  package var groupListings: [GroupListing] {
    let (graph, notes) = withRecord { record, _ in (record.graph, record.notes) }
    let parameters = notes.parametersOfGroups(in: graph)
    return notes.groups.enumerated().map { number, group in
      GroupListing(name: group.name, result: group.result, parameter: parameters[number])
    }
  }
}

extension Tensor {
  /// Calls `body`; on a tape that lists groups, what it records is one. For layers too small to be a group in
  /// each step of a training.
  package func groupedInListings<Result>(
    _ name: @autoclosure () -> String, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let tape, tape.ownership.isListing else { return try body() }
    return try tape.group(name(), body)
  }
}
