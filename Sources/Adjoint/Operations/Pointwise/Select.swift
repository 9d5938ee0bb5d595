internal import AdjointKernels

/// One of two elements, as a mask says.
///
///     x: [A…], y: [A…], mask: bool[A…]   →   [A…]
///
/// The element that is not selected has no influence, not even if it is NaN. Pullback: x̄ = z̄
/// where the mask holds, else 0; ȳ the other way round.
struct Select: InstructionOperation, LinearOperation, UnroundedOperation {
  var name: String { "select" }
  var elementTypes: ElementTypes { .all }
  var instruction: AdjointInstruction { adjointSelect }
  var reads: Reads { .inputs(2) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 3)
    requireOneType(Array(inputs[..<2]), count: 2)
    require(
      inputs[2].dtype == .bool,
      "select: the mask is \(inputs[2]), not bool; compare, as in x .> 0")
    require(
      inputs[1].shape == inputs[0].shape && inputs[2].shape == inputs[0].shape,
      "select: \(inputs[0]), \(inputs[1]) and \(inputs[2]) differ in shape; broadcast them")
    return [inputs[0]]
  }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, y, mask) = (frame.input(0), frame.input(1), frame.input(2, as: Bool.self))
    var z = frame.output(0)
    for i in mask.indices { z[i] = mask[i] ? x[i] : y[i] }
  }

  func pullback(_ rule: inout Pullback) {
    let (mask, g) = (rule.input(2), rule.cotangent)
    rule.set(0, to: g.select(where: mask, otherwise: .zeros(like: g)))
    rule.set(1, to: Tensor.zeros(like: g).select(where: mask, otherwise: g))
  }

  static var samples: [Sample] {
    let mask = Tensor([[true, false, true], [false, false, true]])
    return [Sample("matrix", Select(), [.sample([2, 3]), .sample([2, 3], seed: 2), mask])]
  }

  static var misuses: [Misuse] {
    [
      Misuse("select: the mask is float32[2], not bool; compare, as in x .> 0") {
        _ = Tensor.zeros([2]).select(where: .zeros([2]), otherwise: .ones([2]))
      }
    ]
  }
}

extension Tensor {
  /// Returns the elements of this tensor where a mask holds, and of another elsewhere; all are
  /// broadcast.
  ///
  /// The element that is not selected has no influence, not even if it is NaN; its cotangent is 0.
  /// - Precondition: the mask is bool, and the tensors have one element type.
  public func select(where mask: Tensor, otherwise other: Tensor) -> Tensor {
    let operands = Tensor.aligned([self, other, mask], "select")
    return Select()(operands[0], operands[1], operands[2])
  }

  /// Returns the elements of this tensor where a mask holds, and a number elsewhere.
  /// - Precondition: the mask is bool.
  public func select(where mask: Tensor, otherwise other: Double) -> Tensor {
    select(where: mask, otherwise: scalar(other, "select"))
  }
}
