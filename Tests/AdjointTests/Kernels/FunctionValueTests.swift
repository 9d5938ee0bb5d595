import AdjointFixtures
import AdjointKernels
import Testing

@testable import Adjoint

/// Functions at some of the places that `Tests/Sweeps/sweep.py` sweeps with more digits.
@Suite("Values of functions")
struct FunctionValueTests {
  /// The instruction that computes a function; a slope is what the pullback makes of the cotangent 1.
  static let instructions: [String: AdjointInstruction] = [
    "exponential": adjointExponential, "exponentialMinusOne": adjointExponentialMinusOne,
    "logarithm": adjointLogarithm, "logarithmOfOnePlus": adjointLogarithmOfOnePlus,
    "sine": adjointSine, "cosine": adjointCosine, "hyperbolicSine": adjointHyperbolicSine,
    "hyperbolicCosine": adjointHyperbolicCosine, "hyperbolicTangent": adjointHyperbolicTangent,
    "sigmoid": adjointSigmoid, "softplus": adjointSoftplus, "gelu": adjointGaussianErrorLinear,
    "geluByTanh": adjointGaussianErrorLinearByTanh, "silu": adjointSigmoidLinear,
    "errorFunction": adjointErrorFunction,
    "complementaryErrorFunction": adjointComplementaryErrorFunction, "power": adjointPower,
    "hyperbolicTangentSlope": adjointHyperbolicTangentPullback,
    "sigmoidSlope": adjointSigmoidPullback, "softsignSlope": adjointSoftsignPullback,
    "geluSlope": adjointGaussianErrorLinearPullback,
    "geluByTanhSlope": adjointGaussianErrorLinearByTanhPullback,
    "siluSlope": adjointSigmoidLinearPullback, "mish": adjointMish,
    "tangent": adjointTangent, "arcSine": adjointArcSine, "arcCosine": adjointArcCosine,
    "arcTangent": adjointArcTangent, "areaSine": adjointAreaSine,
    "areaCosine": adjointAreaCosine, "areaTangent": adjointAreaTangent,
    "logarithmToBase2": adjointLogarithmToBase2, "logarithmToBase10": adjointLogarithmToBase10,
    "powerOf2": adjointPowerOfTwo, "cubeRoot": adjointCubeRoot,
  ]

  @Test("The fixture has every function, and no other")
  func everyFunction() {
    #expect(Set(FunctionValue.all.map(\.function)) == Set(Self.instructions.keys))
  }

  @Test("Each is within its bound", arguments: compiled)
  func bounds(_ instructions: InstructionSet) throws {
    let slack = instructions.description == "baseline" ? 1.4 : 1
    for value in FunctionValue.all {
      let instruction = try #require(Self.instructions[value.function])
      let error =
        value.dtype == .float64
        ? Self.error(of: value, Double.self, instruction, instructions) { Double(bitPattern: $0) }
        : Self.error(of: value, Float.self, instruction, instructions) {
          Float(bitPattern: UInt32($0))
        }
      // The value itself is half a unit off at most.
      #expect(
        error <= value.bound * slack + 0.5,
        "\(value.function) of \(value.dtype) \(value.arguments.map { String($0, radix: 16) }): \(error) units"
      )
    }
  }

  /// The error of a function on an instruction set, in units of the last place of the right value.
  private static func error<Scalar: RealScalar & BinaryFloatingPoint>(
    of value: FunctionValue, _: Scalar.Type, _ instruction: AdjointInstruction,
    _ instructions: InstructionSet, _ number: (UInt64) -> Scalar
  ) -> Double {
    var arguments = value.arguments.map(number)
    if value.function.hasSuffix("Slope") { arguments.insert(1, at: 0) }
    var y = Scalar.nan
    unsafe arguments.withUnsafeBufferPointer { elements in
      let operands = unsafe elements.indices.map { index in
        unsafe AdjointOperand(elements: elements.baseAddress.map { $0 + index }, repeats: 1)
      }
      unsafe instructions.kernels?.pointee.pointwise(
        instruction, AdjointElement(Scalar.dtype), operands, &y, 1)
    }
    let right = number(value.value)
    if y == right || y.isNaN && right.isNaN { return 0 }
    let last = right.isFinite ? right.ulp : Scalar.greatestFiniteMagnitude.ulp
    return Double(abs(y - right) / last)
  }
}
