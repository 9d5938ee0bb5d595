import Adjoint
import AdjointData
import AdjointTraining

/// Claim 7: batch norm regularizes.
struct Regularization: Claim {
  let number = 7
  let name = "Regularization"
  let sentence = """
    Batch norm regularizes: a network learns fewer images by heart, and does no worse on those \
    that it has not seen.
    """
  let cost = 80.0
  let method = Method(
    compared: """
      Four hidden layers of 32 ReLUs with neither batch norm nor dropout (0.2), with one of them, \
      and with both, each with the best of five learning rates from 0.003 to 0.3 for held-out images, \
      on 100 training images and on all with 30 % of the labels wrong.
      """,
    measured: """
      The gap: the accuracy on the training images, by the labels that they have, less that on the \
      held-out ones. With wrong labels it is below 0, unless a network learns them by heart.
      """,
    rule: """
      It holds on such data if the gap is smaller with batch norm alone than with neither, by an \
      interval below 0, and the held-out accuracy is not lower, by an interval that is not below \
      0.
      """)

  struct Results: Measured {
    struct Arm: Codable {
      let name: String
      /// Accuracies on the training images, by seeds.
      var training: [Double]
      /// Accuracies on the held-out images, by seeds.
      var test: [Double]
      /// What one has more than the other, by seeds.
      var gap: [Double] { zip(training, test).map { $0 - $1 } }
    }

    struct Case: Codable {
      let data: String
      /// Neither, dropout, batch norm, both.
      var arms: [Arm]
      var gap: Sides<[Double]> { Sides(with: arms[2].gap, without: arms[0].gap) }
      var test: Sides<[Double]> { Sides(with: arms[2].test, without: arms[0].test) }
    }

    var cases: [Case]
    var seedCount: Int { cases[0].arms[0].test.count }
  }

  /// What comes of a training: accuracies on images of either kind.
  private struct Run {
    let training, test: Double
    var error: Double { 1 - test }
  }

  func measure(_ setting: Setting) -> Results {
    let arms: [(name: String, norm: NormKind?, dropout: Double)] = [
      ("neither", nil, 0), ("dropout", nil, 0.2), ("batch norm", .batch, 0), ("both", .batch, 0.2),
    ]
    let cases = ["100 images", "30 % wrong labels"]
    let steps = setting.epoch * setting.budget(12, quick: 1)
    let runs = setting.tuned(
      sides: cases.count * arms.count,
      rates: setting.budget([0.003, 0.01, 0.03, 0.1, 0.3], quick: [0.1]),
      score: \.error
    ) { side, rate, seed -> Run in
      let arm = arms[side % arms.count]
      let (all, test) = setting.data.split(seed)
      let training =
        side < arms.count ? all.samples(at: Array(0..<100)) : all.withWrongLabels(0.3, seed: seed)
      let shape = PerceptronShape(norm: arm.norm, dropout: arm.dropout)
      var model = setting.perceptron(shape, seed)
      Training(data: training, steps: steps, rate: rate, seed: seed)(&model)
      return Run(training: model.accuracy(on: training), test: model.accuracy(on: test))
    }
    return Results(
      cases: cases.enumerated().map { number, data in
        Results.Case(
          data: data,
          arms: arms.enumerated().map { place, arm in
            let results = runs[number * arms.count + place].results
            return Results.Arm(
              name: arm.name, training: results.map(\.training), test: results.map(\.test))
          })
      })
  }

  func verdict(on results: Results) -> Verdict {
    let conditions = ["images are few", "labels are wrong"]
    return Verdict(
      seeds: results.seedCount,
      zip(conditions, results.cases).map { condition, one in
        (condition, one.gap.difference.high < 0 && one.test.difference.high >= 0)
      })
  }

  func figure(of results: Results) -> String {
    "gap with less without, in points: "
      + results.cases.map { "\($0.gap.difference.text(points)) (\($0.data))" }
      .joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    [
      BarPlot(
        title: "Accuracy: mean and range of \(results.seedCount) seeds",
        categories: results.cases.flatMap { one in
          one.arms.map { "\($0.name), \(one.data)" }
        }, y: Axis("accuracy", unit: "%"),
        series: [
          BarPlot.Series(
            "training images", percent: results.cases.flatMap { $0.arms.map(\.training) }),
          BarPlot.Series(
            "held-out images", percent: results.cases.flatMap { $0.arms.map(\.test) }),
        ])
    ]
  }

  func advice(from results: Results) -> String {
    let best = results.cases.map { one in
      let arm = one.arms.max { $0.test.mean < $1.test.mean } ?? one.arms[0]
      return "\(arm.name) with \(one.data) (\(percent(arm.test.mean)))"
    }.joined(separator: " and ")
    let rows = results.cases.map { one in
      one.arms.map { "\($0.name) \(percent($0.test.mean))" }.joined(separator: ", ")
        + " (\(one.data))"
    }.joined(separator: "; ")
    let isRegular = results.cases.allSatisfy { $0.gap.difference.high < 0 }
    let sentence =
      isRegular
      ? "Batch norm regularizes a little; where that matters, try"
      : """
      Do not add batch norm in order to regularize: if training accuracy runs away from test \
      accuracy, try
      """
    return """
      \(sentence) dropout, weight decay or more data, and compare. Right on held-out images: \
      \(rows). The best were \(best).
      """
  }
}

extension LabeledData {
  /// The images with a share of the labels replaced by others, as the seed draws them.
  func withWrongLabels(_ share: Double, seed: UInt64) -> LabeledData {
    var generator = Philox(seed: seed &+ 2_000_000)
    let (draw, shift) = (generator.nextDraw(), generator.nextDraw())
    let wrong = [Int32](labels).enumerated().map { place, label in
      draw.uniform(place) < share ? (label + 1 + Int32(shift.uniform(place) * 9)) % 10 : label
    }
    return LabeledData(inputs: inputs, labels: Tensor(wrong))
  }
}
