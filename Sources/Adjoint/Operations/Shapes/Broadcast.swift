/// The elements repeated along new axes and along axes of extent 1.
///
///     x: [3, 1]   →   [2, 3, 4]
///
/// The shapes are aligned at their last axes. Pullback: x̄ = Σ ȳ over the repeated axes, so that
/// ``Sum`` and this are each other's transpose and no other rule ever has to add up what was
/// broadcast.
struct Broadcast: LinearOperation, UnroundedOperation {
  var name: String { "broadcast" }
  var elementTypes: ElementTypes { .all }
  let shape: [Int]
  var reads: Reads { .nothing }
  var attributes: String { "to: \(shape)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    let type = inputs[0]
    require(
      type.rank <= shape.count
        && zip(type.shape.reversed(), shape.reversed()).allSatisfy { $0 == $1 || $0 == 1 },
      "broadcast: \(type) does not fit \(shape); axes, aligned at the last, must be equal or 1")
    return [type.with(shape: shape)]
  }

  /// Where the repeated axes come first, or last, or both, with all others between them, the elements
  /// are not even copied.
  func repetition(of input: TensorType) -> Repetition? {
    let added = shape.count - input.rank
    let isRepeated = shape.indices.map { axis in
      shape[axis] != 1 && (axis < added || input.shape[axis - added] != shape[axis])
    }
    let kept = shape.indices.filter { shape[$0] != 1 && !isRepeated[$0] }
    let middle = (kept.first ?? 0)..<(kept.last.map { $0 + 1 } ?? 0)
    guard !isRepeated[middle].contains(true) else { return nil }
    return Repetition(
      outer: shape[..<middle.lowerBound].reduce(1, *), middle: shape[middle].reduce(1, *),
      inner: shape[middle.upperBound...].reduce(1, *))
  }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    let type = frame.inputType(0)
    let strides = zip(type.shape, type.strides).map { $0 == 1 ? 0 : $1 }
    let added = Array(repeating: 0, count: shape.count - type.rank)
    frame.gather(StridedRuns(shape: shape, strides: added + strides))
  }

  func pullback(_ rule: inout Pullback) {
    let (type, g) = (rule.inputType(0), rule.cotangent)
    let added = shape.count - type.rank
    let axes = shape.indices.filter { $0 < added || type.shape[$0 - added] != shape[$0] }
    rule.set(0, to: g.sum(over: axes, keepingAxes: true).reshaped(to: type.shape))
  }

  static var samples: [Sample] {
    [
      Sample("row", Broadcast(shape: [2, 3]), [.sample([3])]),
      Sample("column", Broadcast(shape: [2, 3]), [.sample([2, 1])]),
      Sample("scalar", Broadcast(shape: [2, 2]), [.sample([])]),
      Sample("both ways", Broadcast(shape: [2, 3, 4]), [.sample([3, 1])]),
      Sample("to nothing", Broadcast(shape: [0, 3]), [.sample([1, 3])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "broadcast: float32[2] does not fit [2, 3]; axes, aligned at the last, must be equal or 1"
      ) { _ = Tensor.zeros([2]).broadcast(to: [2, 3]) }
    ]
  }
}

extension Tensor {
  /// Returns the elements repeated along new axes and along axes of extent 1.
  ///
  ///     x: [3, 1], shape: [2, 3, 4]   →   [2, 3, 4]
  ///
  /// Pullback: x̄ = Σ ȳ over the repeated axes.
  /// - Precondition: axes, aligned at the last, are equal or 1.
  public func broadcast(to shape: [Int]) -> Tensor {
    shape == self.shape ? self : Broadcast(shape: shape)(self)
  }

  /// The tensors broadcast to one shape and of one element type, as `operation` needs them.
  static func aligned(_ tensors: [Tensor], _ operation: String) -> [Tensor] {
    let tensors = Tape.ofOnePrecision(tensors) ?? tensors
    var shape: [Int] = []
    for tensor in tensors {
      let (long, short) =
        tensor.rank > shape.count ? (tensor.shape, shape) : (shape, tensor.shape)
      let added = long.count - short.count
      shape = long.indices.map { axis in
        guard axis >= added else { return long[axis] }
        let (left, right) = (long[axis], short[axis - added])
        require(
          left == right || left == 1 || right == 1,
          "\(operation): \(tensors[0].type) and \(tensor.type) differ in axis \(axis); "
            + "broadcast one of them")
        return left == 1 ? right : left
      }
    }
    // A plain operand goes on the tape before it is repeated, so that it is a slot as it is.
    let tape = Tape.common(to: tensors, operation)
    return tensors.map { tensor in
      if tensor.shape == shape { return tensor }
      if case .filled = tensor.content {
        return Tensor(tensor.type.with(shape: shape), tensor.content)
      }
      return (tape?.constant(tensor) ?? tensor).broadcast(to: shape)
    }
  }
}
