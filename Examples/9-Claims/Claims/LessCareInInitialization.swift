import AdjointNN
import AdjointTraining

/// Claim 3: less care in initialization.
struct LessCareInInitialization: Claim {
  let number = 3
  let name = "Less care in initialization"
  let sentence = """
    With batch norm the scale of the starting weights hardly matters, and random starts differ \
    less in the end.
    """
  let cost = 90.0
  let method = Method(
    compared: """
      Four hidden layers of 32 ReLUs with and without batch norm, started by three schemes with \
      zero biases, the weights of the hidden layers multiplied by 1/100 to 100, each with its own \
      best of seven learning rates for each scale.
      """,
    measured: """
      The accuracy on held-out images after four epochs, with the same images and batches for all \
      seeds, which change the starting weights alone.
      """,
    rule: """
      It holds for the scale if for every scheme the accuracy at the worst of the scales is higher \
      with batch norm, by an interval above 0, and not more than five points below that at the \
      usual scale, by an interval that reaches above; and for the spread if the standard deviation \
      over the seeds at the usual scale is smaller, by an interval below 0.
      """)

  struct Results: Measured {
    struct Case: Codable {
      let scheme: String
      /// What the weights are multiplied by.
      let factors: [Double]
      /// Accuracies by factors and seeds.
      var accuracies: Sides<[[Double]]>

      /// The accuracy at the worst factor, by seeds.
      var worst: Sides<[Double]> {
        accuracies.map { factors in
          factors[0].indices.map { seed in factors.map { $0[seed] }.min() ?? 0 }
        }
      }

      /// Whether batch norm bears all scales.
      var holds: Bool {
        let usual = accuracies.with[factors.count / 2]
        return worst.difference.low > 0
          && Interval(ofDifference: worst.with, usual).high > -0.05
      }
    }

    var cases: [Case]
    /// Accuracies by seeds with the first scheme, unscaled.
    var usual: Sides<[Double]>
    var seedCount: Int { usual.with.count }
  }

  func measure(_ setting: Setting) -> Results {
    let schemes: [(name: String, weight: Initializer)] = [
      ("He normal", .heNormal), ("Glorot uniform", .glorotUniform),
      ("normal, deviation 0.1", .normal(deviation: 0.1)),
    ]
    let factors: [Double] = setting.budget([0.01, 0.1, 1, 10, 100], quick: [0.01, 1, 100])
    let shapes = schemes.flatMap { scheme in
      [NormKind.batch, nil].flatMap { norm in
        factors.map { factor in
          PerceptronShape(norm: norm, initializer: scheme.weight, weightFactor: factor)
        }
      }
    }
    let steps = setting.epoch * setting.budget(4, quick: 1)
    let (training, test) = setting.data.split(1)
    let runs = setting.tuned(sides: shapes.count, score: \.loss) { side, rate, seed -> Outcome in
      var model = setting.perceptron(shapes[side], seed)
      let losses = Training(data: training, steps: steps, rate: rate, seed: 1)(&model)
      return Outcome(loss: losses.meanOfLast(20), accuracy: model.accuracy(on: test))
    }
    let accuracies = runs.map { $0.results.map(\.accuracy) }
    let cases = schemes.enumerated().map { number, scheme in
      let start = 2 * number * factors.count
      return Results.Case(
        scheme: scheme.name, factors: factors,
        accuracies: Sides(
          with: Array(accuracies[start..<start + factors.count]),
          without: Array(accuracies[start + factors.count..<start + 2 * factors.count])))
    }
    let usual = cases[0].accuracies.map { $0[factors.count / 2] }
    return Results(cases: cases, usual: usual)
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      [
        (
          "you mean the scale of the weights",
          results.cases.allSatisfy(\.holds)
        ),
        (
          "you mean the spread between random starts",
          results.usual.differenceOfDeviations.high < 0
        ),
      ])
  }

  func figure(of results: Results) -> String {
    let (worst, spread) = (results.cases[0].worst.map(\.mean), results.usual.map(\.deviation))
    return """
      right at the usual scale and the worst \(percent(results.usual.with.mean, 0)) and \
      \(percent(worst.with, 0)) with, \(percent(results.usual.without.mean, 0)) and \
      \(percent(worst.without, 0)) without; deviation between starts \
      \(fixed(spread.with * 100)) points with, \(fixed(spread.without * 100)) without
      """
  }

  func plots(of results: Results) -> [any Figure] {
    results.cases.prefix(1).map { one in
      let bySeeds = one.accuracies.map { factors in
        factors[0].indices.map { seed in factors.map { $0[seed] * 100 } }
      }
      return LinePlot(
        title: "\(one.scheme): accuracy by scale, median and range of \(results.seedCount) seeds",
        x: Axis("factor of the starting weights", scale: .logarithmic),
        y: Axis("held-out accuracy", unit: "%", range: 0...100),
        lines: bySeeds.lines(x: one.factors))
    }
  }

  func advice(from results: Results) -> String {
    let rows = results.cases.map { one in
      let worst = one.worst.map(\.mean)
      return "\(one.scheme) \(percent(worst.with)) and \(percent(worst.without))"
    }.joined(separator: ", ")
    let lead = results.cases.allSatisfy { $0.worst.difference.low > 0 }
    let sentence =
      lead
      ? "Batch norm softens a scale that is far off, for every scheme"
      : "Batch norm does not soften a scale that is far off for every scheme"
    let free =
      results.cases.allSatisfy(\.holds)
      ? "." : ", but it does not make it free: use a scheme that suits the units all the same."
    return """
      \(sentence)\(free) Right at the worst scale, with batch norm and without it: \(rows).
      """
  }
}
