import AdjointTraining

/// Claim 17: the activation matters less.
struct Activations: Claim {
  let number = 17
  let name = "Choice of the activation"
  let sentence = "With batch norm it matters less whether units are sigmoids, tanhs or ReLUs."
  let cost = 70.0
  let method = Method(
    compared: """
      Eight hidden layers of 32 sigmoids, tanhs and ReLUs, with and without batch norm, each with \
      its own best of seven learning rates from 0.003 to 3.
      """,
    measured: """
      The accuracy on held-out images after six epochs; for each seed the distance between the \
      best kind of unit and the worst.
      """,
    rule: """
      It holds if that distance is smaller with batch norm, by an interval of the difference below \
      0; for a kind of unit batch norm helps if the interval of the difference of the accuracies \
      lies above 0.
      """)

  struct Results: Measured {
    let activations: [Activation]
    /// Accuracies by kinds of units and seeds.
    var accuracies: Sides<[[Double]]>
    var seedCount: Int { accuracies.with[0].count }

    /// The best less the worst, by seeds.
    var distance: Sides<[Double]> {
      accuracies.map { kinds in
        kinds[0].indices.map { seed in
          let values = kinds.map { $0[seed] }
          return (values.max() ?? 0) - (values.min() ?? 0)
        }
      }
    }
  }

  func measure(_ setting: Setting) -> Results {
    let kinds = Activation.allCases
    let sides = kinds.map { PerceptronShape(depth: 8, activation: $0).sides }
    let shapes = sides.map(\.with) + sides.map(\.without)
    let steps = setting.epoch * setting.budget(6, quick: 1)
    let runs = setting.tuned(sides: shapes.count, score: \.loss) { side, rate, seed -> Outcome in
      let model = setting.perceptron(shapes[side], seed)
      return setting.trained(model, rate: rate, seed: seed, steps: steps).outcome
    }
    let accuracies = runs.map { $0.results.map(\.accuracy) }
    return Results(
      activations: kinds,
      accuracies: Sides(
        with: Array(accuracies[..<kinds.count]), without: Array(accuracies[kinds.count...])))
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      [("units may be of any kind", results.distance.difference.high < 0)])
  }

  func figure(of results: Results) -> String {
    let distance = results.distance.map { fixed($0.mean * 100) }
    return """
      from the best kind of unit to the worst: \(distance.with) points with, \(distance.without) \
      without
      """
  }

  func plots(of results: Results) -> [any Figure] {
    [
      BarPlot(
        title: "Held-out accuracy: mean and range of \(results.seedCount) seeds",
        categories: results.activations.map(\.rawValue),
        y: Axis("held-out accuracy", unit: "%", range: 0...100), series: results.accuracies.bars)
    ]
  }

  func advice(from results: Results) -> String {
    let helped = results.activations.indices.filter { kind in
      results.accuracies.map { $0[kind] }.difference.low > 0
    }.map { results.activations[$0].rawValue + "s" }
    return """
      Batch norm raised the accuracy of \
      \(helped.isEmpty ? "none of them" : helped.listed), beyond what chance explains. \
      \(helped.isEmpty ? "" : "If a network does not start to train, try batch norm early.")
      """
  }
}
