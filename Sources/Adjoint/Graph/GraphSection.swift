/// The part of a graph that a walk passes over, from a value to the last one, as it is when the walk begins.
///
/// The graph grows meanwhile, as rules record. Where the part is most of the graph it shares the arrays
/// with it, which are then copied once, at the first rule; else it has copies of its own, so that many
/// short walks on a long tape do not copy all of it each time.
final class GraphSection: Sendable {
  /// The first value.
  let first: Int
  /// The number after that of the last value.
  let end: Int
  /// The entries that make the values, in order.
  let entries: ArraySlice<Graph.Entry>
  private let types: ArraySlice<TensorType>
  /// What is added to a number to find its type.
  private let offset: Int
  /// The types of values before the first that an entry reads.
  private let earlierTypes: [Int: TensorType]

  init(of graph: Graph, from first: Int) {
    (self.first, end) = (first, graph.types.count)
    let entries = graph.entries[graph.entryCount(before: first)...]
    guard end - first < first else {
      (self.entries, types, offset, earlierTypes) = (entries, graph.types[...], 0, [:])
      return
    }
    self.entries = Array(entries)[...]
    types = Array(graph.types[first...])[...]
    offset = -first
    var earlierTypes: [Int: TensorType] = [:]
    for entry in entries {
      for input in entry.inputs where input < first { earlierTypes[input] = graph.types[input] }
    }
    self.earlierTypes = earlierTypes
  }

  /// The type of a value that is here, or that an entry here reads.
  func type(of number: Int) -> TensorType {
    if number + offset >= 0 { return types[number + offset] }
    guard let type = earlierTypes[number] else {
      stop("graph: value \(number) is not read from \(first) on")
    }
    return type
  }
}
