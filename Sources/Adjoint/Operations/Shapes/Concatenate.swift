/// Tensors one after another along an axis.
///
///     [2, 3], [2, 5], axis: 1   →   [2, 8]
///
/// Pullback: x̄ₖ is the slice of ȳ where xₖ lies.
struct Concatenate: LinearOperation, UnroundedOperation {
  var name: String { "concatenate" }
  var elementTypes: ElementTypes { .all }
  let axis: Int
  var reads: Reads { .nothing }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    var shape = inputs[0].shape
    for input in inputs.dropFirst() {
      requireSameDType(inputs[0], input)
      require(
        input.rank == shape.count
          && shape.indices.allSatisfy { $0 == axis || shape[$0] == input.shape[$0] },
        "concatenate: \(inputs[0]) and \(input) differ in more than axis \(axis); "
          + "all other axes must be equal")
      shape[axis] = clampedSum(shape[axis], input.shape[axis])
    }
    return [inputs[0].with(shape: shape)]
  }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    let outer = frame.outputType(0).shape[..<axis].reduce(1, *)
    let row = frame.outputType(0).shape[axis...].reduce(1, *)
    var start = 0
    for number in 0..<frame.inputCount {
      let length = frame.inputType(number).shape[axis...].reduce(1, *)
      let x = frame.input(number)
      var y = frame.output(0)
      for block in 0..<outer {
        for i in 0..<length { y[block * row + start + i] = x[block * length + i] }
      }
      start += length
    }
  }

  func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    var start = 0
    for number in 0..<rule.inputCount {
      let end = start + rule.inputType(number).shape[axis]
      rule.set(number, to: g.slice(start..<end, along: axis))
      start = end
    }
  }

  static var samples: [Sample] {
    [
      Sample(
        "columns", Concatenate(axis: 1), [.sample([2, 3]), .sample([2, 1], seed: 2)]),
      Sample(
        "three rows", Concatenate(axis: 0),
        [.sample([1, 2]), .sample([2, 2], seed: 2), .sample([1, 2], seed: 3)]),
      Sample("with nothing", Concatenate(axis: 0), [.sample([0, 2]), .sample([2, 2])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "concatenate: float32[2, 3] and float32[3, 3] differ in more than axis 1; "
          + "all other axes must be equal"
      ) { _ = Tensor.concatenated([.zeros([2, 3]), .zeros([3, 3])], along: 1) },
      Misuse("concatenate: float32[2] and int32[2] differ in element type; cast one of them") {
        _ = Tensor.concatenated([.zeros([2]), .zeros([2], dtype: .int32)], along: 0)
      },
      Misuse("concatenate: there are no tensors; give one or more") {
        _ = Tensor.concatenated([], along: 0)
      },
    ]
  }
}

extension Tensor {
  /// Returns tensors one after another along an axis.
  ///
  ///     [2, 3], [2, 5], along: 1   →   [2, 8]
  ///
  /// Pullback: x̄ₖ is the slice of ȳ where xₖ lies.
  /// - Precondition: there is one or more, of one element type, equal in all other axes.
  public static func concatenated(_ tensors: [Tensor], along axis: Int) -> Tensor {
    require(!tensors.isEmpty, "concatenate: there are no tensors; give one or more")
    let first = tensors[0]
    let axis = resolved(axis, rank: first.rank, "concatenate", first.type)
    return tensors.count == 1 ? first : Concatenate(axis: axis).outputs(of: tensors)[0]
  }

  /// Returns tensors of one shape along a new axis.
  ///
  ///     [3], [3], at: 0   →   [2, 3]
  ///
  /// Pullback: x̄ₖ = ȳ at k along the axis.
  /// - Precondition: there is one or more, of one type.
  public static func stacked(_ tensors: [Tensor], at axis: Int = 0) -> Tensor {
    require(!tensors.isEmpty, "stacked: there are no tensors; give one or more")
    let first = tensors[0].type
    for tensor in tensors where tensor.type != first {
      stop(
        "stacked: \(first) and \(tensor.type) differ; stack tensors of one type, or concatenate them"
      )
    }
    let axis = resolved(axis, rank: first.rank + 1, "stacked", first)
    return concatenated(tensors.map { $0.expanded(at: axis) }, along: axis)
  }
}
