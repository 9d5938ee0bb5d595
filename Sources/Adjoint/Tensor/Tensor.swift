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

  /// Where the elements are: here, or on a tape under a number.
  enum Content: Sendable {
    case stored(Storage)
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

  /// The tape on which the tensor is recorded; nil if it is a plain value.
  public var tape: Tape? {
    if case .recorded(let tape, _) = content { return tape }
    return nil
  }

  /// The elements. The one place through which every read of a value goes.
  var storage: Storage {
    switch content {
    case .stored(let storage): storage
    case .recorded(let tape, let number): tape.storage(of: number)
    }
  }

  /// The same value on no tape: a constant for whatever is computed from it.
  ///
  /// A recorded tensor is computed now. To keep it on its tape and only stop its gradient, use
  /// ``stoppingGradient()``.
  public var detached: Tensor {
    tape == nil ? self : Tensor(type, storage)
  }
}
