internal import AdjointKernels

/// A relation between two numbers.
public enum Relation: String, Sendable, CaseIterable {
  /// a < b.
  case less = "<"
  /// a ≤ b.
  case lessOrEqual = "<="
  /// a = b; never where one is NaN.
  case equal = "=="
  /// a ≠ b; always where one is NaN.
  case notEqual = "!="
  /// a > b.
  case greater = ">"
  /// a ≥ b.
  case greaterOrEqual = ">="

  fileprivate var instruction: AdjointInstruction {
    switch self {
    case .less: adjointLess
    case .lessOrEqual: adjointLessOrEqual
    case .equal: adjointEqual
    case .notEqual: adjointNotEqual
    case .greater: adjointGreater
    case .greaterOrEqual: adjointGreaterOrEqual
    }
  }

  @inline(__always)
  fileprivate func holds<Scalar: NumericScalar>(_ left: Scalar, _ right: Scalar) -> Bool {
    switch self {
    case .less: left < right
    case .lessOrEqual: left <= right
    case .equal: left == right
    case .notEqual: left != right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}

/// Whether a relation holds between elements.
///
///     a: [A…], b: [A…]   →   bool[A…]
///
/// No gradient. Every relation with NaN but `!=` is false.
struct Comparison: InstructionOperation {
  let relation: Relation
  var reads: Reads { .nothing }
  var name: String { relation.rawValue }
  var elementTypes: ElementTypes { .numeric }
  var instruction: AdjointInstruction { relation.instruction }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 2)
    return [inputs[0].with(.bool)]
  }

  func kernel<Scalar: NumericScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (a, b) = (frame.input(0), frame.input(1))
    var y = frame.output(0, as: Bool.self)
    for i in a.indices { y[i] = relation.holds(a[i], b[i]) }
  }

  func pullback(_ rule: inout Pullback) {}

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? { outputs[0].cast(to: .int32) }

  static var samples: [Sample] {
    Relation.allCases.map { relation in
      Sample(
        "\(relation)", Comparison(relation: relation),
        [Tensor([0, 1, 2, .nan] as [Double]), Tensor([0, 2, 1, .nan] as [Double])], isSmooth: false)
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse("<: float32[2] and float32[3] differ in axis 0; broadcast one of them") {
        let _ = Tensor.zeros([2]) .< Tensor.zeros([3])
      },
      Misuse("==: float32[2] and int32[2] differ in element type; cast one of them") {
        let _ = Tensor.zeros([2]) .== Tensor([1, 2] as [Int32])
      },
    ]
  }
}

extension Tensor {
  private static func compare(_ relation: Relation, _ left: Tensor, _ right: Tensor) -> Tensor {
    let operands = aligned([left, right], relation.rawValue)
    if left.dtype == .bool, right.dtype == .bool, relation == .equal || relation == .notEqual {
      let differs = Logical(connective: .exclusiveOr)(operands[0], operands[1])
      return relation == .equal ? .!differs : differs
    }
    return Comparison(relation: relation)(operands[0], operands[1])
  }

  /// The relation of each element to a number. Integers and masks, as 0 and 1, are compared as the numbers that they
  /// are with one that is none of theirs.
  static func compare(_ relation: Relation, _ left: Tensor, _ right: Double) -> Tensor {
    let isOfType =
      switch left.dtype {
      case .float32, .float64: true
      case .int32: Int32(exactly: right) != nil
      case .bool: false
      }
    let left = isOfType ? left : left.cast(to: .float64)
    return compare(relation, left, left.scalar(right))
  }

  /// Whether each element is less, as bool; operands are broadcast.
  public static func .< (left: Tensor, right: Tensor) -> Tensor { compare(.less, left, right) }
  /// Whether each element is less or equal, as bool; operands are broadcast.
  public static func .<= (left: Tensor, right: Tensor) -> Tensor {
    compare(.lessOrEqual, left, right)
  }
  /// Whether each element is greater, as bool; operands are broadcast.
  public static func .> (left: Tensor, right: Tensor) -> Tensor { compare(.greater, left, right) }
  /// Whether each element is greater or equal, as bool; operands are broadcast.
  public static func .>= (left: Tensor, right: Tensor) -> Tensor {
    compare(.greaterOrEqual, left, right)
  }
  /// Whether elements, or those of masks, are equal, as bool; operands are broadcast. NaN equals nothing.
  public static func .== (left: Tensor, right: Tensor) -> Tensor { compare(.equal, left, right) }
  /// Whether elements, or those of masks, differ, as bool; operands are broadcast. NaN differs from everything.
  public static func .!= (left: Tensor, right: Tensor) -> Tensor {
    compare(.notEqual, left, right)
  }
}
