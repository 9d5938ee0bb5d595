import AdjointTraining

/// Claim 2: larger learning rates.
struct HigherLearningRates: Claim {
  let number = 2
  let name = "Higher learning rates"
  let sentence =
    "With batch norm a network trains at higher learning rates, and over a wider range of them."
  let cost = 20.0
  let method = Method(
    compared: """
      Four hidden layers of 32 ReLUs with and without batch norm, at each of twelve learning rates \
      from 0.0003 to 100.
      """,
    measured: """
      A rate is usable if after four epochs the mean loss of the last 20 steps is below 1, where \
      guessing has 2.3; for each seed the largest usable rate and the number of usable ones are \
      taken.
      """,
    rule: """
      It holds for the largest rate if the interval of the ratio, without over with, lies below 1, \
      and for the range if the interval of the difference of the counts lies above 0.
      """)

  struct Results: Measured {
    let rates: [Double]
    /// The losses at the end, by seeds and rates.
    var losses: Sides<[[Double]]>
    var seedCount: Int { losses.with.count }

    /// The usable rates, by seeds.
    fileprivate var usable: Sides<[[Double]]> {
      losses.map { seeds in
        seeds.map { losses in zip(rates, losses).filter { $1 < 1 }.map { $0.0 } }
      }
    }
    /// The largest usable rate, by seeds; a tenth of the smallest if there is none.
    var largest: Sides<[Double]> {
      usable.map { seeds in seeds.map { $0.last ?? rates[0] / 10 } }
    }
    /// How many rates are usable, by seeds.
    var counts: Sides<[Double]> { usable.map { seeds in seeds.map { Double($0.count) } } }
  }

  func measure(_ setting: Setting) -> Results {
    let rates = setting.budget(
      [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100], quick: [0.01, 0.1, 1, 10])
    let (shapes, steps) = (PerceptronShape().sides, setting.epoch * setting.budget(4, quick: 1))
    let runs = setting.forEachSeed(sides: 2 * rates.count) { side, seed in
      let shape = side < rates.count ? shapes.with : shapes.without
      let model = setting.perceptron(shape, seed)
      return setting.trained(model, rate: rates[side % rates.count], seed: seed, steps: steps)
        .losses.meanOfLast(20)
    }
    func bySeeds(_ runs: ArraySlice<[Double]>) -> [[Double]] {
      setting.seeds.indices.map { seed in runs.map { $0[seed] } }
    }
    return Results(
      rates: rates,
      losses: Sides(
        with: bySeeds(runs[..<rates.count]), without: bySeeds(runs[rates.count...])))
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      [
        ("you mean the largest usable rate", results.largest.ratio.high < 1),
        ("you mean the width of the usable range", results.counts.difference.low > 0),
      ])
  }

  func figure(of results: Results) -> String {
    let largest = results.largest.map { significant($0.median) }
    let counts = results.counts.map { fixed($0.mean) }
    return """
      largest usable rate \(largest.with) with, \(largest.without) without; usable of \
      \(results.rates.count) rates \(counts.with) with, \(counts.without) without
      """
  }

  func plots(of results: Results) -> [any Figure] {
    // Losses that exploded would leave no room for the others.
    let drawn = results.losses.map { $0.map { $0.map { min($0, 10) } } }
    return [
      LinePlot(
        title: """
          Loss by learning rate (10 or more drawn as 10): median and range of \
          \(results.seedCount) seeds
          """,
        x: Axis("learning rate", scale: .logarithmic),
        y: Axis("loss", unit: "nats", scale: .logarithmic), lines: drawn.lines(x: results.rates))
    ]
  }

  func advice(from results: Results) -> String {
    let spans = results.largest.ratio
    let sentence =
      spans.high < 1
      ? """
      If you add batch norm to a network, search for its learning rate again, and begin higher \
      than before.
      """
      : """
      If you add batch norm to a network, do not count on higher learning rates; search for its \
      learning rate again.
      """
    return """
      \(sentence) The rates lie about half a decade apart, so that neither edge is known more \
      finely than that; that a rate is usable does not say that it is the best.
      """
  }
}
