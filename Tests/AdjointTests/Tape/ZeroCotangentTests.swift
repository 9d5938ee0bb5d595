import Testing

@testable import Adjoint

/// What has no cotangent has no influence: not even where a derivative is infinite, or a value unknown.
@Suite("Cotangents of zeros")
struct ZeroCotangentTests {
  /// Where 0 · ∞ or 0 · NaN lurks.
  static let hardValues: [Double] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, 1e308, -1e308, 1e-308, .leastNonzeroMagnitude,
    1e20,
    -1e20,
  ]

  @Test("give gradients of zeros at every hard point", arguments: TableSample.all)
  func giveZeros(_ row: TableSample) {
    for place in row.sample.inputs.indices {
      let input = row.sample.inputs[place]
      // Numbers such as ε are no data: what is wrong there stops.
      guard input.dtype == .float64,
        input.rank > 0 || row.sample.inputs.allSatisfy({ $0.rank == 0 })
      else { continue }
      for value in Self.hardValues {
        let all = Tensor.full(input.shape, value, dtype: .float64)
        var one = [Double](input)
        if !one.isEmpty { one[0] = value }
        for hard in [all, Tensor(one, shape: input.shape)] {
          var inputs = row.sample.inputs
          inputs[place] = hard
          expectZeros(row, inputs, "\(value) in input \(place)")
          expectZeros(
            row, inputs.map { $0.dtype == .float64 ? $0.cast(to: .float32) : $0 },
            "\(value) in input \(place), float32")
        }
      }
    }
  }

  private func expectZeros(_ row: TableSample, _ values: [Tensor], _ what: String) {
    let tape = Tape()
    let inputs = values.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
    let outputs = row.sample.operation.outputs(of: inputs).filter {
      $0.tape != nil && $0.dtype.isFloatingPoint
    }
    let watched = inputs.filter { $0.tape != nil }
    let gradients = tape.gradients(
      of: outputs, seeds: outputs.map { .zeros($0.shape, dtype: $0.dtype) }, with: watched)
    for (number, gradient) in gradients.enumerated() {
      #expect(
        [Double](gradient).allSatisfy { $0 == 0 },
        "\(row.testDescription), \(what): gradient \(number) is \(gradient)")
    }
  }

  /// Functions of rows [N, C], each of which has an influence on its own row of the result alone.
  static let rowwise: [(name: String, apply: @Sendable (Tensor) -> Tensor)] = [
    ("softmax", { $0.softmax(along: 1) }),
    ("logSoftmax", { $0.logSoftmax(along: 1) }),
    ("logSumExp", { $0.logSumExp(over: 1) }),
    ("max", { $0.max(over: 1) }),
    ("min", { $0.min(over: 1) }),
    ("variance", { $0.variance(over: 1) }),
    ("standardDeviation", { $0.standardDeviation(over: 1) }),
    ("norm", { $0.norm(over: 1) }),
    ("sum", { $0.sum(over: 1) }),
    ("mean", { $0.mean(over: 1) }),
    ("softmaxCrossEntropy", { $0.softmaxCrossEntropy(.zeros([$0.shape[0]], dtype: .int32)) }),
    (
      "layerNormalized",
      {
        let features = TensorType($0.dtype, [$0.shape[1]])
        return $0.layerNormalized(
          scale: .ones(features.shape, dtype: features.dtype),
          shift: .zeros(features.shape, dtype: features.dtype))
      }
    ),
    (
      "groupNormalized",
      {
        let (x, dtype) = ($0.reshaped(to: [$0.shape[0], 2, $0.shape[1] / 2]), $0.dtype)
        return x.groupNormalized(
          groups: 1, scale: .ones([2], dtype: dtype), shift: .zeros([2], dtype: dtype))
      }
    ),
    (
      "rootMeanSquareNormalized",
      {
        $0.rootMeanSquareNormalized(scale: .ones([$0.shape[1]], dtype: $0.dtype))
      }
    ),
    // The same kernels, by columns.
    ("softmax of columns", { $0.transposed().softmax(along: 0).transposed() }),
    ("logSoftmax of columns", { $0.transposed().logSoftmax(along: 0).transposed() }),
    ("logSumExp of columns", { $0.transposed().logSumExp(over: 0) }),
    ("max of columns", { $0.transposed().max(over: 0) }),
    ("variance of columns", { $0.transposed().variance(over: 0) }),
    (
      "cross-entropy of columns",
      {
        $0.transposed().softmaxCrossEntropy(.zeros([$0.shape[0]], dtype: .int32), over: 0)
      }
    ),
  ]

  @Test(
    "A row without a cotangent neither gets nor spoils a gradient", arguments: 0..<rowwise.count)
  func rows(_ index: Int) {
    let (name, apply) = Self.rowwise[index]
    for (rows, width) in [(3, 4), (19, 38)] {
      let easy = Tensor(normals(rows * width, seed: 1), shape: [rows, width])
      for dtype in [DType.float32, .float64] {
        let unhindered = rowGradient(rows, apply, easy.cast(to: dtype))
        for value in Self.hardValues {
          for count in [1, width] {
            var numbers = [Double](easy.cast(to: dtype))
            for k in 0..<count { numbers[width + k] = value }
            let got = rowGradient(rows, apply, Tensor(numbers, shape: easy.shape, dtype: dtype))
            #expect(
              got == unhindered, "\(name), \(count) of \(width) are \(value), \(dtype): \(got[1])")
          }
        }
      }
    }
  }

  /// The gradient for a cotangent that is 0 in row 1.
  private func rowGradient(_ rows: Int, _ apply: @Sendable (Tensor) -> Tensor, _ x: Tensor)
    -> Tensor
  {
    Adjoint.gradient(at: x) { x in
      let y = apply(x)
      var seed = normals(y.count, seed: 2)
      for k in 0..<y.count / rows { seed[y.count / rows + k] = 0 }
      return (y * Tensor(seed, shape: y.shape).cast(to: x.dtype)).sum()
    }
  }

  @Test("What is not selected has no influence, and norms have a subgradient where they are 0")
  func values() {
    expect(at: [-1, -4], [1, 1]) { $0.squareRoot().select(where: $0 .> 0, otherwise: $0) }
    expect(at: [1000], [1]) { $0.exp().select(where: $0 .<= 0, otherwise: $0 + 1) }
    expect(at: [0], [0]) { Tensor.maximum($0.squareRoot(), Tensor(1e-10, dtype: $0.dtype)) }
    expect(at: [0, 0], [0, 0]) { $0.squared().sum().squareRoot().squared() }
    expect(at: [0, 0], [0, 0]) { $0.norm() }
    expect(at: [3, -4], [0.6, -0.8]) { $0.norm() }
    expect(at: [3e30, -4e30], [0.6, -0.8]) { $0.norm() }
    expect(at: [3e-30, -4e-30], [0.6, -0.8]) { $0.norm() }
    expect(at: [2, 2, 2], [0, 0, 0]) { $0.standardDeviation() }
    expect(at: [-.infinity, -.infinity], [0, 0]) { $0.logSumExp() }
    expect(at: [.infinity, 2], [0, 1]) { ($0 * Tensor([0, 1]).cast(to: $0.dtype))[1] }
    expect(at: [0, 2], [0, 0]) { (1 / $0).select(where: $0 .> 5, otherwise: 0) }
    expect(at: [-1, 0], [0, 0]) { $0.log().select(where: $0 .> 0, otherwise: 0) }
    expect(at: [-2, 4], [0, 3]) { $0.power(1.5).select(where: $0 .> 0, otherwise: 0) }
    expect(at: [1e30], [0]) { ($0.exp() / $0.exp()).select(where: $0 .< 0, otherwise: 3) }
  }

  @Test("Nor has it one on second derivatives", arguments: [DType.float32, .float64])
  func masked(_ dtype: DType) {
    let functions: [(name: String, apply: (Tensor) -> Tensor)] = [
      ("1/x", { 1 / $0 }), ("sin(x)/x", { $0.sin() / $0 }), ("x/x", { $0 / $0 }),
      ("log(1 + x)/x", { $0.log1p() / $0 }), ("x·√x", { $0 * $0.squareRoot() }),
      ("x·log x", { $0 * $0.log() }), ("min(1/x, 3)", { Tensor.minimum(1 / $0, 3) }),
      ("x/(x·x)", { $0 / ($0 * $0) }), ("√x/x²", { $0.squareRoot() / $0.squared() }),
      ("e^(1/x)", { (1 / $0).exp() }), ("(1/x)·(1/x)·x", { (1 / $0) * (1 / $0) * $0 }),
      ("√x", { $0.squareRoot() }), ("1/√x", { $0.rsqrt() }), ("x^-0.5", { $0.power(-0.5) }),
      ("x^x", { $0.power($0) }), ("tanh(1/x)", { (1 / $0).tanh() }),
      ("1/(√x·log x)", { 1 / ($0.squareRoot() * $0.log()) }),
    ]
    for (name, function) in functions {
      let alone = hessian(at: Tensor([4], dtype: dtype)) { function($0).sum() }
      let masked = hessian(at: Tensor([0, 4], dtype: dtype)) { x in
        function(x).select(where: x .> 0, otherwise: 0).sum()
      }
      let expected = [0, 0, 0, Double(alone)]
      #expect([Double](masked) == expected && Double(alone).isFinite, "\(name): \(masked)")
    }
  }

  @Test func aMaskedRowHasNoCurvature() {
    // Of [1, 1], log Σ eˣ has the curvature ½·½·[[1, −1], [−1, 1]].
    let x = Tensor([[-.infinity, -.infinity], [1, 1]] as [[Double]])
    let curvature = hessian(at: x.reshaped(to: [4])) {
      $0.reshaped(to: [2, 2]).logSumExp(over: 1).select(where: Tensor([false, true]), otherwise: 0)
        .sum()
    }
    let everywhere = hessian(at: x.reshaped(to: [4])) {
      $0.reshaped(to: [2, 2]).logSumExp(over: 1).sum()
    }
    var expected = [Double](repeating: 0, count: 16)
    (expected[10], expected[11], expected[14], expected[15]) = (0.25, -0.25, -0.25, 0.25)
    #expect([Double](curvature) == expected && [Double](everywhere) == expected)
  }

  @Test func theNormIsThatOfThePlaneAndItsSecondDerivativeToo() {
    let x = Tensor([[3, 4], [5, 12]] as [[Double]])
    #expect(x.norm(over: [1]) == Tensor([5, 13] as [Double]))
    #expect(x.norm(over: [1], keepingAxes: true).shape == [2, 1])
    #expect(Double(Tensor([Float.infinity, 1]).norm()) == .infinity)
    #expect(Double(Tensor.zeros([0]).norm()) == 0)
    // ∂²‖x‖/∂x² = (1 − x·xᵀ/‖x‖²)/‖x‖.
    let curvature = hessian(at: Tensor([3, 4] as [Double])) { $0.norm() }
    let expected = Tensor([[16, -12], [-12, 9]] as [[Double]]) / 125
    #expect(curvature.isClose(to: expected, relative: 1e-14, absolute: 1e-15))
  }

  @Test("Only a cotangent absorbs: weights of zeros do not hide that a gradient is unknown")
  func whatIsNoCotangentAbsorbsNothing() {
    let (x, weight) = (Tensor.zeros([2, 3]), Tensor.zeros([3, 2]))
    for seed in [Double.nan, .infinity] {
      let unknown = Tensor.full([2, 2], seed)
      let gradients = gradients(at: [x, weight]) { ($0[0].matMul($0[1]) * unknown).sum() }
      #expect(gradients.allSatisfy { [Float]($0).allSatisfy { $0.isNaN } })
      let image = Tensor.zeros([1, 1, 3, 3])
      let convolved = Adjoint.gradients(at: [image, .zeros([1, 1, 1, 1])]) {
        ($0[0].convolved(with: $0[1]) * Tensor.full([1, 1, 3, 3], seed)).sum()
      }
      #expect(convolved.allSatisfy { [Float]($0).allSatisfy { $0.isNaN } })
      let norm = gradient(at: Tensor([0, 0])) { $0.norm() * Tensor(Float(seed)) }
      #expect([Float](norm).allSatisfy { $0.isNaN }, "\(norm)")
    }
  }

  @Test func aRuleMaySetItsInputsInAnyOrderAndTwice() {
    struct Scattered: Operation {
      var name: String { "scattered" }
      func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0]] }
      func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
        let (a, b) = (frame.input(0), frame.input(1))
        var y = frame.output(0)
        for i in a.indices { y[i] = a[i] + 2 * b[i] }
      }
      func pullback(_ rule: inout Pullback) {
        let g = rule.cotangent
        rule.set(1, to: g * 7)
        rule.set(0, to: g)
        rule.set(1, to: g * 2)
      }
    }
    let gradients = gradients(at: [Tensor([1]), Tensor([2])]) { Scattered()($0[0], $0[1]).sum() }
    #expect(gradients == [Tensor([1]), Tensor([2])])
  }

  /// Expects the gradient of the sum of a function, in both precisions.
  private func expect(
    at x: [Double], _ gradient: [Double], of function: (Tensor) -> Tensor,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for dtype in [DType.float32, .float64] {
      let got = Adjoint.gradient(at: Tensor(x, dtype: dtype)) { function($0).sum() }
      let want = Tensor(gradient, dtype: dtype)
      #expect(
        got.isClose(to: want, relative: 4 * dtype.epsilon, absolute: 0),
        "\(dtype): \(got)", sourceLocation: sourceLocation)
    }
  }
}
