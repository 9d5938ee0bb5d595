internal import AdjointKernels

/// And, or, and exclusive or of masks.
enum Connective: String, Sendable, CaseIterable {
  case and = "&"
  case or = "|"
  case exclusiveOr = "^"
}

/// A connective of masks, element by element.
///
///     a: bool[A…], b: bool[A…]   →   bool[A…]
///
/// No gradient.
struct Logical: InstructionOperation {
  let connective: Connective
  var reads: Reads { .nothing }
  var name: String { connective.rawValue }
  var elementTypes: ElementTypes { .bool }

  var instruction: AdjointInstruction {
    switch connective {
    case .and: adjointAnd
    case .or: adjointOr
    case .exclusiveOr: adjointExclusiveOr
    }
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    for type in inputs where type.dtype != .bool {
      stop("\(name): \(elementTypes.objection(to: type))")
    }
    return [inputs[0]]
  }

  func kernel(_ frame: inout KernelFrame<Bool>) {
    let (a, b) = (frame.input(0), frame.input(1))
    var y = frame.output(0)
    for i in a.indices {
      y[i] =
        switch connective {
        case .and: a[i] && b[i]
        case .or: a[i] || b[i]
        case .exclusiveOr: a[i] != b[i]
        }
    }
  }

  func pullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    Connective.allCases.map { connective in
      Sample(
        "\(connective)", Logical(connective: connective),
        [Tensor([false, false, true, true]), Tensor([false, true, false, true])], isSmooth: false)
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse("&: float32[1] is not bool; compare, as in x .> 0") {
        let _ = Tensor([1]) .& Tensor([true])
      }
    ]
  }
}

extension Tensor {
  private static func combine(_ connective: Connective, _ left: Tensor, _ right: Tensor) -> Tensor {
    let operands = aligned([left, right], connective.rawValue)
    return Logical(connective: connective)(operands[0], operands[1])
  }

  /// Whether both masks hold; operands are broadcast.
  public static func .& (left: Tensor, right: Tensor) -> Tensor { combine(.and, left, right) }
  /// Whether one of the masks holds, or both; operands are broadcast.
  public static func .| (left: Tensor, right: Tensor) -> Tensor { combine(.or, left, right) }
  /// Whether just one of the masks holds; operands are broadcast.
  public static func .^ (left: Tensor, right: Tensor) -> Tensor {
    combine(.exclusiveOr, left, right)
  }
  /// Whether the mask does not hold.
  public static prefix func .! (mask: Tensor) -> Tensor {
    speaking(as: "!") { mask .^ Tensor(true) }
  }

  /// Returns whether a mask holds everywhere over axes; over all if none are given.
  public func all(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    requireMask("all")
    return speaking(as: "all") { (.!((.!self).any(over: axes, keepingAxes: keepingAxes))) }
  }

  /// Returns whether a mask holds anywhere over axes; over all if none are given.
  public func any(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    requireMask("any")
    return speaking(as: "any") { cast(to: .int32).sum(over: axes, keepingAxes: keepingAxes) .> 0 }
  }

  /// Stops unless the elements are those of a mask.
  private func requireMask(_ operation: String) {
    if dtype != .bool { stop("\(operation): " + ElementTypes.bool.objection(to: type)) }
  }
}
