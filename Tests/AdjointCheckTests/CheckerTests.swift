import Adjoint
import AdjointCheck
import Testing
import WrongGradients

@Suite("The checker")
struct CheckerTests {
  @Test func aSumOfBatchNormSaysNothing() {
    let x = Tensor.sample()
    let report = checkGradients(at: [x]) {
      [
        $0[0].batchNormalized(
          scale: .ones([3], dtype: .float64), shift: .zeros([3], dtype: .float64)
        )
        .output.sum()
      ]
    }
    #expect(report.results[0].verdict == .vacuous)
    #expect(!report.passed)
  }

  @Test func float32InputsAreCheckedInFloat64() {
    let report = checkGradients(at: [Tensor([0.5, 1.5])]) { [$0[0].exp().sin()] }
    #expect(report.passed, "\(report)")
    #expect(report.results[0].worst!.resolution < 1e-8)
  }

  @Test func aFunctionThatIgnoresAnInputPasses() {
    let report = checkGradients(at: [Tensor([1, 2]), Tensor([3])]) { [$0[0] * 2] }
    #expect(report.passed, "\(report)")
  }

  @Test func largeInputsAreSampled() {
    var generator = Philox(seed: 1)
    let x = Tensor.normal([40, 30], dtype: .float64, using: &generator)
    let report = checkGradients(at: [x]) { [$0[0].tanh().sum(over: [1])] }
    #expect(report.passed, "\(report)")
    #expect(report.results[0].comparisons == 72)
  }

  @Test func theReportNamesTheWorstElement() {
    struct OneWrongElement: Operation {
      let name = "oneWrongElement"
      func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
      func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
        let x = frame.input(0)
        var y = frame.output(0)
        for i in x.indices { y[i] = 2 * x[i] }
      }
      func pullback(_ rule: inout Pullback) {
        let g = rule.cotangent
        rule.set(0, to: g * Tensor([[2, 2], [2, 2.001]] as [[Double]]))
      }
    }
    let x = Tensor([[1, 2], [3, 4]])
    let report = checkGradients(of: OneWrongElement(), at: [x])
    #expect(report.results[0].worst?.element == [1, 1])
    #expect(report.results[0].disagreements == 1)
    #expect("\(report)".contains("element [1, 1]"))
  }
}

extension Tensor {
  fileprivate static func sample() -> Tensor {
    var generator = Philox(seed: 2)
    return .normal([6, 3], dtype: .float64, using: &generator)
  }
}
