import Adjoint
import AdjointCheck
import AdjointNN
import Testing

/// A loss of a prediction and a target.
struct LossCase: Sendable, CustomStringConvertible {
  let description: String
  let loss: @Sendable (Tensor, Tensor, Reduction) -> Tensor
}

@Suite("Losses and metrics")
struct LossTests {
  private static let x = Tensor([[0.5, -2, 30], [1.25, -40, 0]] as [[Double]])
  private static let t = Tensor([[1, 0, 0], [0.25, 1, 1]] as [[Double]])
  private static let classes = Tensor([[1, 0, 0], [0, 1, 1]] as [[Double]])

  private func expect(_ got: Tensor, _ want: [Double], _ name: String) {
    // Some five operations, each of which rounds once.
    let isNear = zip([Double](got), want).allSatisfy { abs($0 - $1) <= 4e-15 * max(1, abs($1)) }
    #expect(got.count == want.count && isNear, "\(name): \([Double](got))")
  }

  @Test("Values as PyTorch has them")
  func values() {
    let (x, t, classes) = (Self.x, Self.t, Self.classes)
    expect(
      meanAbsoluteError(x, t, reduction: .none), [0.5, 2, 30, 1, 41, 1], "meanAbsoluteError")
    expect(
      huberLoss(x, t, delta: 2, reduction: .none), [0.125, 2, 58, 0.5, 80, 0.5], "huberLoss")
    expect(huberLoss(x, t), [12.104166666666666], "mean of huberLoss")
    expect(smoothL1Loss(x, t, beta: 0.5), [12.333333333333334], "smoothL1Loss")
    expect(huberLoss(x, t, delta: 0.5) / 0.5, [12.333333333333334], "Huber's by δ")
    expect(
      binaryCrossEntropy(x, t, reduction: .none),
      [
        0.4740769841801067, 0.1269280110429727, 30.000000000000092, 1.189429081345373, 40,
        0.6931471805599453,
      ], "binaryCrossEntropy")
    expect(
      binaryCrossEntropy(x, t, positiveWeight: 3, reduction: .none),
      [
        1.42223095254032, 0.1269280110429727, 30.000000000000092, 1.3153936220180593, 120,
        2.0794415416798357,
      ], "binaryCrossEntropy with a weight")
    expect(
      focalLoss(x, classes, reduction: .none),
      [
        0.016893372629375906, 0.001352672126430284, 22.49999999999586, 0.6805936145398965, 10,
        0.04332169878499658,
      ], "focalLoss")
    expect(
      focalLoss(x, classes, gamma: 1, alpha: 0.6, reduction: .none),
      [
        0.10739000500149916, 0.006052075921111181, 11.999999999998916, 0.4669797065695959, 24,
        0.2079441541679836,
      ], "focalLoss of others")
    let shares = Tensor([[0.2, 0.8, 0], [0, 0.5, 0.5]] as [[Double]])
    expect(
      klDivergence(x.logSoftmax(), shares, reduction: .none),
      [5.578112417513214, 25.421485158948766, 0, 0, 20.404390950392713, 0.40439095039271383],
      "klDivergence")
    expect(klDivergence(x.logSoftmax(), shares), [25.904189738623703], "mean of klDivergence")
    expect(
      hingeLoss(x, classes * 2 - 1, reduction: .none), [0.5, 0, 31, 2.25, 41, 1], "hingeLoss")
  }

  @Test("Losses of embeddings as PyTorch has them")
  func embeddings() {
    let a = Tensor([[1, 2, 3], [0, 0, 0]] as [[Double]])
    let b = Tensor([[-2, 0.5, 4], [1, 1, 1]] as [[Double]])
    expect(cosineSimilarity(a, b), [0.6533052580081485, 0], "cosineSimilarity")
    func loss(_ targets: [Double]) -> Tensor {
      cosineEmbeddingLoss(a, b, Tensor(targets), margin: 0.2, reduction: .none)
    }
    expect(loss([1, -1]), [0.3466947419918515, 0], "cosineEmbeddingLoss")
    expect(loss([-1, 1]), [0.4533052580081485, 1], "cosineEmbeddingLoss")
    let far = Tensor([[1, 2.5, 3], [9, 9, 9]] as [[Double]])
    expect(
      tripletLoss(anchor: a, positive: b, negative: far, reduction: .none), [4, 0], "tripletLoss")
  }

  private static let all: [LossCase] = [
    LossCase(description: "meanSquaredError") { meanSquaredError($0, $1, reduction: $2) },
    LossCase(description: "meanAbsoluteError") { meanAbsoluteError($0, $1, reduction: $2) },
    LossCase(description: "huberLoss") { huberLoss($0, $1, delta: 0.7, reduction: $2) },
    LossCase(description: "smoothL1Loss") { smoothL1Loss($0, $1, beta: 0.7, reduction: $2) },
    LossCase(description: "logCoshLoss") { logCoshLoss($0, $1, reduction: $2) },
    LossCase(description: "binaryCrossEntropy") {
      binaryCrossEntropy($0, $1, positiveWeight: 2, reduction: $2)
    },
    LossCase(description: "focalLoss") { focalLoss($0, $1, reduction: $2) },
    LossCase(description: "hingeLoss") { hingeLoss($0, 2 * $1 - 1, reduction: $2) },
    LossCase(description: "klDivergence") { klDivergence($0, $1, reduction: $2) },
    LossCase(description: "cosineSimilarity") { a, b, _ in cosineSimilarity(a, b) },
    LossCase(description: "tripletLoss") {
      tripletLoss(anchor: $0, positive: $1, negative: $0 * 0.5 + 1, reduction: $2)
    },
  ]

  @Test("Gradients by prediction and target, at both orders", arguments: all)
  func gradients(_ item: LossCase) {
    var generator = Philox(seed: 7)
    let x = Tensor.normal([3, 4], dtype: .float64, using: &generator)
    let t = Tensor.uniform([3, 4], in: 0.1..<0.9, dtype: .float64, using: &generator)
    let options = CheckOptions(exhaustiveCount: 0, directions: 2, elements: 3)
    let report = checkGradients(at: [x, t], order: 2, name: item.description, options: options) {
      [item.loss($0[0], $0[1], .mean)]
    }
    #expect(report.passed, "\(report)")
  }

  @Test("Finite at extremes, in float32", arguments: all)
  func extremes(_ item: LossCase) {
    // Squares of larger ones overflow, and are to.
    let x = Tensor([[1e18, -1e18, 0], [80, -80, 1e-30]])
    let t = Tensor([[0, 1, 1], [0, 1, 0]])
    let (value, gradient) = valueAndGradient(at: x) { item.loss($0, t, .sum).sum() }
    #expect(Float(value).isFinite, "\(value)")
    let isFinite = [Float](gradient).allSatisfy { $0.isFinite }
    #expect(isFinite, "\(gradient)")
  }

  @Test("Digits that are small beside others are kept, in float32")
  func smallNumbers() {
    // log(1 + e⁻²⁰) and log cosh 10⁻⁴ from mpmath.
    let (loss, gradient) = valueAndGradient(at: Tensor([-20])) {
      binaryCrossEntropy($0, .zeros([1]), reduction: .sum)
    }
    #expect(abs(Double(loss) / 2.0611536203143e-9 - 1) < 1e-6)
    #expect(abs(Double(gradient) / 2.0611536181902e-9 - 1) < 1e-6)
    let cosh = logCoshLoss(Tensor([1e-4, -1e-4]), .zeros([2]), reduction: .none)
    for value in [Float](cosh) { #expect(abs(Double(value) / 4.99999999166667e-9 - 1) < 1e-6) }
    let far = [Float](logCoshLoss(Tensor([100, -3e38]), .zeros([2]), reduction: .none))
    #expect(far == [100 - 0.693147181, 3e38])
  }

  @Test func hubersLossFormsNoSquareOfALargeNumber() {
    let far = Tensor([1e30, -3e38])
    #expect([Float](huberLoss(far, .zeros([2]), reduction: .none)) == [1e30, 3e38])
  }

  @Test("The confusion matrix, and what is read from it")
  func confusion() {
    var confusion = ConfusionMatrix(classCount: 3)
    #expect(confusion.accuracy.isNaN && confusion.macroF1.isNaN)
    // Predicted 0, 1, 1, 0 and unknown.
    let logits = Tensor([[3, 1, 1], [0, 2, 1], [0, 1, -1], [5, 5, 0], [.nan, 1, 0]])
    confusion.add(logits, Tensor([0, 1, 0, 0, 2] as [Int32]))
    #expect(confusion.counts == [[2, 1, 0], [0, 1, 0], [0, 0, 0]])
    #expect(confusion.count == 5 && confusion.accuracy == 0.6)
    #expect(confusion.precision(of: 1) == 0.5 && confusion.recall(of: 1) == 1)
    #expect(confusion.f1(of: 0) == 0.8 && confusion.precision(of: 2).isNaN)
    #expect(confusion.recall(of: 2) == 0 && confusion.f1(of: 2) == 0)
    #expect(confusion.description == "2 1 0\n0 1 0\n0 0 0")
  }

  @Test func aUnitThatFloatDoesNotHold() {
    // |d| − β/2, with β almost 0.
    let loss = smoothL1Loss(Tensor([1, 0, -2]), .zeros([3]), beta: 1e-46, reduction: .none)
    #expect(loss == Tensor([1, 0, 2]))
  }

  @Test func topAccuraciesGrowWithTheNumber() {
    let logits = Tensor([[1, 3, 2], [1, 1, 1], [0, 5, 9], [.nan, 0, 1]])
    let labels = Tensor([2, 1, 0, 2] as [Int32])
    #expect((1...3).map { topAccuracy(logits, labels, k: $0) } == [0, 0.5, 0.75])
    #expect(
      topAccuracy(logits[0..<3], labels[0..<3], k: 1) == accuracy(logits[0..<3], labels[0..<3]))
  }

  @Test func rSquaredIsTheShareOfTheVariance() {
    let t = Tensor([1, 2, 3, 6] as [Double])
    #expect(rSquared(t, t) == 1)
    #expect(rSquared(.full([4], 3, dtype: .float64), t) == 0)
    // Σ(t − p)² = 4, Σ(t − 3)² = 14.
    #expect(abs(rSquared(t + 1, t) - (1 - 4.0 / 14)) < 1e-15)
    #expect(rSquared(.ones([2]), .ones([2])) == 1)
    #expect(rSquared(.zeros([2]), .ones([2])) == -.infinity)
    #expect(rSquared(.zeros([0]), .zeros([0])).isNaN)
    // As good as the mean, which is 0, in any unit.
    for unit in [1, 1e200, 1e-200] {
      let t = Tensor([unit, -unit] as [Double])
      #expect(rSquared(.zeros([2], dtype: .float64), t) == 0 && rSquared(t, t) == 1)
    }
    #expect(rSquared(Tensor([.nan, 1]), Tensor([1, 2])).isNaN)
  }

  /// −log softmax of (−∞, 1, 2) at 1 is log(1 + e); the class without a share or a weight says nothing.
  @Test("An infinite logit that does not count has no influence")
  func infiniteLogitsThatDoNotCount() {
    let (x, want) = (Tensor([[-Float.infinity, 1, 2]]), 1.3132616875182228)
    let labels = Tensor([1] as [Int32])
    let shares = Tensor([[0, 1, 0]])
    let weights = Tensor([0, 1, 1])
    let losses: [(String, (Tensor) -> Tensor)] = [
      ("shares", { $0.crossEntropy(shares) }),
      ("shares and weights", { $0.crossEntropy(shares, weights: weights) }),
      (
        "a share without weight",
        { $0.crossEntropy(Tensor([[0.5, 1, 0]]), weights: weights) }
      ),
      ("labels and weights", { $0.crossEntropy(labels, weights: weights) }),
    ]
    for (name, loss) in losses {
      let (value, gradient) = valueAndGradient(at: x) { loss($0) }
      #expect(abs(Double(value) - want) < 2e-7, "\(name): \(value)")
      // The softmax is (0, 1/(1 + e), e/(1 + e)).
      #expect(
        gradient.isClose(to: Tensor([[0, -0.73105858, 0.73105858]]), relative: 1e-6), "\(name)")
    }
    // Half of the smoothing, with its weights: ½·(log(1 + e) + log(1 + e) − 1)/3 more, and half of the loss.
    let smoothed = x.crossEntropy(labels, weights: weights, smoothing: 0.5)
    #expect(abs(Double(smoothed) - (want / 2 + (2 * want - 1) / 6)) < 4e-7)
    // A sample of the class without weight is one that does not count.
    let two = Tensor([[-Float.infinity, 1, 2], [-.infinity, 1, 2]])
    let first = two.crossEntropy(Tensor([0, 1] as [Int32]), weights: weights)
    #expect(abs(Double(first) - want) < 2e-7)
  }

  @Test func anInfiniteLogitOfTheRightSignCostsNothing() {
    let (x, t) = (Tensor([-Float.infinity, .infinity]), Tensor([0, 1]))
    let losses: [(String, (Tensor, Tensor) -> Tensor)] = [
      ("binaryCrossEntropy", { binaryCrossEntropy($0, $1, reduction: .none) }),
      ("positives", { binaryCrossEntropy($0, $1, positiveWeight: 3, reduction: .none) }),
      ("focalLoss", { focalLoss($0, $1, reduction: .none) }),
      ("γ = 0", { focalLoss($0, $1, gamma: 0, alpha: nil, reduction: .none) }),
      ("γ = ½", { focalLoss($0, $1, gamma: 0.5, reduction: .none) }),
      ("hingeLoss", { hingeLoss($0, 2 * $1 - 1, reduction: .none) }),
    ]
    for (name, loss) in losses {
      let (value, gradient) = valueAndGradient(at: x) { loss($0, t).sum() }
      #expect(Float(value) == 0 && gradient == .zeros([2]), "\(name): \(value), \(gradient)")
      let wrong = loss(x, 1 - t)
      #expect([Float](wrong) == [.infinity, .infinity], "\(name): \(wrong)")
    }
  }

  /// The cosine of (1, 1) and (1, ½) is 1.5/√2.5, as is that of multiples of them.
  @Test func cosinesOfLongAndShortVectors() {
    for size: Float in [3e38, 1, 1e-6] {
      let cosine = cosineSimilarity(Tensor([size, size]), Tensor([size, size / 2]))
      #expect(abs(Double(cosine) - 1.5 / 2.5.squareRoot()) < 1e-6, "\(size): \(cosine)")
    }
  }
}
