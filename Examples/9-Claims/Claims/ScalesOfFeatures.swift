import Adjoint
import AdjointData
import AdjointTraining

/// Claim 13: inputs need not be standardised.
struct ScalesOfFeatures: Claim {
  let number = 13
  let name = "Features of different scales"
  let sentence =
    "With batch norm, input features of very different scales need not be standardised."
  let cost = 50.0
  let method = Method(
    compared: """
      Images each of whose pixels is multiplied by a factor of its own, from 1/100 to 100: four \
      hidden layers of 32 ReLUs without batch norm, with it after each linear layer, and with it \
      on the inputs as well, beside the same on standardised inputs, each with its own best of \
      six learning rates from 0.0001 to 0.3.
      """,
    measured: "The accuracy on held-out images after eight epochs.",
    rule: """
      It holds for a place of batch norm if on raw inputs it is above no batch norm, by an \
      interval above 0, and not more than one point below batch norm on standardised inputs, by an \
      interval above −1 point.
      """)

  struct Results: Measured {
    /// Accuracies on raw inputs by seeds: without batch norm, with it between layers, with it on
    /// the inputs as well.
    var raw: [[Double]]
    /// Accuracies on standardised inputs: without batch norm, and with it between layers.
    var standardised: [[Double]]
    var seedCount: Int { raw[0].count }
  }

  func measure(_ setting: Setting) -> Results {
    let plain = PerceptronShape()
    var onInputs = plain.sides.with
    onInputs.normsInputs = true
    let sides = [
      (plain, false), (plain.sides.with, false), (onInputs, false), (plain, true),
      (plain.sides.with, true),
    ]
    let steps = setting.epoch * setting.budget(8, quick: 1)
    let runs = setting.tuned(
      sides: sides.count,
      rates: setting.budget([0.0001, 0.001, 0.01, 0.03, 0.1, 0.3], quick: [0.001, 0.1]),
      score: \.loss
    ) { side, rate, seed -> Outcome in
      let (shape, standardises) = sides[side]
      var (training, test) = setting.data.split(seed)
      let factors = ScalesOfFeatures.factors(training.inputs.shape[1], seed)
      (training, test) = (
        training.with(training.inputs * factors), test.with(test.inputs * factors)
      )
      if standardises {
        let mean = training.inputs.mean(over: 0)
        let deviation = training.inputs.standardDeviation(over: 0)
        let divisor = deviation.select(where: deviation .> 0, otherwise: 1)
        (training, test) = (
          training.with((training.inputs - mean) / divisor),
          test.with((test.inputs - mean) / divisor)
        )
      }
      var model = setting.perceptron(shape, seed)
      let losses = Training(data: training, steps: steps, rate: rate, seed: seed)(&model)
      return Outcome(loss: losses.meanOfLast(20), accuracy: model.accuracy(on: test))
    }
    let accuracies = runs.map { $0.results.map(\.accuracy) }
    return Results(raw: Array(accuracies[..<3]), standardised: Array(accuracies[3...]))
  }

  /// For each pixel one of five factors, drawn by the seed.
  private static func factors(_ count: Int, _ seed: UInt64) -> Tensor {
    let draw = Philox(seed: seed &+ 5_000_000)
    let choices: [Float] = [0.01, 0.1, 1, 10, 100]
    return Tensor((0..<count).map { choices[Int(draw.uniform($0) * 5)] })
  }

  func verdict(on results: Results) -> Verdict {
    func holds(_ raw: [Double]) -> Bool {
      Interval(ofDifference: raw, results.raw[0]).low > 0
        && Interval(ofDifference: raw, results.standardised[1]).low > -0.01
    }
    return Verdict(
      seeds: results.seedCount,
      [
        ("it stands after the linear layers", holds(results.raw[1])),
        ("it stands on the inputs as well", holds(results.raw[2])),
      ])
  }

  func figure(of results: Results) -> String {
    let raw = results.raw.map { percent($0.mean) }
    let standardised = percent(results.standardised[1].mean)
    return """
      right on raw inputs \(raw[0]) without, \(raw[1]) with, \(raw[2]) with it on the inputs as \
      well; on standardised ones \(standardised) with
      """
  }

  func plots(of results: Results) -> [any Figure] {
    [
      BarPlot(
        title: "Held-out accuracy: mean and range of \(results.seedCount) seeds",
        categories: [
          "raw, no batch norm", "raw, between layers", "raw, on inputs as well",
          "standardised, no batch norm", "standardised, between layers",
        ], y: Axis("held-out accuracy", unit: "%", range: 0...100),
        series: [BarPlot.Series("", percent: results.raw + results.standardised)])
    ]
  }

  func advice(from results: Results) -> String {
    func gap(_ raw: [Double]) -> String {
      Interval(ofDifference: raw, results.standardised[1]).text(points)
    }
    return """
      Batch norm after a linear layer scales what the layer gives, not what it gets: in the sum \
      large features drown small ones. Beside what it does on standardised inputs, batch norm on \
      raw ones changes the accuracy by \(gap(results.raw[1])) points between the layers, and by \
      \(gap(results.raw[2])) points on the inputs as well. Standardise features, or let a batch \
      norm on the inputs do it.
      """
  }
}
