import AdjointTraining

/// Claim 8: better generalization at equal training loss.
struct GeneralizationAtEqualLoss: Claim {
  let number = 8
  let name = "Generalization at equal loss"
  let sentence = """
    At the same training loss, networks with batch norm do better on images that they have not seen.
    """
  let cost = 60.0
  let method = Method(
    compared: """
      Four hidden layers of 32 units with and without batch norm, once of ReLUs and once of tanhs, \
      each with the best of its learning rates for held-out images.
      """,
    measured: """
      Each is trained until the mean loss of an epoch's batches is below 0.05, and then its \
      accuracy on held-out images is taken.
      """,
    rule: """
      It holds for a kind of unit if the interval of the difference, with less without, lies above \
      0.
      """
  )

  struct Results: Measured {
    struct Case: Codable {
      let activation: Activation
      /// Accuracies on held-out images, by seeds.
      var accuracies: Sides<[Double]>
      /// The training losses at which they were taken.
      let losses: Sides<[Double]>
    }

    let target: Double
    var cases: [Case]
    var seedCount: Int { cases[0].accuracies.with.count }
  }

  /// What comes of a training that ends at the target, or at the end of its budget.
  private struct Run {
    let loss, accuracy, target: Double
    /// Who does not get near the target is behind all who do.
    var score: Double { loss < 2 * target ? 1 - accuracy : 1 + loss }
  }

  func measure(_ setting: Setting) -> Results {
    let kinds = [Activation.relu, .tanh]
    let shapes = kinds.flatMap { activation in
      let sides = PerceptronShape(activation: activation).sides
      return [sides.with, sides.without]
    }
    let (epoch, target) = (setting.epoch, setting.budget(0.05, quick: 0.5))
    let runs = setting.tuned(
      sides: shapes.count, rates: setting.budget([0.003, 0.01, 0.03, 0.1, 0.3], quick: [0.1]),
      score: \.score
    ) { side, rate, seed -> Run in
      let run = setting.trained(
        setting.perceptron(shapes[side], seed), rate: rate, seed: seed,
        steps: epoch * setting.budget(30, quick: 2)
      ) { losses in losses.count >= epoch && losses.meanOfLast(epoch) < target }
      return Run(
        loss: run.losses.meanOfLast(epoch), accuracy: run.outcome.accuracy, target: target)
    }
    return Results(
      target: target,
      cases: kinds.enumerated().map { number, activation in
        let sides = Sides(with: runs[2 * number].results, without: runs[2 * number + 1].results)
        return Results.Case(
          activation: activation, accuracies: sides.map { $0.map(\.accuracy) },
          losses: sides.map { $0.map(\.loss) })
      })
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      results.cases.map {
        ("the units are \($0.activation.rawValue)s", $0.accuracies.difference.low > 0)
      })
  }

  func figure(of results: Results) -> String {
    "more right, in points: "
      + results.cases.map { one in
        "\(one.accuracies.difference.text(points)) (\(one.activation.rawValue))"
      }.joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    let errors = Sides(
      with: results.cases.map { $0.accuracies.with.map { 1 - $0 } },
      without: results.cases.map { $0.accuracies.without.map { 1 - $0 } })
    return [
      BarPlot(
        title: """
          Errors at a training loss of \(results.target): mean and range of \(results.seedCount) \
          seeds
          """,
        categories: results.cases.map(\.activation.rawValue),
        y: Axis("held-out images that are wrong", unit: "%"), series: errors.bars)
    ]
  }

  func advice(from results: Results) -> String {
    let losses = results.cases.map { one in
      let means = one.losses.map(\.mean)
      return "\(significant(means.with)) and \(significant(means.without))"
    }.joined(separator: ", ")
    return """
      The losses that were reached, with batch norm and without it, are \(losses). With batch norm \
      the loss of a batch in training is noisier than that of the same network in inference, so \
      that "the same training loss" is a little further on; compare networks by what they do on \
      held-out images.
      """
  }
}
