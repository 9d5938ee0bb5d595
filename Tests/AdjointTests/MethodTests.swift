import AdjointCheck
import Testing

@testable import Adjoint

/// A method of tensors that is no operation of its own, at a point.
struct Method: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let inputs: [Tensor]
  let function: @Sendable ([Tensor]) -> Tensor

  init(
    _ name: String, _ inputs: Tensor..., function: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    (testDescription, self.inputs, self.function) = (name, inputs, function)
  }
}

@Suite("Methods that are made of operations")
struct MethodTests {
  static let labels = Tensor([2, 0, 1] as [Int32])
  static let places = Tensor([[0, -1], [0, 1]] as [[Int32]])

  static let activations = [
    Method("prelu", .sample([2, 3]), .sample([3], in: 0.1...0.5)) { $0[0].prelu(slope: $0[1]) },
    Method("selu", .sample([6])) { $0[0].selu() },
    Method("celu", .sample([6])) { $0[0].celu(alpha: 0.7) },
    Method("swish", .sample([6])) { $0[0].swish(beta: 1.5) },
    Method("logSigmoid", .sample([6])) { $0[0].logSigmoid() },
    Method("softmin", .sample([2, 3])) { $0[0].softmin(along: 0) },
    Method("hardSigmoid", .sample([6])) { $0[0].hardSigmoid() },
    Method("hardSwish", .sample([6])) { $0[0].hardSwish() },
    Method("thresholdedRelu", .sample([6])) { $0[0].thresholdedRelu(threshold: 0.3) },
    Method("logAddExp", .sample([2, 3]), .sample([3], seed: 2)) { .logAddExp($0[0], $0[1]) },
    Method("logAddExp of equals", Tensor([1.0, 2] as [Double])) {
      .logAddExp($0[0], $0[0] * $0[0])
    },
    Method("hypot", .sample([2, 3]), .sample([3], seed: 2)) { .hypot($0[0], $0[1]) },
  ]

  static let reductions = [
    Method("product", .sample([2, 3, 2])) { $0[0].product(over: [0, 2]) },
    Method("product of zeros", Tensor([0.0, 2, 0, 3, 1] as [Double])) { $0[0].product() },
    Method("sumOfSquares", .sample([2, 3])) { $0[0].sumOfSquares(over: [1]) },
    Method("norm, p = 3", .sample([2, 3])) { $0[0].norm(3, over: 1) },
    Method("norm, p = 1.5", .sample([2, 3])) { $0[0].norm(1.5, over: 0) },
    Method("norm, p = ∞", .distinctSample([2, 3])) { $0[0].norm(.infinity, over: 1) },
    Method("cumulativeProduct", .sample([2, 5])) { $0[0].cumulativeProduct(along: 1) },
    Method("cumulativeProduct, reversed", Tensor([2.0, 0, 3, 0.5] as [Double])) {
      $0[0].cumulativeProduct(along: 0, exclusive: true, reversed: true)
    },
    Method("cumulativeMax", .distinctSample([3, 4])) { $0[0].cumulativeMax(along: 1) },
    Method("cumulativeMin", .distinctSample([3, 4])) { $0[0].cumulativeMin(along: 0) },
    Method("cumulativeLogSumExp", .sample([2, 5])) { $0[0].cumulativeLogSumExp(along: 1) },
    Method("standardized", .sample([3, 4])) { $0[0].standardized(over: [0]) },
    Method("dividedByNorm", .sample([3, 4])) { $0[0].dividedByNorm() },
    Method("dividedByNorm, p = 1", .sample([3, 4])) { $0[0].dividedByNorm(1, over: [0]) },
  ]

  static let shapes = [
    Method("flipped", .sample([2, 3])) { $0[0].flipped(along: [0, 1]) },
    Method("rolled", .sample([2, 5])) { $0[0].rolled(by: -2, along: 1) },
    Method("tiled", .sample([2, 3])) { $0[0].tiled([2, 3]) },
    Method("repeated", .sample([2, 3])) { $0[0].repeated(2, along: 1) },
    Method("split", .sample([5, 2])) { $0[0].split(into: [2, 3])[1] },
    Method("unstacked", .sample([2, 3])) {
      let parts = $0[0].unstacked(along: 1)
      return parts[0] * parts[2] + parts[1].sin()
    },
    Method("slice by −2", .sample([6])) { $0[0].slice(1..<6, along: 0, step: -2) },
    Method("reflection", .sample([3, 4])) {
      $0[0].padded(before: [1, 3], after: [2, 0], mode: .reflection)
    },
    Method("edge", .sample([3, 2])) {
      $0[0].padded(before: [1, 0], after: [2, 3], mode: .edge)
    },
    Method("wrap", .sample([3])) { $0[0].padded(before: [4], after: [2], mode: .wrap) },
    Method("depthToSpace", .sample([1, 8, 2, 1])) { $0[0].depthToSpace(2) },
    Method("spaceToDepth", .sample([1, 2, 2, 4])) { $0[0].spaceToDepth(2, order: .placeFirst) },
    Method("lowerTriangular", .sample([3, 3])) { $0[0].lowerTriangular(offset: -1) },
    Method("upperTriangular", .sample([2, 3, 3])) { $0[0].upperTriangular() },
    Method("diagonal", .sample([2, 3, 4])) { $0[0].diagonal(offset: 1) },
    Method("nearest", .sample([1, 2, 3, 2])) { $0[0].interpolated(to: [5, 1], by: .nearest) },
    Method("linear", .sample([1, 1, 3, 4])) { $0[0].interpolated(to: [7, 2]) },
    Method("linear, corners", .sample([1, 1, 3])) {
      $0[0].interpolated(to: [5], by: .linearAligningCorners)
    },
  ]

  static let indexing =
    [
      Method("gatherElements", .sample([3, 2])) { $0[0].gatherElements(places, along: 0) },
      Method("gatherTuples", .sample([3, 2, 2])) { $0[0].gatherTuples(places) },
      Method("sorted", .distinctSample([3, 4])) { $0[0].sorted(along: 1, descending: true) },
      Method("topK", .distinctSample([4, 3])) { $0[0].topK(2, along: 0).values },
      Method("filled", .sample([2, 2])) {
        $0[0].filled(where: Tensor([true, false]), with: -1)
      },
    ]
    + Scattering.allCases.map { combining in
      Method("scatter, \(combining)", .sample([3, 2]), .sample([2, 2], seed: 2)) {
        $0[0].scatteringElements(of: $0[1], at: places, along: 0, combining: combining)
      }
    } + [
      Method("scatter slices", .sample([2, 3]), .sample([2, 2], seed: 2)) {
        $0[0].scattering($0[1], at: Tensor([1, 1] as [Int32]), along: 1, combining: .multiply)
      },
      Method("scatter tuples", .sample([3, 2, 2]), .sample([2, 2], seed: 2)) {
        $0[0].scatteringTuples($0[1], at: places)
      },
    ]

  static let products = [
    Method("dot", .sample([3]), .sample([3], seed: 2)) { $0[0].dot($0[1]) },
    Method("outer", .sample([3]), .sample([2], seed: 2)) { $0[0].outer($0[1]) },
    Method("batched product", .sample([2, 2, 3]), .sample([2, 3, 2], seed: 2)) {
      .einsum("bij,bjk->bik", $0)
    },
    Method("three operands", .sample([2, 3]), .sample([3, 2], seed: 2), .sample([2], seed: 3)) {
      .einsum("ij,jk,k->ik", $0)
    },
    Method("trace and ellipsis", .sample([2, 3, 3]), .sample([2, 1], seed: 2)) {
      .einsum("...ii,...j->...j", $0)
    },
    Method(
      "attention", .sample([1, 4, 3, 2]), .sample([1, 2, 5, 2], seed: 2),
      .sample([1, 2, 5, 3], seed: 3)
    ) {
      .attention(query: $0[0], key: $0[1], value: $0[2], isCausal: true, softcap: 2)
    },
    Method("attention of the blind", .sample([2, 3]), .sample([2, 3], seed: 2)) {
      .attention(
        query: $0[0], key: $0[1], value: $0[1],
        mask: Tensor([[true, false], [false, false]]))
    },
  ]

  static let images = [
    Method("powerPooled", .sample([1, 1, 4, 4])) { $0[0].powerPooled([2, 2], p: 3) },
    Method("powerPooled, p = 2", .sample([1, 1, 5])) {
      $0[0].powerPooled([3], strides: [2], padding: [1])
    },
    Method("adaptiveAveragePooled", .sample([1, 2, 5, 4])) {
      $0[0].adaptiveAveragePooled(to: [3, 2])
    },
    Method("adaptiveMaxPooled", .distinctSample([1, 1, 5, 4])) {
      $0[0].adaptiveMaxPooled(to: [3, 3])
    },
    Method("maxUnpooled", .distinctSample([1, 2, 5, 4])) {
      let (values, places) = $0[0].maxPooledWithPlaces([2, 2], strides: [1, 2])
      return values.squared().maxUnpooled(at: places, to: [5, 4])
    },
    Method("globalMaxPooled", .distinctSample([1, 2, 3])) { $0[0].globalMaxPooled() },
    Method(
      "transposed convolution with bias", .sample([1, 2, 3]), .sample([2, 2, 2], seed: 2),
      .sample([2], seed: 3)
    ) { $0[0].convolvedTransposed(with: $0[1], strides: [2], bias: $0[2]) },
    Method(
      "transposed convolution with output padding below the dilation", .sample([1, 2, 3]),
      .sample([2, 2, 2], seed: 2)
    ) {
      $0[0].convolvedTransposed(
        with: $0[1], strides: [2], padding: [1], outputPadding: [3], dilations: [4])
    },
  ]

  static let losses = [
    Method("weights", .sample([3, 4]), .sample([4], in: 0.5...2)) {
      $0[0].crossEntropy(labels, weights: $0[1])
    },
    Method("ignored", .sample([3, 4]), .sample([4], in: 0.5...2)) {
      $0[0].crossEntropy(labels, weights: $0[1], ignoring: 0, reduction: .none)
    },
    Method("smoothing", .sample([3, 4]), .sample([4], in: 0.5...2)) {
      $0[0].crossEntropy(labels, weights: $0[1], ignoring: 1, smoothing: 0.2)
    },
    Method("shares", .sample([3, 4]), .sample([3, 4], in: 0...1)) {
      $0[0].crossEntropy($0[1], smoothing: 0.1)
    },
    Method("negativeLogLikelihood", .sample([4, 3]), .sample([4], in: 0.5...2)) {
      $0[0].negativeLogLikelihood(labels, over: 0, weights: $0[1], ignoring: 2)
    },
  ]

  static let all = activations + reductions + shapes + indexing + products + images + losses

  /// Of first order: the derivatives of the operations that methods are made of are tried in the table.
  @Test("Gradients agree with finite differences", arguments: all)
  func derivatives(_ method: Method) {
    let report = checkGradients(
      at: method.inputs, name: method.testDescription, options: .forMany
    ) { [method.function($0)] }
    let problems = report.problems.filter { $0.verdict != .vacuous }
    #expect(problems.isEmpty, "\(report)")
    #expect(report.results.count > 0)
  }

  @Test("Float32 agrees with float64", arguments: all)
  func singlePrecision(_ method: Method) {
    let report = checkSinglePrecision(at: method.inputs, name: method.testDescription) {
      [method.function($0)]
    }
    #expect(report.passed, "\(report)")
  }
}
