import AdjointNN
import AdjointTraining

/// Claim 16: batch norm makes deep networks trainable.
struct Depth: Claim {
  let number = 16
  let name = "Depth"
  let sentence = "Very deep networks get more images right with batch norm."
  let cost = 330.0
  let method = Method(
    compared: """
      Networks of ReLUs with 10, 30 and 100 hidden layers, plain, residual and densely connected, \
      with and without batch norm, and a transformer of four blocks with batch norm, with layer \
      norm and with none, each with its own best of the learning rates 0.001, 0.01 and 0.1.
      """,
    measured: "The accuracy on held-out images after 132 steps.",
    rule: """
      It holds for a kind of network if at its deepest the accuracy is higher with batch norm than \
      without, by an interval above 0; for the transformer, if it is higher than with layer norm.
      """)

  struct Results: Measured {
    struct Case: Codable {
      let wiring: PerceptronShape.Wiring
      let depths: [Int]
      /// Accuracies by depths and seeds.
      var accuracies: Sides<[[Double]]>
      var deepest: Sides<[Double]> { accuracies.map { $0[depths.count - 1] } }
    }

    var cases: [Case]
    /// Accuracies of the transformer by seeds: batch norm, layer norm, none.
    var transformer: [[Double]]
    var seedCount: Int { transformer[0].count }
  }

  func measure(_ setting: Setting) -> Results {
    let depths = setting.budget([10, 30, 100], quick: [5, 10])
    let wirings = PerceptronShape.Wiring.allCases
    let shapes = wirings.flatMap { wiring in
      [NormKind.batch, nil].flatMap { norm in
        depths.map { PerceptronShape(depth: $0, norm: norm, wiring: wiring) }
      }
    }
    let norms: [NormKind?] = [.batch, .layer, nil]
    let steps = setting.budget(132, quick: 15)
    let runs = setting.tuned(
      sides: shapes.count + norms.count, rates: setting.budget([0.001, 0.01, 0.1], quick: [0.01]),
      score: \.loss
    ) { side, rate, seed -> Outcome in
      if side < shapes.count {
        let model = setting.perceptron(shapes[side], seed)
        return setting.trained(model, rate: rate, seed: seed, steps: steps).outcome
      }
      let model = TransformerClassifier(
        norms[side - shapes.count], depth: 4, side: setting.data.side, seed: seed)
      return setting.trained(model, rate: rate, seed: seed, steps: steps).outcome
    }
    let accuracies = runs.map { $0.results.map(\.accuracy) }
    return Results(
      cases: wirings.enumerated().map { number, wiring in
        let start = 2 * number * depths.count
        return Results.Case(
          wiring: wiring, depths: depths,
          accuracies: Sides(
            with: Array(accuracies[start..<start + depths.count]),
            without: Array(accuracies[start + depths.count..<start + 2 * depths.count])))
      }, transformer: Array(accuracies[shapes.count...]))
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      results.cases.map {
        ("the network is \($0.wiring.name)", $0.deepest.difference.low > 0)
      } + [
        (
          "the network is a small transformer",
          Interval(ofDifference: results.transformer[0], results.transformer[1]).low > 0
        )
      ])
  }

  func figure(of results: Results) -> String {
    let deepest = results.cases[0].depths.last ?? 0
    return "right in \(deepest) layers, with and without: "
      + results.cases.map { one in
        let means = one.deepest.map { percent($0.mean, 0) }
        return "\(one.wiring.name) \(means.with) and \(means.without)"
      }.joined(separator: ", ")
      + "; a transformer \(percent(results.transformer[0].mean, 0)), with layer norm "
      + percent(results.transformer[1].mean, 0)
  }

  func plots(of results: Results) -> [any Figure] {
    [
      LinePlot(
        title: "Accuracy by depth: median and range of \(results.seedCount) seeds",
        x: Axis("hidden layers", scale: .logarithmic),
        y: Axis("held-out accuracy", unit: "%", range: 0...100),
        lines: results.cases.flatMap { one in
          [("with batch norm", one.accuracies.with), ("without", one.accuracies.without)].map {
            side, depths in
            .medians(
              "\(one.wiring.name) \(side)", x: one.depths.map(Double.init),
              (0..<results.seedCount).map { seed in depths.map { $0[seed] * 100 } })
          }
        }),
      BarPlot(
        title:
          "A transformer of four blocks: mean and range of \(results.seedCount) seeds",
        categories: ["batch norm", "layer norm", "none"],
        y: Axis("held-out accuracy", unit: "%", range: 0...100),
        series: [BarPlot.Series("", percent: results.transformer)]),
    ]
  }

  func advice(from results: Results) -> String {
    let transformer = results.transformer.map { percent($0.mean) }
    let rows = results.cases.map { one in
      one.accuracies.with.indices.map { depth in
        let means = one.accuracies.map { percent($0[depth].mean, 0) }
        return "\(means.with) and \(means.without) in \(one.depths[depth])"
      }.joined(separator: ", ") + " layers (\(one.wiring.name))"
    }.joined(separator: "; ")
    let deepest = results.cases[0].depths.last ?? 0
    let needing = results.cases.filter { one in
      let means = one.deepest.map(\.mean)
      return means.with >= 0.5 && means.without < 0.5
    }.map(\.wiring.name)
    let plain = results.cases.first { $0.wiring == .plain }?.deepest.with.mean ?? 1
    let remedy =
      plain < 0.5
      ? "Batch norm alone does not train the deepest plain network: add connections that skip."
      : "Batch norm trains even the deepest plain network."
    return """
      Of the networks of \(deepest) layers, \
      \(needing.isEmpty ? "none" : "those that are \(needing.listed)") came \
      above half right with batch norm, and not without it. \(remedy) Right with batch norm \
      and without it: \(rows). The transformer reaches \(transformer[0]) with batch norm, \
      \(transformer[1]) with layer norm and \(transformer[2]) with none: four blocks, few steps of \
      plain gradient descent. It says little of large ones trained with Adam, where layer norm is \
      the usual choice.
      """
  }
}

extension PerceptronShape.Wiring {
  /// What such a network is called.
  fileprivate var name: String { self == .dense ? "densely connected" : rawValue }
}
