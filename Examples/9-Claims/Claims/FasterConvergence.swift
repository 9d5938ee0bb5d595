import AdjointTraining

/// Claim 1: the same loss in fewer steps.
struct FasterConvergence: Claim {
  let number = 1
  let name = "Faster convergence"
  let sentence = "Networks with batch norm reach the same training loss in fewer steps."
  let cost = 40.0
  let method = Method(
    compared: """
      Four hidden layers of 32 units with and without batch norm, once of ReLUs and once of \
      sigmoids, each with its own best of seven learning rates from 0.003 to 3.
      """,
    measured: """
      Counted are the steps until the mean loss of the last 20 batches is below 0.2, of 20 epochs \
      at most; who does not get there counts as needing one step more than these.
      """,
    rule: """
      It holds for a kind of unit if the interval of the ratio of the steps, without over with, \
      lies above 1.
      """)

  static let target = 0.2

  struct Results: Measured {
    struct Case: Codable {
      let activation: Activation
      /// The best learning rates.
      let rates: Sides<Double>
      /// Steps to the target, by seeds.
      var steps: Sides<[Double]>
      /// The mean losses of every 11 steps, by seeds.
      let losses: Sides<[[Double]]>
    }

    /// Steps at most.
    let budget: Int
    var cases: [Case]
    var seedCount: Int { cases[0].steps.with.count }
  }

  /// So many steps a point of the curves stands for.
  private static let stretch = 11

  /// What comes of a training: the loss of each step.
  private struct Run {
    let losses: [Double]
    var steps: Double { FasterConvergence.steps(losses) }
    /// Of rates that need as many steps, that is best which leads on.
    var score: Double { steps + losses.meanOfLast(20) / Training.largestLoss }
  }

  func measure(_ setting: Setting) -> Results {
    let budget = setting.epoch * setting.budget(20, quick: 2)
    let shapes = [Activation.relu, .sigmoid].flatMap { activation in
      let sides = PerceptronShape(activation: activation).sides
      return [sides.with, sides.without]
    }
    let runs = setting.tuned(sides: shapes.count, score: \.score) { side, rate, seed -> Run in
      let model = setting.perceptron(shapes[side], seed)
      return Run(losses: setting.trained(model, rate: rate, seed: seed, steps: budget).losses)
    }
    let cases = [0, 2].map { first in
      let sides = Sides(with: runs[first], without: runs[first + 1])
      return Results.Case(
        activation: shapes[first].activation, rates: sides.map(\.rate),
        steps: sides.map { $0.results.map(\.steps) },
        losses: sides.map { $0.results.map { $0.losses.means(ofEach: FasterConvergence.stretch) } })
    }
    return Results(budget: budget, cases: cases)
  }

  /// The first step at which the mean of the last 20 losses is below the target; one more than all
  /// of them if it never is.
  static func steps(_ losses: [Double]) -> Double {
    let window = 20
    guard losses.count >= window else { return Double(losses.count + 1) }
    var sum = losses[..<window].reduce(0, +)
    for step in window...losses.count {
      if sum < target * Double(window) { return Double(step) }
      if step < losses.count { sum += losses[step] - losses[step - window] }
    }
    return Double(losses.count + 1)
  }

  func time(_ setting: Setting, _ results: Results) -> [Timing] {
    results.cases.flatMap { one in
      let step = setting.secondsOfAStep(PerceptronShape(activation: one.activation))
      let steps = one.steps.map(\.median)
      return [
        ("with batch norm", step.with, steps.with), ("without", step.without, steps.without),
      ].flatMap { side, step, steps in
        [
          Timing(name: "a step, \(one.activation.rawValue) \(side)", seconds: step),
          Timing(
            name: """
              the steps to a loss of \(FasterConvergence.target), \(one.activation.rawValue) \(side)
              """,
            seconds: step * steps),
        ]
      }
    }
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      results.cases.map { ("the units are \($0.activation.rawValue)s", $0.steps.ratio.low > 1) })
  }

  func figure(of results: Results) -> String {
    "steps without it over steps with it: "
      + results.cases.map { one in
        // Who does not get to the loss would need more steps than were counted.
        let bound = one.steps.without.median > Double(results.budget) ? "at least " : ""
        return "\(bound)\(one.steps.ratio.text { significant($0) }) (\(one.activation.rawValue))"
      }.joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    [
      LinePlot(
        title: "Training loss: median and range of \(results.seedCount) seeds",
        x: Axis("step"), y: Axis("loss", unit: "nats", scale: .logarithmic),
        lines: results.cases.flatMap { one in
          [("with", one.losses.with), ("without", one.losses.without)].map { side, runs in
            .medians(
              "\(one.activation.rawValue), \(side) batch norm",
              x: runs[0].indices.map { Double(($0 + 1) * FasterConvergence.stretch) }, runs)
          }
        })
    ]
  }

  func advice(from results: Results) -> String {
    let rates = results.cases.map {
      "\($0.activation.rawValue) \($0.rates.with) with and \($0.rates.without) without"
    }.joined(separator: "; ")
    let steps = results.cases.map { one in
      let steps = one.steps.map(\.median)
      let bound = steps.without > Double(results.budget) ? "more than \(results.budget)" : nil
      return """
        \(one.activation.rawValue) \(fixed(steps.with, 0)) with and \
        \(bound ?? fixed(steps.without, 0)) without
        """
    }.joined(separator: "; ")
    return """
      The steps at the median are: \(steps). A step with batch norm takes longer, so that fewer \
      steps need not be less time: for networks of this size the table of seconds at the end of \
      this page tells. The more a network suffers from its units or its depth, the more there is \
      to gain. The learning rates that served best: \(rates).
      """
  }
}
