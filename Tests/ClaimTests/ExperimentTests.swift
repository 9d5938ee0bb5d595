import Adjoint
import AdjointData
import AdjointNN
import Testing

@testable import ClaimExperiments

enum Images {
  /// Images of 4×4 pixels: a pattern for each class, with some noise.
  static let few: ImageData = {
    var generator = Philox(seed: 3)
    let count = 400
    let labels = Tensor((0..<count).map { Int32($0 % 10) })
    let patterns = Tensor.uniform([10, 16], using: &generator)
    let noise = Tensor.normal([count, 16], deviation: 0.1, using: &generator)
    return ImageData(
      name: "patterns",
      images: LabeledData(inputs: patterns.gather(labels, along: 0) + noise, labels: labels),
      side: 4)
  }()
}

@Suite("Experiments")
struct ExperimentTests {
  private static let setting = Setting(isQuick: true, seedCount: 2, data: Images.few)

  @Test func resultsDoNotDependOnTheThreads() throws {
    let (one, four) = (
      withThreads(1) { HigherLearningRates().measure(Self.setting) },
      withThreads(4) { HigherLearningRates().measure(Self.setting) }
    )
    #expect(try JSON.text(of: one) == JSON.text(of: four))
    #expect(one.seedCount == 2)
  }

  @Test func eachSideGetsTheRateThatSuitsIt() {
    // The best of the rates 0.03 and 0.3 is that nearest to the one that a side wants.
    let tuned = Self.setting.tuned(sides: 2, score: \.self) { side, rate, seed -> Double in
      abs(rate - [0.02, 1][side]) + Double(seed % 10) * 1e-6
    }
    #expect(tuned.map(\.rate) == [0.03, 0.3])
    #expect(tuned[0].results.count == 2)
    #expect(abs(tuned[1].results[0] - 0.700001) < 1e-9)
  }

  @Test func wrongLabelsAreOthersAndAsManyAsSaid() {
    let data = Images.few.images
    let wrong = data.withWrongLabels(0.3, seed: 1)
    let changed = zip([Int32](data.labels), [Int32](wrong.labels)).count { $0 != $1 }
    // A share of 0.3 of 400, with a standard deviation of √(400·0.3·0.7) = 9.
    #expect((84...156).contains(changed))
    #expect([Int32](wrong.labels).allSatisfy { (0..<10).contains($0) })
  }

  @Test func aLossThatExplodesEndsATraining() {
    let run = Self.setting.trained(
      Self.setting.perceptron(PerceptronShape(), 1), rate: 1e6, seed: 1, steps: 30)
    #expect(run.losses.count == 30)
    #expect(run.losses[29] == Training.largestLoss)
  }

  @Test func wiringsAreTrained() {
    for wiring in PerceptronShape.Wiring.allCases {
      let shape = PerceptronShape(depth: 3, norm: .batch, wiring: wiring)
      let run = Self.setting.trained(
        Self.setting.perceptron(shape, 1), rate: 0.1, seed: 1, steps: 30)
      #expect(run.losses.meanOfLast(5) < run.losses[0])
      #expect(unvisitedProperties(of: run.model).isEmpty)
    }
  }

  @Test func networksNameAllTheyHave() {
    #expect(
      unvisitedProperties(of: ConvolutionalNetwork(normalized: true, side: 4, seed: 1)).isEmpty)
    #expect(
      unvisitedProperties(of: TransformerClassifier(.layer, depth: 2, side: 4, seed: 1)).isEmpty)
  }

  /// sigmoid′ is a tenth of 1/4 at y·(1 − y) = 0.025, y = 0.0257 or 0.9743; tanh′ is 0.1 at |y| =
  /// √0.9 = 0.9487.
  @Test func saturationIsATenthOfTheSlope() {
    let sigmoid = Activation.sigmoid.isSaturated(Tensor([0.02, 0.03, 0.97, 0.98]))
    #expect([Bool](sigmoid) == [true, false, false, true])
    let tanh = Activation.tanh.isSaturated(Tensor([-0.95, -0.94, 0.94, 0.95]))
    #expect([Bool](tanh) == [true, false, false, true])
  }
}
