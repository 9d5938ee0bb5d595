import Adjoint
import AdjointCheck
import AdjointNN
import AdjointTesting
import Foundation
import Testing
import WrongGradients

@Suite("The checker")
struct CheckerTests {
  private func verdicts(_ name: String) throws -> GradientReport {
    try #require(GradientCase.wrong.first { $0.name == name }).check(1)
  }

  @Test func eachKindOfMistakeHasItsVerdict() throws {
    let single = try verdicts("a kernel for float32 only")
    #expect(single.findings.map(\.verdict) == [.structural])
    #expect(single.findings[0].message.contains("singleSine has no kernel for float64"))
    let random = try verdicts("dropout without a fixed key")
    #expect(random.findings.map(\.verdict) == [.nondeterministic])
    let saved = try verdicts("a saved value changed in place")
    #expect(saved.findings.map(\.verdict) == [.structural])
    #expect(saved.findings[0].message.contains("changes something that it has saved"))
    let upstream = try verdicts("batch norm: upstreamIgnored")
    #expect(upstream.findings[0].message.contains("for a cotangent of zeros"))
    let shape = try verdicts("a broadcast not reduced at all")
    #expect(shape.findings[0].message.contains("sum or reshape it to the type of the input"))
    let second = try verdicts("right at first order, wrong at second")
    #expect(second.results.filter { $0.order == 1 }.allSatisfy { $0.verdict == .pass })
    #expect(second.results.contains { $0.order == 2 && $0.verdict == .fail })
  }

  @Test func kinksAreNamed() {
    let x = Tensor([1, 0, -2, 0])
    let report = checkGradients(at: [x]) { [$0[0].relu()] }
    #expect(report.passed, "\(report)")
    #expect(report.results[0].verdict == .kink)
    #expect(report.results[0].reason!.contains("relu, its element 1"))
    let jump = checkGradients(at: [x]) { [$0[0].sign()] }
    #expect(jump.results[0].verdict == .inconclusive)
  }

  @Test func stateIsTheSameForEveryEvaluation() {
    var generator = Philox(seed: 1)
    let dropout = Dropout(rate: 0.5, using: &generator)
    let x = Tensor.normal([3, 4], using: &generator)
    #expect(checkGradients(of: dropout, at: x, .training).passed)
    let norm = BatchNorm(4)
    #expect(checkGradients(of: norm, at: x, .training).passed)
    #expect(Int(norm.batchCount) == 0)
  }

  @Test func aFusedOperationIsCheckedWithItsComposition() {
    let operation = BatchNormalization(axis: 1)
    let sample = BatchNormalization.samples[0]
    let report = checkGradients(ofFused: operation, at: sample.inputs, order: 2)
    #expect(report.passed, "\(report)")
    let wrong = checkGradients(ofFused: WrongFusion(), at: [Tensor([0.5, 2])])
    #expect(wrong.findings.contains { $0.message.contains("differs from its composition") })
  }

  @Test func reportsAreReadByPrograms() throws {
    let report = GradientCase.wrong[0].check(0)
    let bytes = try JSONEncoder().encode(report)
    let copy = try JSONDecoder().decode(GradientReport.self, from: bytes)
    #expect("\(copy)" == "\(report)")
    #expect(copy.results.first { $0.verdict == .fail }?.diagnosis?.pattern == .meanTerm)
  }

  @Test func theTestEntryRecordsTheReport() {
    let wrong = GradientCase.wrong[0].check(0)
    withKnownIssue {
      expectGradients(wrong)
    } matching: { issue in
      "\(issue)".contains("the −mean(dy) term")
        && issue.sourceLocation?.fileName == "CheckerTests.swift"
    }
    let right = checkGradients(at: [Tensor([0.5])]) { [$0[0].sin()] }
    #expect(expectGradients(right))
  }

  @Test func float32InputsAreCheckedInFloat64() {
    let report = checkGradients(at: [Tensor([0.5, 1.5])]) { [$0[0].exp().sin()] }
    #expect(report.passed, "\(report)")
    #expect(report.results[0].worst!.resolution < 1e-8)
  }

  @Test func whatTheFunctionIgnoresIsSaidToBeIgnored() {
    let report = checkGradients(at: [Tensor([1, 2]), Tensor([3])]) { [$0[0] * 2] }
    #expect(report.passed, "\(report)")
    #expect(report.results[1].verdict == .independent)
    #expect("\(report)".contains("the outputs do not depend on it here"))
  }

  @Test func largeInputsAreSampled() {
    var generator = Philox(seed: 1)
    let x = Tensor.normal([40, 30], dtype: .float64, using: &generator)
    let report = checkGradients(at: [x]) { [$0[0].tanh().sum(over: [1])] }
    #expect(report.passed, "\(report)")
    #expect(report.results[0].comparisons == 72)
  }

  @Test func theReportNamesTheWorstElement() {
    struct OneWrongElement: Adjoint.Operation {
      var name: String { "oneWrongElement" }
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

/// A kernel that computes another function than the composition.
private struct WrongFusion: FusedOperation {
  var name: String { "wrongFusion" }
  func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
  func composed(_ inputs: [Tensor]) -> [Tensor] { [inputs[0].squared()] }
  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let x = frame.input(0)
    var y = frame.output(0)
    for i in x.indices { y[i] = x[i] * x[i] * (1 + 1e-12) }
  }
  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let (x, g) = (rule.input(0), rule.cotangent)
    rule.set(0, to: g * 2 * x)
    return true
  }
}
