/// The elements with the axes in another order.
///
///     x: [A₀, A₁, …]   →   [A_p₀, A_p₁, …]
///
/// Copies. Pullback: x̄ = ȳ with the axes in the order that they had.
struct Transpose: LinearOperation, UnroundedOperation {
  var name: String { "transpose" }
  var elementTypes: ElementTypes { .all }
  let permutation: [Int]
  var reads: Reads { .nothing }
  var attributes: String { "\(permutation)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    [inputs[0].with(shape: permutation.map { inputs[0].shape[$0] })]
  }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    let strides = frame.inputType(0).strides
    frame.gather(
      StridedRuns(shape: frame.outputType(0).shape, strides: permutation.map { strides[$0] }))
  }

  func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    let inverse = permutation.indices.sorted { permutation[$0] < permutation[$1] }
    rule.set(0, to: g.transposed(inverse))
  }

  static var samples: [Sample] {
    [
      Sample("matrix", Transpose(permutation: [1, 0]), [.sample([2, 3])]),
      Sample("cyclic", Transpose(permutation: [1, 2, 0]), [.sample([2, 3, 4])]),
      Sample("channels last", Transpose(permutation: [0, 2, 3, 1]), [.sample([2, 3, 2, 2])]),
      Sample("empty", Transpose(permutation: [1, 0]), [.sample([0, 3])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("transpose: [0, 0] is not an order of the axes of float32[2, 3]; name each axis once")
      {
        _ = Tensor.zeros([2, 3]).transposed([0, 0])
      },
      Misuse("transpose: float32[3] has fewer than 2 axes; give the order of all axes") {
        _ = Tensor.zeros([3]).transposed()
      },
    ]
  }
}

extension Tensor {
  /// Returns the elements with the axes in the order given.
  ///
  ///     x: [A₀, A₁, …], [p₀, p₁, …]   →   [A_p₀, A_p₁, …]
  ///
  /// Pullback: x̄ = ȳ with the axes back in place.
  /// - Precondition: the order names each axis once.
  public func transposed(_ order: [Int]) -> Tensor {
    let axes = order.map { $0 < 0 ? $0 + rank : $0 }
    require(
      axes.sorted() == Array(0..<rank),
      "transpose: \(order) is not an order of the axes of \(type); name each axis once")
    return axes == Array(0..<rank) ? self : Transpose(permutation: axes)(self)
  }

  /// Returns the elements with the last two axes exchanged.
  ///
  ///     x: [A…, M, N]   →   [A…, N, M]
  /// - Precondition: there are two axes or more.
  public func transposed() -> Tensor {
    require(rank >= 2, "transpose: \(type) has fewer than 2 axes; give the order of all axes")
    return transposed(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }
}
