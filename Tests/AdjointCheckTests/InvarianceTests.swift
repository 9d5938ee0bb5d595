import Adjoint
import AdjointCheck
import AdjointNN
import Testing

/// Gradients that are 0 because no change of the input changes the result.
@Suite("Gradients that are zero by invariance")
struct InvarianceTests {
  private let x: Tensor = {
    var generator = Philox(seed: 2)
    return .normal([6, 3], dtype: .float64, using: &generator)
  }()

  @Test func aRightOnePassesWithANote() {
    let ones = Tensor.ones([3], dtype: .float64)
    let report = checkGradients(at: [x]) {
      [$0[0].batchNormalized(scale: ones, shift: ones).output.sum()]
    }
    #expect(report.passed, "\(report)")
    #expect(report.results[0].verdict == .pass)
    let text = "zero by invariance: no change of it changes the result beyond rounding"
    #expect(report.results[0].reason!.contains(text))
    #expect(report.results[0].reason!.contains("its way through the function is right"))
  }

  /// The sum hides that the rule forgets how the deviation depends on x: only a cotangent inside shows it.
  @Test func aMistakeBehindAnInvarianceIsSeen() {
    let report = checkGradients(at: [x]) { [WithoutDeviation()($0[0]).sum()] }
    #expect(!report.passed)
    #expect(report.verdicts.contains(.fail), "\(report)")
    #expect("\(report)".contains("with a cotangent for each value that is computed on the way"))
  }

  /// Of shares of logits that are 30 apart, some change by less than the rounding of the outputs lets anyone see.
  @Test func whatWasNotTestedIsCounted() {
    var generator = Philox(seed: 1001)
    let x = Tensor.normal([3, 5], deviation: 30, dtype: .float64, using: &generator)
    let report = checkGradients(at: [x], seed: 1) { [$0[0].softmax()] }
    #expect(report.passed && report.results[0].untested == 1, "\(report)")
    #expect("\(report)".contains("15 derivatives, 1 of which was not tested"), "\(report)")
    #expect("\(report)".contains("not tested: [2, 3]"), "\(report)")
  }

  @Test(arguments: 0..<2)
  func biasesBeforeNormsPass(_ seed: UInt64) {
    var generator = Philox(seed: seed)
    let model = Sequential {
      Linear(3, 4, using: &generator)
      BatchNorm(4)
    }
    let report = checkGradients(of: model, at: x, .training, seed: seed)
    #expect(report.passed, "\(report)")
    #expect("\(report)".contains("pass: 0.bias [4], 4 derivatives; zero by invariance"))
  }
}

/// (x − mean)/deviation over axis 0, with a rule that takes the deviation for a constant.
private struct WithoutDeviation: Adjoint.Operation {
  var name: String { "withoutDeviation" }
  func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (input, shape) = (frame.input(0), frame.inputType(0).shape)
    let x = Tensor(input.indices.map { input[$0] }, shape: shape)
    let centred = x - x.mean(over: [0], keepingAxes: true)
    let values = [Scalar](centred * x.variance(over: [0], keepingAxes: true).rsqrt())
    var y = frame.output(0)
    for i in y.indices { y[i] = values[i] }
  }
  func pullback(_ rule: inout Pullback) {
    let (x, g) = (rule.input(0), rule.cotangent)
    let inverse = x.variance(over: [0], keepingAxes: true).rsqrt()
    rule.set(0, to: (g - g.mean(over: [0], keepingAxes: true)) * inverse)
  }
}
