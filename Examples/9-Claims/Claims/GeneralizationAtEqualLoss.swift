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
      each with the best of five learning rates from 0.003 to 0.3 for held-out images.
      """,
    measured: """
      Each is trained until its loss on all training images, taken in inference every 11 steps, is \
      below 0.05, and then its accuracy on held-out images is taken.
      """,
    rule: """
      It holds for a kind of unit if the interval of the difference, with less without, lies above \
      0, over the seeds with which both came to that loss, if these are five or more.
      """
  )

  struct Results: Measured {
    struct Case: Codable {
      let activation: Activation
      /// Accuracies on held-out images, by seeds.
      var accuracies: Sides<[Double]>
      /// The training losses at which they were taken.
      var losses: Sides<[Double]>
    }

    let target: Double
    var cases: [Case]
    var seedCount: Int { cases[0].accuracies.with.count }

    /// The accuracies with the seeds with which both sides came to the target.
    func atTarget(_ one: Case) -> Sides<[Double]> { atTarget(one, one.accuracies) }

    /// The losses with these seeds.
    func lossesAtTarget(_ one: Case) -> Sides<[Double]> { atTarget(one, one.losses) }

    private func atTarget(_ one: Case, _ values: Sides<[Double]>) -> Sides<[Double]> {
      let seeds = one.losses.with.indices.filter {
        max(one.losses.with[$0], one.losses.without[$0]) < target
      }
      return values.map { values in seeds.map { values[$0] } }
    }
  }

  /// Steps from one look at the loss to the next: four times an epoch of the digits.
  private static let interval = 11

  /// What comes of a training that ends at the target, or at the end of its budget.
  private struct Run {
    let loss, accuracy, target: Double
    /// Who does not get to the target is behind all who do.
    var score: Double { loss < target ? 1 - accuracy : 1 + loss }
  }

  func measure(_ setting: Setting) -> Results {
    let kinds = [Activation.relu, .tanh]
    let shapes = kinds.flatMap { activation in
      let sides = PerceptronShape(activation: activation).sides
      return [sides.with, sides.without]
    }
    let target = setting.budget(0.05, quick: 0.5)
    let runs = setting.tuned(
      sides: shapes.count, rates: setting.budget([0.003, 0.01, 0.03, 0.1, 0.3], quick: [0.1]),
      score: \.score
    ) { side, rate, seed -> Run in
      let (training, test) = setting.data.split(seed)
      var (model, loss) = (setting.perceptron(shapes[side], seed), Training.largestLoss)
      Training(
        data: training, steps: setting.epoch * setting.budget(30, quick: 2), rate: rate, seed: seed
      )(
        &model, until: { _ in loss < target },
        after: { step, model in
          if step % GeneralizationAtEqualLoss.interval == 0 { loss = model.loss(on: training) }
        })
      return Run(loss: loss, accuracy: model.accuracy(on: test), target: target)
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
      results.cases.map { one in
        let accuracies = results.atTarget(one)
        return (
          "the units are \(one.activation.rawValue)s",
          accuracies.with.count >= Verdict.fewestSeeds && accuracies.difference.low > 0
        )
      })
  }

  func figure(of results: Results) -> String {
    "accuracy with less without, in points: "
      + results.cases.map { one in
        let accuracies = results.atTarget(one)
        let count = accuracies.with.count
        let seeds = count < results.seedCount ? ", \(count) of \(results.seedCount) seeds" : ""
        return count == 0
          ? "not to be told (\(one.activation.rawValue): never both at that loss)"
          : "\(accuracies.difference.text(points)) (\(one.activation.rawValue)\(seeds))"
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
      let means = results.lossesAtTarget(one).map(\.mean)
      return
        "\(significant(means.with)) and \(significant(means.without)) (\(one.activation.rawValue))"
    }.joined(separator: ", ")
    return """
      The losses at which accuracies were compared are on average, with batch norm and without it, \
      \(losses). Take the loss in inference if you compare networks by it, as here: with batch \
      norm the loss of a batch in training is another number. Better still, compare them by what \
      they do on held-out images.
      """
  }
}
