import Adjoint
import AdjointCheck

/// Batch norm with a hand-derived gradient that is wrong in one way.
struct MutatedBatchNorm: Operation {
  let mutation: Mutation
  var isOfImages = false
  var name: String { "batch norm\(isOfImages ? " of images" : ""): \(mutation.rawValue)" }
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
      dx = Tensor.concatenated([dx[0..<last], .zeros(like: dx[last..<last + 1])], along: 0)
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

extension MutatedBatchNorm.Mutation {
  /// What the report should say that the mistake looks like.
  var pattern: Diagnosis.Pattern? {
    switch self {
    case .withoutMeanTerm, .meanTermAdded: .meanTerm
    case .withoutVarianceTerm, .varianceTermHalved: .varianceTerm
    case .withoutBothTerms: .meanAndVarianceTerm
    case .scaleForgotten: .channelFactor
    case .parameterGradientsAveraged: .factor
    case .lastSampleSkipped: .border
    default: nil
    }
  }
}

extension CaseKind {
  /// Batch norm with each of the mistakes, in two and in four dimensions.
  static let batchNorms = CaseKind(
    "batch norm",
    MutatedBatchNorm.Mutation.allCases.flatMap { mutation -> [GradientCase] in
      guard mutation != .none else { return [] }
      // In two dimensions the batch is all there is to reduce over.
      let shapes =
        mutation == .reducedOverTheBatchOnly ? [[3, 2, 2, 2]] : [[6, 3], [3, 2, 2, 2]]
      return shapes.map { shape in
        GradientCase(
          MutatedBatchNorm(mutation: mutation, isOfImages: shape.count > 2),
          [shape, [shape[1]], [shape[1]]],
          looksLike: mutation.pattern)
      }
    })
}

extension GradientCase {
  /// The same batch norm without a mistake: the checks must tell it from the others.
  static let rightBatchNorms = [[6, 3], [3, 2, 2, 2]].map { shape in
    GradientCase(
      MutatedBatchNorm(mutation: .none, isOfImages: shape.count > 2),
      [shape, [shape[1]], [shape[1]]])
  }
}
