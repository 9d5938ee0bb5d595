/// What was computed from what: a program without its values.
///
/// Values are numbered from 0, in the order in which they came to be. An entry says which operation
/// was applied to which values, and which values it made; a leaf is a value that no entry made. The
/// gradient is a function on the graph, and so is everything that rewrites it.
struct Graph: Sendable {
  /// The applications of operations, in order: an entry reads only values made before.
  private(set) var entries: [Entry] = []
  /// The type of each value, by its number.
  private(set) var types: [TensorType] = []
  /// The values that no entry makes, in the order of their numbers.
  private(set) var leaves: [Leaf] = []

  /// An application of an operation.
  struct Entry: Sendable {
    let operation: any Operation
    /// The numbers of the values that it reads.
    let inputs: Few
    /// The numbers of the values that it makes.
    let outputs: Range<Int>
  }

  /// A value that no entry makes.
  struct Leaf: Sendable {
    let number: Int
    let kind: Kind

    enum Kind: Sendable, Hashable {
      /// What gradients are taken of.
      case watched
      /// A constant of this run, which may be another one in the next: a batch, a learning rate.
      case slot
      /// A number that is part of the program: the zeros that a gradient starts from, the factors in a
      /// rule. All elements are this number.
      case literal(Double)
    }
  }

  /// Adds a leaf, and returns its number.
  mutating func append(_ kind: Leaf.Kind, _ type: TensorType) -> Int {
    leaves.append(Leaf(number: types.count, kind: kind))
    types.append(type)
    return types.count - 1
  }

  /// Adds an application of an operation with one output, and returns the number of that.
  mutating func append(
    _ operation: any Operation, _ inputs: Few, _ type: TensorType
  ) -> Int {
    let number = types.count
    types.append(type)
    entries.append(Entry(operation: operation, inputs: inputs, outputs: number..<number + 1))
    return number
  }

  /// Adds an application of an operation, and returns the number of its first output.
  mutating func append(
    _ operation: any Operation, _ inputs: Few, _ outputs: [TensorType]
  ) -> Int {
    let first = types.count
    types += outputs
    entries.append(
      Entry(operation: operation, inputs: inputs, outputs: first..<first + outputs.count))
    return first
  }

  /// Adds all of another graph, whose watched values are constants here. Its number 0 becomes the next.
  mutating func append(_ other: Graph) {
    let offset = types.count
    types += other.types
    leaves += other.leaves.map { leaf in
      Leaf(number: leaf.number + offset, kind: leaf.kind == .watched ? .slot : leaf.kind)
    }
    entries += other.entries.map { entry in
      Entry(
        operation: entry.operation,
        inputs: Few(count: entry.inputs.count) { entry.inputs[$0] + offset },
        outputs: entry.outputs.lowerBound + offset..<entry.outputs.upperBound + offset)
    }
  }

  /// Room for so many entries and values.
  mutating func reserveCapacity(entries entryCount: Int, values valueCount: Int) {
    entries.reserveCapacity(entryCount)
    types.reserveCapacity(valueCount)
    leaves.reserveCapacity(valueCount / 2)
  }

  /// The entry that makes a value; nil for a leaf.
  func entry(making number: Int) -> Entry? {
    let index = entryCount(before: number + 1) - 1
    guard index >= 0, entries[index].outputs.contains(number) else { return nil }
    return entries[index]
  }

  /// How many entries make only values below a number.
  func entryCount(before number: Int) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].outputs.lowerBound < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
