import Adjoint
import AdjointTraining

/// Claim 5: fewer saturated units.
struct FewerSaturatedUnits: Claim {
  let number = 5
  let name = "Fewer saturated units"
  let sentence = "Batch norm keeps sigmoids and tanhs out of the flat ends of their curves."
  let cost = 40.0
  let method = Method(
    compared: """
      Four hidden layers of 32 sigmoids, and of tanhs, with and without batch norm, each with its \
      own best learning rate.
      """,
    measured: """
      After training, the share of the units' outputs on held-out images at which the slope is \
      less than a tenth of its largest.
      """,
    rule: """
      It holds for a kind of unit if the interval of the difference, with less without, lies below \
      0.
      """
  )

  struct Results: Measured {
    struct Case: Codable {
      let activation: Activation
      /// The saturated share at the start, by seeds.
      let start: Sides<[Double]>
      /// The saturated share after training, by seeds.
      var trained: Sides<[Double]>
      /// The same by layers and seeds.
      let layers: Sides<[[Double]]>
    }

    var cases: [Case]
    var seedCount: Int { cases[0].trained.with.count }
  }

  func measure(_ setting: Setting) -> Results {
    let kinds = [Activation.sigmoid, .tanh]
    let shapes = kinds.flatMap { activation in
      let sides = PerceptronShape(activation: activation).sides
      return [sides.with, sides.without]
    }
    let steps = setting.epoch * setting.budget(10, quick: 1)
    let runs = setting.tuned(sides: shapes.count, score: \.loss) {
      side, rate, seed -> ProbedOutcome in
      let shape = shapes[side]
      let (training, test) = setting.data.split(seed)
      var model = setting.perceptron(shape, seed)
      func shares() -> [Double] {
        model.activations(test.inputs).map { output in
          Double(shape.activation.isSaturated(output).cast(to: .float64).mean())
        }
      }
      let start = shares()
      let losses = Training(data: training, steps: steps, rate: rate, seed: seed)(&model)
      return ProbedOutcome(loss: losses.meanOfLast(20), start: start, trained: shares())
    }
    return Results(
      cases: kinds.enumerated().map { number, activation in
        let sides = Sides(with: runs[2 * number].results, without: runs[2 * number + 1].results)
        return Results.Case(
          activation: activation, start: sides.map { $0.map { $0.start.mean } },
          trained: sides.map { $0.map { $0.trained.mean } },
          layers: sides.map { runs in
            runs[0].trained.indices.map { layer in runs.map { $0.trained[layer] } }
          })
      })
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      results.cases.map {
        ("the units are \($0.activation.rawValue)s", $0.trained.difference.high < 0)
      })
  }

  func figure(of results: Results) -> String {
    "saturated with and without: "
      + results.cases.map { one in
        let shares = one.trained.map(\.mean)
        return "\(one.activation.rawValue) \(percent(shares.with)) and \(percent(shares.without))"
      }.joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    let layers = results.cases[0].layers.with.indices
    return [
      BarPlot(
        title: "Saturated after training: mean and range of \(results.seedCount) seeds",
        categories: layers.map { "layer \($0 + 1)" }, y: Axis("share of outputs", unit: "%"),
        series: results.cases.flatMap { one in
          [("with", one.layers.with), ("without", one.layers.without)].map { side, values in
            BarPlot.Series("\(one.activation.rawValue), \(side)", percent: values)
          }
        })
    ]
  }

  func advice(from results: Results) -> String {
    let starts = results.cases.map { one in
      let shares = one.start.map(\.mean)
      return "\(one.activation.rawValue) \(percent(shares.with)) and \(percent(shares.without))"
    }.joined(separator: ", ")
    return """
      Before training the shares are, with batch norm and without it: \(starts). Batch norm gives \
      each unit inputs of deviation 1, and what training then makes of its scale γ decides: where \
      few units are saturated to begin with, it is no reason to add it.
      """
  }
}
