import Adjoint
import AdjointCheck
import Testing

/// Batch norm with a hand-derived gradient that is wrong in one way.
private struct MutatedBatchNorm: Operation {
  let mutation: Mutation
  let name = "mutatedBatchNorm"
  private let epsilon = 0.1

  enum Mutation: String, CaseIterable, Sendable {
    case none
    case withoutMeanTerm
    case withoutVarianceTerm
    case withoutBothTerms
    case sampleVariance
    case epsilonForgotten
    case epsilonOutsideTheRoot
    case scaleForgotten
    case scaleGradientOfCentred
    case parameterGradientsAveraged
    case meanTermAdded
    case varianceTermHalved
    case wrongPowerOfDeviation
    case upstreamIgnored
    case reducedOverTheBatchOnly
    case lastSampleSkipped
    case runningStatistics
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0]] }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let inputs = (0..<3).map { number in
      let span = frame.input(number)
      return Tensor(span.indices.map { span[$0] }, shape: frame.inputType(number).shape)
    }
    let y = inputs[0].batchNormalized(scale: inputs[1], shift: inputs[2], epsilon: epsilon).output
    let values = [Scalar](y)
    var output = frame.output(0)
    for i in values.indices { output[i] = values[i] }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, scale, g) = (rule.input(0), rule.input(1), rule.cotangent)
    let all = (0..<x.rank).filter { $0 != 1 }
    let axes = mutation == .reducedOverTheBatchOnly ? [0] : all
    let count = Double(x.count / scale.count)
    func channels(_ vector: Tensor) -> Tensor {
      vector.reshaped(to: [1, scale.count] + Array(repeating: 1, count: x.rank - 2))
    }
    func mean(_ tensor: Tensor) -> Tensor { tensor.mean(over: axes, keepingAxes: true) }
    let centred = x - x.mean(over: all, keepingAxes: true)
    var variance = centred.squared().mean(over: all, keepingAxes: true)
    if mutation == .sampleVariance { variance = variance * (count / (count - 1)) }
    var inverse = (variance + epsilon).rsqrt()
    if mutation == .epsilonForgotten { inverse = variance.rsqrt() }
    if mutation == .epsilonOutsideTheRoot { inverse = 1 / (variance.squareRoot() + epsilon) }
    if mutation == .wrongPowerOfDeviation { inverse = inverse.squared() }
    let normalized = centred * inverse
    let upstream = mutation == .upstreamIgnored ? Tensor.ones(like: g) : g
    var meanTerm = mean(upstream)
    var varianceTerm = normalized * mean(upstream * normalized)
    switch mutation {
    case .withoutMeanTerm: meanTerm = .zeros(like: meanTerm)
    case .withoutVarianceTerm: varianceTerm = .zeros(like: x)
    case .withoutBothTerms, .runningStatistics:
      (meanTerm, varianceTerm) = (.zeros(like: meanTerm), .zeros(like: x))
    case .meanTermAdded: meanTerm = -meanTerm
    case .varianceTermHalved: varianceTerm = varianceTerm * 0.5
    default: break
    }
    if mutation == .runningStatistics { inverse = .ones(like: inverse) }
    let factor = mutation == .scaleForgotten ? inverse : channels(scale) * inverse
    var dx = factor * (upstream - meanTerm - varianceTerm)
    if mutation == .lastSampleSkipped {
      let last = x.shape[0] - 1
      dx = Tensor.concatenated([dx[0..<last], .zeros(like: dx[last..<last + 1])], axis: 0)
    }
    var dscale = (upstream * (mutation == .scaleGradientOfCentred ? centred : normalized))
      .sum(over: all)
    var dshift = upstream.sum(over: all)
    if mutation == .parameterGradientsAveraged {
      (dscale, dshift) = (dscale / count, dshift / count)
    }
    rule.set(0, to: dx)
    rule.set(1, to: dscale)
    rule.set(2, to: dshift)
  }
}

@Suite("Wrong gradients of batch norm")
struct WrongBatchNormTests {
  @Test(
    "Every wrong one fails, the right one passes", arguments: MutatedBatchNorm.Mutation.allCases,
    [[6, 3], [3, 2, 2, 2]])
  private func verdict(_ mutation: MutatedBatchNorm.Mutation, _ shape: [Int]) {
    // In two dimensions the batch is all there is to reduce over.
    if mutation == .reducedOverTheBatchOnly, shape.count == 2 { return }
    var generator = Philox(seed: 3)
    let inputs = [shape, [shape[1]], [shape[1]]].map {
      Tensor.normal($0, dtype: .float64, using: &generator)
    }
    let report = checkGradients(of: MutatedBatchNorm(mutation: mutation), at: inputs)
    #expect(report.passed == (mutation == .none), "\(mutation)\n\(report)")
    if mutation != .none {
      #expect(report.results.contains { $0.verdict == .fail }, "\(mutation)\n\(report)")
    }
  }
}

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
    #expect(report.results[0].type.dtype == .float64)
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
