import Synchronization

/// Whose tape a tape is, and how it stands to others.
///
/// A function that differentiates, such as `gradient(at:of:)`, has a tape of its own for each call.
/// What it meets in its closure may be on the tape of an enclosing call: then all that its own tape
/// holds moves there, and its numbers forward to the new ones.
final class Ownership: Sendable {
  /// Whether the tape is that of a call, and not one that someone has made.
  let isOfCall: Bool
  /// Whether what is recorded is only looked at: then an operation need not compute its operands.
  let isForInspection: Bool
  /// The one type that all floating-point operands are taken in; nil if each keeps its own.
  let precision: DType?
  /// Whether fused operations are recorded as what they are composed of.
  let isComposing: Bool
  /// Whether groups are listed with the types of their results, and layers without operations to speak of are groups
  /// too.
  let isListing: Bool
  /// What becomes of each result that may be rounded before it is kept; nil if it stays as it is.
  let altering: (@Sendable (Tensor) -> Tensor)?
  /// What takes the place of values whose gradient is stopped; nil if they are what they are.
  let holding: StoppedValues?
  /// Tapes are numbered in the order in which they are made: an enclosing one has the lower number.
  let serial = Ownership.next.add(1, ordering: .relaxed).newValue
  private static let next = Atomic(0)
  private let hasEnded = Atomic(false)
  /// Whether a tape that joined this one has taken gradients of values of its own, as those of a model are.
  let holdsOtherWatched = Atomic(false)
  private let forwarding = Guarded<Forwarding?>(nil)

  /// Where the values of a tape have moved to.
  final class Forwarding: Sendable {
    let tape: Tape
    /// What is added to their numbers.
    let offset: Int
    /// The group that was open there, and what is added to the numbers of groups.
    let group: Int?
    let groupOffset: Int

    init(tape: Tape, offset: Int, group: Int?, groupOffset: Int) {
      self.tape = tape
      self.offset = offset
      self.group = group
      self.groupOffset = groupOffset
    }
  }

  init(
    isOfCall: Bool = false, isForInspection: Bool = false, precision: DType? = nil,
    isComposing: Bool = false, isListing: Bool = false,
    altering: (@Sendable (Tensor) -> Tensor)? = nil, holding: StoppedValues? = nil
  ) {
    self.isOfCall = isOfCall
    self.isListing = isListing
    self.isComposing = isComposing
    self.altering = altering
    self.holding = holding
    self.precision = precision
    self.isForInspection = isForInspection
  }

  /// Where the values have moved to; nil if they have not.
  var destination: Forwarding? { forwarding.withLock { $0 } }

  /// Whether the call has returned.
  var isOver: Bool { hasEnded.load(ordering: .relaxed) }

  fileprivate func end() { hasEnded.store(true, ordering: .relaxed) }

  fileprivate func forward(to destination: Forwarding) {
    forwarding.withLock { $0 = destination }
  }
}

extension Tape {
  /// A tape for a call of a function that differentiates.
  static func ofCall() -> Tape { Tape(.empty, Ownership(isOfCall: true)) }

  /// Says that the call has returned: what is still on the tape is a value kept from it.
  func endCall() { ownership.end() }

  /// The tape that holds the values of this one.
  var home: Tape { hasMoved ? Tape.home(of: self, 0).tape : self }

  /// Whether what was recorded here is now on another tape.
  package var hasMoved: Bool { hasMovedAway.load(ordering: .acquiring) }

  /// Where a value is now; or, if it has been on the tape `end`, where it was there.
  static func home(
    of tape: Tape, _ number: Int, on end: Tape? = nil
  ) -> (tape: Tape, number: Int) {
    var (tape, number) = (tape, number)
    while tape !== end, tape.hasMoved, let destination = tape.ownership.destination {
      number += destination.offset
      tape = destination.tape
    }
    return (tape, number)
  }

  /// The tape that an operation on some tensors is recorded on; nil if none of them is on one.
  ///
  /// A tape that meets an older one, which encloses it, joins it.
  static func common(
    to tensors: some Sequence<Tensor>, _ operation: @autoclosure () -> String
  ) -> Tape? {
    var common: Tape?
    for tensor in tensors {
      guard case .recorded(let tape, _) = tensor.content, tape !== common else { continue }
      common = common.map { $0.joined(with: tape.home, tensor.type, operation()) } ?? tape.home
    }
    return common
  }

  /// The tape that an operation on two tensors is recorded on.
  static func common(
    to a: Tensor, _ b: Tensor, _ operation: @autoclosure () -> String
  ) -> Tape? {
    guard case .recorded(let left, _) = a.content else { return b.tape }
    guard case .recorded(let right, _) = b.content, right !== left else { return left.home }
    return left.home.joined(with: right.home, b.type, operation())
  }

  /// The tape that an operation on a tensor and on what is on `tape` is recorded on.
  static func common(
    to tape: Tape, _ tensor: Tensor, _ operation: @autoclosure () -> String
  ) -> Tape {
    guard case .recorded(let other, _) = tensor.content, other !== tape else { return tape.home }
    return tape.home.joined(with: other.home, tensor.type, operation())
  }

  /// The older of two tapes, which the younger joins.
  private func joined(
    with other: Tape, _ type: TensorType, _ operation: @autoclosure () -> String
  ) -> Tape {
    if other === self { return self }
    require(
      !ownership.isOver && !other.ownership.isOver,
      "\(operation()): an operand, such as \(type), is a value kept from an earlier call of a function "
        + "that differentiates; return it from there, or keep it detached")
    let (older, younger) =
      ownership.serial < other.ownership.serial ? (self, other) : (other, self)
    require(
      older.ownership.isOfCall || younger.ownership.isOfCall,
      "\(operation()): \(type) is on another tape than the other operands; "
        + "watch all of them on one tape, or detach one")
    younger.move(to: older)
    return older.home
  }

  /// Moves all that is recorded here to another tape.
  private func move(to other: Tape) {
    withRecord { record, tape in
      guard tape === self else { return }
      let moved = record
      if moved.graph.leaves.contains(where: { $0.kind == .watched }) {
        other.ownership.holdsOtherWatched.store(true, ordering: .relaxed)
      }
      ownership.forward(to: other.withRecord { $0.append(moved, on: $1) })
      hasMovedAway.store(true, ordering: .releasing)
      record = Record()
    }
  }
}

extension Tape.Record {
  /// Adds what another tape holds to this record, which is that of `tape`.
  fileprivate mutating func append(
    _ other: Tape.Record, on tape: Tape
  ) -> Ownership.Forwarding {
    let offset = graph.types.count
    let (group, groupOffset) = (notes.openGroup, notes.groups.count)
    notes.append(other.notes, offset: offset)
    graph.append(other.graph)
    known += other.known
    slots.merge(other.slots.mapValues { $0 + offset }) { own, _ in own }
    return Ownership.Forwarding(
      tape: tape, offset: offset, group: group, groupOffset: groupOffset)
  }
}

extension Tensor {
  /// The tape on which the tensor is recorded; nil if it is a plain value.
  public var tape: Tape? {
    guard case .recorded(let tape, _) = content else { return nil }
    return tape.home
  }

  /// The number on a tape that the tensor is on, or was before that moved; nil for a plain value.
  func number(on tape: Tape) -> Int? {
    guard case .recorded(let owner, let number) = content else { return nil }
    return Tape.home(of: owner, number, on: tape).number
  }
}
