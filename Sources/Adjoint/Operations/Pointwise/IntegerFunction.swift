/// A function of one integer that real numbers have too: named as theirs.
enum IntegerFunction: String, Sendable, CaseIterable {
  case negate, magnitude, sign, square

  /// The function of an integer; the program stops at a result that does not fit.
  func value(_ x: Int32) -> Int32 {
    let (result, overflow): (Int32, Bool) =
      switch self {
      case .negate: Int32(0).subtractingReportingOverflow(x)
      case .magnitude: x < 0 ? Int32(0).subtractingReportingOverflow(x) : (x, false)
      case .sign: (x.signum(), false)
      case .square: x.multipliedReportingOverflow(by: x)
      }
    require(
      !overflow,
      "\(rawValue): that of \(x) does not fit an int32; cast the operand to float64 first")
    return result
  }
}

/// A function of one integer applied to every element.
///
///     x: int32[A…]   →   int32[A…]
///
/// No gradient.
struct IntegerUnary: Operation {
  let function: IntegerFunction
  var name: String { function.rawValue }
  var elementTypes: ElementTypes { .int32 }
  var reads: Reads { .nothing }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return inputs
  }

  func kernel(_ frame: inout KernelFrame<Int32>) {
    let x = frame.input(0)
    var y = frame.output(0)
    for i in x.indices { y[i] = function.value(x[i]) }
  }

  func pullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    IntegerFunction.allCases.map {
      Sample(
        "\($0) of integers", IntegerUnary(function: $0), [Tensor([-3, 0, 46340] as [Int32])],
        isSmooth: false)
    }
  }

  static var misuses: [Misuse] {
    let least = "that of -2147483648 does not fit an int32; cast the operand to float64 first"
    return [
      Misuse("negate: \(least)") { _ = -Tensor([1, .min] as [Int32]) },
      Misuse("magnitude: \(least)") { _ = Tensor(Int32.min).magnitude() },
      Misuse("square: that of 46341 does not fit an int32; cast the operand to float64 first") {
        _ = Tensor([46340, 46341] as [Int32]).squared()
      },
      Misuse("negate: bool[1] is not floating-point; cast(to: .float32) or .float64 first") {
        _ = -Tensor([true])
      },
    ]
  }
}

extension Tensor {
  /// Returns a function of integers of an int32 tensor; nil for one of another type.
  func ofIntegers(_ function: IntegerFunction) -> Tensor? {
    dtype == .int32 ? IntegerUnary(function: function)(self) : nil
  }
}
