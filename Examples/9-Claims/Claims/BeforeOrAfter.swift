import AdjointTraining

/// Claim 15: batch norm belongs before the activation.
struct BeforeOrAfter: Claim {
  let number = 15
  let name = "Before or after the activation"
  let sentence = "Networks do better with batch norm before the activation than after it."
  let cost = 80.0
  let method = Method(
    compared: """
      Batch norm before the activation and after it: four hidden layers of 32 ReLUs, of tanhs and \
      of sigmoids, and a small convolutional network of ReLUs, each with its own best of five \
      learning rates from 0.01 to 1.
      """,
    measured: "The accuracy on held-out images after six epochs.",
    rule:
      "It holds for a network if the interval of the difference, before less after, lies above 0.")

  struct Results: Measured {
    struct Case: Codable {
      let network: String
      /// Accuracies by seeds.
      var before: [Double]
      var after: [Double]
      var difference: Interval { Interval(ofDifference: before, after) }
    }

    var cases: [Case]
    var seedCount: Int { cases[0].before.count }
  }

  func measure(_ setting: Setting) -> Results {
    let activations = [Activation.relu, .tanh, .sigmoid]
    let shapes = activations.flatMap { activation in
      [true, false].map {
        PerceptronShape(activation: activation, norm: .batch, normsBefore: $0)
      }
    }
    let steps = setting.epoch * setting.budget(6, quick: 1)
    let runs = setting.tuned(
      sides: shapes.count + 2, rates: setting.budget([0.01, 0.03, 0.1, 0.3, 1], quick: [0.1]),
      score: \.loss
    ) { side, rate, seed -> Outcome in
      if side < shapes.count {
        let model = setting.perceptron(shapes[side], seed)
        return setting.trained(model, rate: rate, seed: seed, steps: steps).outcome
      }
      let model = ConvolutionalNetwork(
        normalized: true, normsBefore: side == shapes.count, side: setting.data.side, seed: seed)
      return setting.trained(model, rate: rate, seed: seed, steps: steps).outcome
    }
    let names = activations.map { "perceptron of \($0.rawValue)s" } + ["convolutional network"]
    return Results(
      cases: names.enumerated().map { number, name in
        Results.Case(
          network: name, before: runs[2 * number].results.map(\.accuracy),
          after: runs[2 * number + 1].results.map(\.accuracy))
      })
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      results.cases.map { ("the network is a \($0.network)", $0.difference.low > 0) })
  }

  func figure(of results: Results) -> String {
    "accuracy before less after, in points: "
      + results.cases.map { "\($0.difference.text(points)) (\($0.network))" }
      .joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    [
      BarPlot(
        title: "Errors: mean and range of \(results.seedCount) seeds",
        categories: results.cases.map(\.network),
        y: Axis("held-out images that are wrong", unit: "%"),
        series: [
          BarPlot.Series(
            "before the activation", percent: results.cases.map { $0.before.map { 1 - $0 } }),
          BarPlot.Series(
            "after it", percent: results.cases.map { $0.after.map { 1 - $0 } }),
        ])
    ]
  }

  func advice(from results: Results) -> String {
    let largest = results.cases.map { abs($0.difference.estimate) }.max() ?? 0
    return """
      The places differ by \(fixed(largest * 100)) points at most. Put it before the activation if \
      you want to fold it into the layer before in inference, which only works there; otherwise \
      try both.
      """
  }
}
