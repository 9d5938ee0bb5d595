/// An array of numbers with a shape, and the value that everything in Adjoint computes with.
///
/// The element type is known at run time: a layer is written once, trained in float32 and checked
/// in float64. The elements are dense and row-major, so that the last axis varies fastest. A tensor
/// is a value: assigning it copies, and the copy costs nothing until one of the two changes its
/// elements.
///
/// A tensor either holds its elements, or stands for a result recorded on a ``Tape`` and not
/// computed yet. Which of the two it is shows only in ``tape``: wherever elements are read, they
/// are computed first.
public struct Tensor: Sendable {
  /// The element type and the shape, known before the elements are.
  public let type: TensorType
  var content: Content

  /// Where the elements are.
  enum Content: Sendable {
    /// Here, in memory.
    case stored(Storage)
    /// Nowhere: all are one number.
    case filled(Number)
    /// On a tape, under a number: the one thing that a value knows of what stands above it.
    case recorded(Tape, number: Int)
  }

  init(_ type: TensorType, _ content: Content) {
    self.type = type
    self.content = content
  }

  init(_ type: TensorType, _ storage: Storage) {
    self.init(type, .stored(storage))
  }

  /// The type of the elements.
  public var dtype: DType { type.dtype }
  /// The extent of each axis; `[]` for a single value.
  public var shape: [Int] { type.shape }
  /// The number of axes.
  public var rank: Int { type.shape.count }
  /// The number of elements.
  public var count: Int { type.count }

  /// The elements. The one place through which every read of a value goes.
  var storage: Storage {
    switch content {
    case .stored(let storage): storage
    case .filled(let number): .filled(type, with: number.value)
    case .recorded(let tape, _): tape.storage(of: self)
    }
  }

  /// The same value on no tape, if nothing has to be computed for it; nil within a pullback, which may not look.
  var knownValue: Tensor? {
    guard case .recorded(let tape, _) = content else { return self }
    return tape.knownStorage(of: self).map { Tensor(type, $0) }
  }

  /// The same value on no tape: a constant for whatever is computed from it.
  ///
  /// A recorded tensor is computed now. To keep it on its tape and only stop its gradient, use
  /// ``stoppingGradient(byDefinition:)``.
  public var detached: Tensor {
    if case .recorded = content { return Tensor(type, storage) }
    return self
  }

  /// Computes the elements now, if they are not known yet.
  package func compute() { _ = storage }

  /// A tensor whose elements are about to be computed; no one may see it before it is filled.
  package static func room(for type: TensorType) -> Tensor {
    Tensor(type, Storage(roomFor: type))
  }

  /// Whether this is room that has not been filled.
  package var isRoom: Bool {
    guard case .stored(let storage) = content else { return false }
    return storage.isRoom
  }

  /// Fills room with the elements of a tensor of the same type.
  package func fill(from tensor: consuming Tensor) {
    guard case .stored(let room) = content else { return }
    let elements = tensor.storage
    // Given up, so that the elements need not be copied.
    tensor.content = .filled(Number(value: 0, isLiteral: true))
    room.fill(from: elements)
  }

  /// Whether two tensors are one value: one number of one tape, or the same elements in memory.
  package func isSameValue(as other: Tensor) -> Bool {
    switch (content, other.content) {
    case (.recorded(let tape, let number), .recorded(let otherTape, let otherNumber)):
      tape === otherTape && number == otherNumber
    case (.stored(let storage), .stored(let otherStorage)): storage === otherStorage
    default: false
    }
  }
}

/// The number that all elements of a tensor are.
struct Number: Sendable, Hashable {
  let value: Double
  /// Whether it is always the same, as the zeros that a gradient starts from, or may be another one
  /// next time, as a learning rate.
  let isLiteral: Bool
}
