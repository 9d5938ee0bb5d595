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
      own best of seven learning rates from 0.003 to 3.
      """,
    measured: """
      After ten epochs, the share of the units' outputs on held-out images that are saturated: at \
      which the slope of the curve is less than a tenth of its largest.
      """,
    rule: """
      It holds for a kind of unit if the interval of the difference, with less without, lies below \
      0.
      """
  )

  struct Results: Measured {
    struct Case: Codable {
      let activation: Activation
      /// The training losses at the end, by seeds.
      let losses: Sides<[Double]>
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

  /// Who has a loss above this at the end has not learned.
  private static let learned = 1.0

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
          activation: activation, losses: sides.map { $0.map(\.loss) },
          start: sides.map { $0.map { $0.start.mean } },
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
    "saturated outputs with and without: "
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
        categories: layers.map { "layer \($0 + 1)" }, y: Axis("outputs of the layer", unit: "%"),
        series: results.cases.flatMap { one in
          [("with batch norm", one.layers.with), ("without", one.layers.without)].map {
            BarPlot.Series("\(one.activation.rawValue) \($0)", percent: $1)
          }
        })
    ]
  }

  func advice(from results: Results) -> String {
    let starts = results.cases.map { one in
      let shares = one.start.map(\.mean)
      return "\(one.activation.rawValue) \(percent(shares.with)) and \(percent(shares.without))"
    }.joined(separator: ", ")
    let idle = results.cases.flatMap { one in
      [("with batch norm", one.losses.with), ("without", one.losses.without)]
        .filter { $1.median > FewerSaturatedUnits.learned }
        .map { side, _ in "\(one.activation.rawValue)s \(side)" }
    }
    let warning =
      idle.isEmpty
      ? ""
      : """
       Units are not driven into saturation where nothing is learned: the loss stayed above \
      \(fixed(FewerSaturatedUnits.learned)) (guessing has 2.3) with \
      \(idle.joined(separator: ", ")), and their shares are those of the start.
      """
    return """
      Before training the shares are, with batch norm and without it: \(starts). Batch norm gives \
      each unit inputs of deviation 1, and what training then makes of its scale γ decides.\
      \(warning) Saturation alone is no reason to add batch norm: look whether the network learns.
      """
  }
}
