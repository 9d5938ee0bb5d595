/// The record of what was computed, in order: the array that a gradient walks backwards.
///
/// An entry says which operation was applied to which values and which values it made; values are
/// numbered from 0. An operation with an operand on a tape records itself there, nothing else does.
/// Recording runs only the shape rule: values are computed when someone reads one, and then only
/// those that it needs.
///
/// ```swift
/// let tape = Tape()
/// let x = tape.watch(Tensor([1, 2, 3]))
/// let y = (x * x).sum()
/// let dx = tape.gradients(of: y, with: [x])[0]     // [2, 4, 6]
/// ```
///
/// A tape may be used from several tasks at once. It lives as long as a tensor on it does.
public final class Tape: Sendable {
  /// The tape that this one continues: the numbers below ``base`` are values of it.
  let continued: Tape?
  /// The number of the first value of its own.
  let base: Int
  private let record: Guarded<Record>

  /// An application of an operation.
  struct Entry: Sendable {
    let operation: any Operation
    let inputs: Operands
    /// The numbers of the values it made.
    let outputs: Range<Int>
    /// The innermost group it belongs to, an index into ``Record/groups``.
    let group: Int?
    /// The last evaluation that found it needed.
    var evaluation = 0
  }

  /// A number's type, its elements once they are known, and where it came from.
  struct Value: Sendable {
    let type: TensorType
    var storage: Storage?
    /// The index of the entry that makes it; nil for a watched tensor or a constant.
    let producer: Int?
    /// How many entries of the evaluation under way still have to read it.
    var pendingReads = 0
  }

  /// The contents of a tape.
  struct Record: Sendable {
    var entries: [Entry] = []
    var values: [Value] = []
    /// The numbers of the watched tensors, in ascending order.
    var watched: [Int] = []
    /// What watched tensors are called, by number.
    var names: [Int: String] = [:]
    /// What the watched tensors are called in their order, found out when someone asks.
    var laterNames: (@Sendable () -> [String])?
    var groups: [Group] = []
    var openGroup: Int?
    var evaluations = 0
  }

  /// Starts an empty tape.
  public convenience init() { self.init(continuing: nil) }

  /// Starts a tape that can refer to all that is on `tape` now, and adds nothing to it.
  init(continuing tape: Tape?) {
    continued = tape
    base = tape?.count ?? 0
    record = Guarded(Record())
    withRecord { record in
      record.entries.reserveCapacity(32)
      record.values.reserveCapacity(64)
    }
  }

  /// The number of values, those of a continued tape included.
  public var count: Int { base + withRecord { $0.values.count } }

  /// The number of entries, those of a continued tape not included.
  public var entryCount: Int { withRecord { $0.entries.count } }

  /// Calls `body` with the contents, which no one else sees or changes meanwhile.
  func withRecord<Result>(_ body: (inout sending Record) -> sending Result) -> sending Result {
    record.withLock(body)
  }

  /// Puts a value on the tape to differentiate with respect to; the name, such as `hidden.weight`,
  /// is for listings.
  ///
  /// - Precondition: the tensor is floating-point and on no tape.
  public func watch(_ tensor: Tensor, name: String? = nil) -> Tensor {
    require(
      tensor.dtype.isFloatingPoint,
      "watch: \(tensor.type) has no gradient; watch a float32 or float64 tensor")
    guard case .stored(let storage) = tensor.content else {
      stop(
        "watch: \(tensor.type) is on a tape already; use it as it is, or watch its detached value")
    }
    let number = withRecord { record in
      record.values.append(Value(type: tensor.type, storage: storage, producer: nil))
      let number = base + record.values.count - 1
      record.watched.append(number)
      if let name { record.names[number] = name }
      return number
    }
    return Tensor(tensor.type, .recorded(self, number: number))
  }

  /// Says how to find the names of all tensors watched so far, in their order, should a listing need
  /// them.
  package func nameWatched(_ names: @escaping @Sendable () -> [String]) {
    withRecord { $0.laterNames = names }
  }

  /// Puts a value on the tape that has no gradient of its own.
  package func constant(_ tensor: Tensor) -> Tensor {
    let number = withRecord { record in self.number(of: tensor, "identity", in: &record) }
    return Tensor(tensor.type, .recorded(self, number: number))
  }

  /// The number of an operand; a plain value gets one now.
  private func number(
    of tensor: Tensor, _ operation: @autoclosure () -> String, in record: inout Record
  ) -> Int {
    switch tensor.content {
    case .stored(let storage):
      record.values.append(Value(type: tensor.type, storage: storage, producer: nil))
      return base + record.values.count - 1
    case .recorded(let tape, let number):
      require(
        includes(tape, number: number),
        "\(operation()): \(tensor.type) is on another tape than the other operands; "
          + "watch all of them on one tape, or detach one")
      return number
    }
  }

  /// Whether a number of `tape` is a number of this tape too.
  func includes(_ tape: Tape, number: Int) -> Bool {
    if tape === self { return true }
    guard let continued, number < base else { return false }
    return continued.includes(tape, number: number)
  }

  /// Records an operation, and returns the number of its first output. Nothing is computed yet.
  func append(
    _ operation: any Operation, _ inputs: [Tensor], _ types: [TensorType]
  ) -> Int {
    withRecord { record in
      // Plain operands become values first, so that the entry's outputs are the last.
      let numbers = Operands(count: inputs.count) {
        number(of: inputs[$0], operation.name, in: &record)
      }
      let first = base + record.values.count
      for type in types {
        record.values.append(Value(type: type, storage: nil, producer: record.entries.count))
      }
      record.entries.append(
        Entry(
          operation: operation, inputs: numbers, outputs: first..<first + types.count,
          group: record.openGroup))
      return first
    }
  }

  /// The tensor with a number.
  func tensor(_ number: Int) -> Tensor {
    Tensor(type(of: number), .recorded(self, number: number))
  }

  /// The type of the value with a number.
  func type(of number: Int) -> TensorType {
    if number < base, let continued { return continued.type(of: number) }
    return withRecord { $0.values[number - base].type }
  }

  /// The tape that holds a number itself, and the index of the entry that makes the value.
  func producer(of number: Int) -> (tape: Tape, entry: Int?) {
    if number < base, let continued { return continued.producer(of: number) }
    return (self, withRecord { $0.values[number - base].producer })
  }

  /// The entry with an index on this tape itself.
  func entry(_ index: Int) -> Entry { withRecord { $0.entries[index] } }
}

extension Operation {
  /// Applies an operation that has one output.
  public func callAsFunction(_ inputs: Tensor...) -> Tensor {
    let types = outputTypes(for: inputs.map(\.type))
    require(
      types.count == 1, "\(name): has \(types.count) outputs; call outputs(of:) to get them all")
    if let tape = Tape.common(to: inputs) {
      return Tensor(types[0], .recorded(tape, number: tape.append(self, inputs, types)))
    }
    return Tensor(types[0], run(on: inputs, types)[0])
  }

  /// Applies the operation: records it if an input is on a tape, and computes it at once if none
  /// is.
  public func outputs(of inputs: [Tensor]) -> [Tensor] {
    let types = outputTypes(for: inputs.map(\.type))
    if let tape = Tape.common(to: inputs) {
      let first = tape.append(self, inputs, types)
      return types.indices.map { Tensor(types[$0], .recorded(tape, number: first + $0)) }
    }
    let storages = run(on: inputs, types)
    return types.indices.map { Tensor(types[$0], storages[$0]) }
  }

  private func run(on inputs: [Tensor], _ types: [TensorType]) -> [Storage] {
    var outputs: [Storage] = []
    run(inputs.map(\.storage), inputs.map(\.type), into: &outputs, types)
    return outputs
  }
}

extension Tape {
  /// The tape on which an operation on `tensors` is recorded: the longest of theirs.
  package static func common(to tensors: [Tensor]) -> Tape? {
    var common: Tape?
    for tensor in tensors {
      guard let tape = tensor.tape, tape !== common else { continue }
      if tape.base >= (common?.base ?? 0) { common = tape }
    }
    return common
  }
}
