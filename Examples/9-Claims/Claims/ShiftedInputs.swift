import Adjoint
import AdjointData
import AdjointTraining

/// Claim 14: statistics taken again mend a shift of the inputs.
struct ShiftedInputs: Claim {
  let number = 14
  let name = "Shifted inputs"
  let sentence = """
    When images at test time are brighter, paler or noisier, statistics taken again on them win \
    back accuracy that batch norm lost.
    """
  let cost = 60.0
  let method = Method(
    compared: """
      A small convolutional network without batch norm, and with it: by its running statistics, \
      and by statistics taken again on the shifted images, without their labels; each trained with \
      its own best of four learning rates from 0.01 to 0.3, for eight epochs of images as they are.
      """,
    measured: """
      The accuracy on held-out images that are 0.4 brighter, of 0.4 of the contrast, or with noise \
      of deviation 0.3, where white is 0 and black 1.
      """,
    rule: """
      It holds for a shift if statistics taken again are above the running ones, by an interval \
      above 0, and not below no batch norm, by an interval that reaches 0 or lies above.
      """)

  struct Results: Measured {
    struct Case: Codable {
      let shift: String
      /// Accuracies by seeds.
      var running: [Double]
      var again: [Double]
      var without: [Double]
    }

    /// The first one is of images as they are.
    var cases: [Case]
    var seedCount: Int { cases[0].running.count }
  }

  /// What comes of a training: its loss, and accuracies by shifts.
  private struct Run {
    struct Accuracy { var plain, again: Double }
    var loss: Double
    var accuracies: [Accuracy]
  }

  func measure(_ setting: Setting) -> Results {
    let shifts = ["none", "brightness", "contrast", "noise"]
    let steps = setting.epoch * setting.budget(8, quick: 1)
    let side = setting.data.side
    let runs = setting.tuned(
      sides: 2, rates: setting.budget([0.01, 0.03, 0.1, 0.3], quick: [0.1]), score: \.loss
    ) { number, rate, seed -> Run in
      let (training, test) = setting.data.split(seed)
      var model = ConvolutionalNetwork(normalized: number == 0, side: side, seed: seed)
      let losses = Training(data: training, steps: steps, rate: rate, seed: seed)(&model)
      let accuracies = shifts.map { shift in
        let shifted = test.with(ShiftedInputs.shifted(test.inputs, shift, seed))
        return Run.Accuracy(
          plain: model.accuracy(on: shifted),
          again: number == 0 ? model.withStatistics(of: shifted).accuracy(on: shifted) : 0
        )
      }
      return Run(loss: losses.meanOfLast(20), accuracies: accuracies)
    }
    return Results(
      cases: shifts.enumerated().map { place, shift in
        Results.Case(
          shift: shift, running: runs[0].results.map { $0.accuracies[place].plain },
          again: runs[0].results.map { $0.accuracies[place].again },
          without: runs[1].results.map { $0.accuracies[place].plain })
      })
  }

  private static func shifted(_ images: Tensor, _ shift: String, _ seed: UInt64) -> Tensor {
    switch shift {
    case "brightness": return images - 0.4
    case "contrast": return images * 0.4
    case "noise":
      var generator = Philox(seed: seed &+ 6_000_000)
      return images + .normal(images.shape, deviation: 0.3, using: &generator)
    default: return images
    }
  }

  func verdict(on results: Results) -> Verdict {
    let conditions = [
      "brightness": "brightness shifts", "contrast": "contrast shifts", "noise": "noise is added",
    ]
    return Verdict(
      seeds: results.seedCount,
      results.cases.dropFirst().map { one in
        (
          conditions[one.shift] ?? one.shift,
          Interval(ofDifference: one.again, one.running).low > 0
            && Interval(ofDifference: one.again, one.without).high >= 0
        )
      })
  }

  func figure(of results: Results) -> String {
    "right with running statistics, with new ones, and without batch norm: "
      + results.cases.dropFirst().map { one in
        let shares = [one.running, one.again, one.without].map { percent($0.mean, 0) }
        return "\(one.shift) \(shares[0]), \(shares[1]) and \(shares[2])"
      }.joined(separator: "; ")
  }

  func plots(of results: Results) -> [any Figure] {
    [
      BarPlot(
        title: "Shifted held-out images: mean and range of \(results.seedCount) seeds",
        categories: results.cases.map(\.shift),
        y: Axis("held-out accuracy", unit: "%", range: 0...100),
        series: [
          BarPlot.Series("running statistics", percent: results.cases.map(\.running)),
          BarPlot.Series("statistics taken again", percent: results.cases.map(\.again)),
          BarPlot.Series("without batch norm", percent: results.cases.map(\.without)),
        ])
    ]
  }

  func advice(from results: Results) -> String {
    let none = results.cases[0]
    let cost = Interval(ofDifference: none.again, none.running)
    return """
      If you know that the inputs have shifted and have a few hundred of them, take the statistics \
      again with `recomputeStatistics(over:)`. Not all may come back: of images that have not shifted \
      \(percent(none.running.mean, 0)) are right, which new statistics change by \
      \(cost.text(points)) points. They need a batch that is mixed like the training images: those of \
      one class alone would mislead.
      """
  }
}
