import Synchronization

/// The record of what was computed, in order: what a gradient walks backwards.
///
/// A tape is a graph being recorded, with what is known of its values. An operation with an operand on
/// a tape records itself there, nothing else does. Recording runs only the shape rule: values are
/// computed when someone reads one, and then only those that it needs.
///
/// ```swift
/// let tape = Tape()
/// let x = tape.watch(Tensor([1, 2, 3]))
/// let y = (x * x).sum()
/// let dx = tape.gradients(of: y, with: [x])[0]     // [2, 4, 6]
/// ```
///
/// A tape may be used from several tasks at once. It lives as long as a tensor on it does, and grows with all
/// that is recorded: take a new one for each step of a loop, as the functions that differentiate do.
public final class Tape: Sendable {
  private let record: Guarded<Record>
  /// Whether what was recorded here is now on another tape.
  let hasMovedAway = Atomic(false)
  /// A walk or an evaluation that is under way.
  let activity = Activity()
  /// Whose tape it is, and how it stands to others.
  let ownership: Ownership

  /// The contents of a tape.
  struct Record: Sendable {
    var graph = Graph()
    /// What is known of the values, by their numbers.
    var known: [Known] = []
    /// The number of the slot that holds the elements of a storage.
    var slots: [ObjectIdentifier: Int] = [:]
    var notes = Notes()
  }

  /// What is known of a value.
  enum Known: Sendable {
    case nothing
    case elements(Storage)
    /// All elements are one number.
    case number(Double)
  }

  /// Starts an empty tape.
  public convenience init() { self.init(.empty, Ownership()) }

  init(_ record: Record, _ ownership: Ownership) {
    self.record = Guarded(record)
    self.ownership = ownership
  }

  /// The number of values.
  public var count: Int { graph.types.count }

  /// The number of applications of operations.
  public var entryCount: Int { graph.entries.count }

  /// What is recorded now.
  var graph: Graph { withRecord { record, _ in record.graph } }

  /// What is recorded now, unless someone uses it: for a program that stops.
  var recordIfAvailable: Record? { record.valueIfAvailable }

  /// Calls `body` with the contents, which no one else sees or changes meanwhile, and the tape that has
  /// them: what was recorded here may have moved to another one.
  @inline(__always)
  func withRecord<Result: Sendable>(_ body: (inout Record, Tape) -> Result) -> Result {
    var tape = self
    while true {
      let result = tape.record.withLock { tape.hasMoved ? nil : body(&$0, tape) }
      if let result { return result }
      tape = tape.home
    }
  }

  /// Puts a value on the tape to differentiate with respect to; the name, such as `hidden.weight`,
  /// is for listings.
  ///
  /// - Precondition: the tensor is floating-point and on no tape.
  public func watch(_ tensor: Tensor, name: String? = nil) -> Tensor {
    require(
      tensor.dtype.isFloatingPoint,
      "watch: \(tensor.type) has no gradient; watch a float32 or float64 tensor")
    if case .recorded = tensor.content {
      stop(
        "watch: \(tensor.type) is on a tape already; use it as it is, or watch its detached value")
    }
    let elements = Known.elements(tensor.storage)
    return withRecord { record, tape in
      let number = record.append(.watched, tensor.type, elements)
      if let name { record.notes.names[number] = name }
      return Tensor(tensor.type, .recorded(tape, number: number))
    }
  }

  /// The tensor under a number of this tape: a plain one becomes a constant.
  package func constant(_ tensor: Tensor) -> Tensor {
    Tape.common(to: self, tensor, "gradient").withRecord { record, tape in
      Tensor(tensor.type, .recorded(tape, number: record.number(of: tensor, on: tape)))
    }
  }

  /// The same value under a new number.
  package func alias(of tensor: Tensor) -> Tensor { Identity()(constant(tensor)) }

  /// Records an operation with one operand and one output. Nothing is computed yet.
  ///
  /// - Precondition: this is the tape that the operands have in common.
  func append(_ operation: any Operation, _ x: Tensor, _ type: TensorType) -> Tensor {
    withRecord { record, tape in
      record.append(operation, Few(record.number(of: x, on: tape)), type, on: tape)
    }
  }

  /// Records an operation with two operands and one output.
  func append(_ operation: any Operation, _ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    withRecord { record, tape in
      let numbers = Few(record.number(of: a, on: tape), record.number(of: b, on: tape))
      return record.append(operation, numbers, type, on: tape)
    }
  }

  /// Records an operation.
  func append(_ operation: any Operation, _ inputs: [Tensor], _ types: [TensorType]) -> [Tensor] {
    withRecord { record, tape in
      // Plain operands become values first, so that an entry's outputs are the last.
      let numbers = Few(count: inputs.count) { record.number(of: inputs[$0], on: tape) }
      for _ in types { record.known.append(.nothing) }
      let first = record.graph.append(operation, numbers, types)
      return types.indices.map { Tensor(types[$0], .recorded(tape, number: first + $0)) }
    }
  }
}

extension Tape.Record {
  /// Nothing, with room for what a small model records.
  static var empty: Tape.Record {
    var record = Tape.Record()
    record.graph.reserveCapacity(entries: 12, values: 32)
    record.known.reserveCapacity(32)
    return record
  }

  /// Adds a leaf whose value is known, and returns its number.
  mutating func append(
    _ kind: Graph.Leaf.Kind, _ type: TensorType, _ value: Tape.Known
  ) -> Int {
    known.append(value)
    return graph.append(kind, type)
  }

  @inline(__always)
  fileprivate mutating func append(
    _ operation: any Operation, _ inputs: Few, _ type: TensorType, on tape: Tape
  ) -> Tensor {
    known.append(.nothing)
    return Tensor(type, .recorded(tape, number: graph.append(operation, inputs, type)))
  }

  /// The number of an operand; a plain value gets one now. The same elements get the same one again.
  @inline(__always)
  mutating func number(of tensor: Tensor, on tape: Tape) -> Int {
    if case .recorded(let owner, let number) = tensor.content, owner === tape { return number }
    return newNumber(of: tensor, on: tape)
  }

  @inline(never)
  private mutating func newNumber(of tensor: Tensor, on tape: Tape) -> Int {
    switch tensor.content {
    case .recorded(let owner, let number): return Tape.home(of: owner, number).number
    case .filled(let number):
      // A rule cannot look at values: its numbers follow from attributes and types.
      let isLiteral = number.isLiteral || tape.activity.isPullback
      return append(
        isLiteral ? .literal(number.value) : .slot, tensor.type, .number(number.value))
    case .stored(let storage):
      let identity = ObjectIdentifier(storage)
      if let slot = slots[identity], graph.types[slot] == tensor.type { return slot }
      if slots.isEmpty { slots.reserveCapacity(12) }
      let slot = append(.slot, tensor.type, .elements(storage))
      slots[identity] = slot
      return slot
    }
  }
}
