import Adjoint
import AdjointData
import AdjointTraining

/// Claim 10: an image's output depends on its company in the batch.
struct Company: Claim {
  let number = 10
  let name = "Company in the batch"
  let sentence = """
    In training, what batch norm makes of an image depends on the others in the batch, so that \
    batches sorted by class do more harm than without it.
    """
  let cost = 40.0
  let method = Method(
    compared: """
      Four hidden layers of 32 ReLUs with batch norm, group norm and none, trained on shuffled \
      batches of 32, and on batches whose images are all of one class, each with its own best \
      of the learning rates 0.001, 0.01 and 0.1.
      """,
    measured: """
      For one held-out image in 40 random batches, the standard deviation of its logits (the last \
      layer's outputs), relative to that of logits between images; and the held-out accuracy that \
      sorting the batches costs.
      """,
    rule: """
      It holds for the output if the deviation in batches of 32 is above 1 % of that between \
      images, by an interval, and for sorted batches if they cost more accuracy with batch norm \
      than without, by an interval above 0.
      """)

  struct Results: Measured {
    let sizes: [Int]
    /// The deviation relative to that between images, by sizes and seeds.
    var deviations: [[Double]]
    /// The names of the norms: batch norm, none, group norm.
    let norms: [String]
    /// Accuracies after shuffled batches, by norms and seeds.
    var shuffled: [[Double]]
    /// Accuracies after sorted batches.
    var sorted: [[Double]]
    var seedCount: Int { shuffled[0].count }

    /// What sorting costs with batch norm and without, by seeds.
    var cost: Sides<[Double]> {
      let costs = zip(shuffled, sorted).map { zip($0, $1).map { $0 - $1 } }
      return Sides(with: costs[0], without: costs[1])
    }

    /// The deviations in batches of 32.
    var usual: [Double] { deviations[sizes.firstIndex(of: 32) ?? 0] }
  }

  /// What comes of a training.
  private struct Run {
    let accuracy: Double
    let deviations: [Double]
    var error: Double { 1 - accuracy }
  }

  func measure(_ setting: Setting) -> Results {
    let kinds: [(String, NormKind?)] = [
      ("batch norm", .batch), ("none", nil), ("group norm", .group(4)),
    ]
    let steps = setting.epoch * setting.budget(6, quick: 1)
    let sizes = setting.budget([2, 4, 8, 16, 32, 64, 128], quick: [4, 32])
    let runs = setting.tuned(
      sides: 2 * kinds.count, rates: setting.budget([0.001, 0.01, 0.1], quick: [0.03]),
      score: \.error
    ) { side, rate, seed -> Run in
      let kind = kinds[side % kinds.count].1
      let (training, test) = setting.data.split(seed)
      var model = setting.perceptron(PerceptronShape(norm: kind), seed)
      let lesson = Training(data: training, steps: steps, rate: rate, seed: seed)
      if side < kinds.count {
        lesson(&model)
      } else {
        lesson(&model, inOrder: training.sortedBatches(of: 32, seed: seed))
      }
      let deviations = side == 0 ? sizes.map { deviation(of: model, in: $0, test, seed) } : []
      return Run(accuracy: model.accuracy(on: test), deviations: deviations)
    }
    return Results(
      sizes: sizes,
      deviations: sizes.indices.map { size in runs[0].results.map { $0.deviations[size] } },
      norms: kinds.map { $0.0 },
      shuffled: runs[..<kinds.count].map { $0.results.map(\.accuracy) },
      sorted: runs[kinds.count...].map { $0.results.map(\.accuracy) })
  }

  /// The deviation of one image's logits between batches, relative to that between images.
  private func deviation(
    of model: Perceptron, in size: Int, _ test: LabeledData, _ seed: UInt64
  ) -> Double {
    var (generator, copy) = (Philox(seed: seed &+ 3_000_000), model)
    let image = test.inputs[0..<1]
    let logits = (0..<40).map { _ in
      let others = Tensor.permutation(test.count - 1, using: &generator)[0..<size - 1] + 1
      let batch = Tensor.concatenated([image, test.inputs.gather(others, along: 0)], along: 0)
      return copy(batch, .training)[0]
    }
    let own = Double(Tensor.stacked(logits).variance(over: 0).mean())
    let all = Double(model.predict(test.inputs).variance(over: 0).mean())
    return (own / max(all, 1e-12)).squareRoot()
  }

  func verdict(on results: Results) -> Verdict {
    let usual = results.usual
    let deviation = Interval(count: usual.count) { places in places.map { usual[$0] }.mean }
    return Verdict(
      seeds: results.seedCount,
      [
        ("you mean an output in training", deviation.low > 0.01),
        ("you mean batches sorted by class", results.cost.difference.low > 0),
      ])
  }

  func figure(of results: Results) -> String {
    let costs = results.cost.map { fixed($0.mean * 100) }
    return """
      one image's logits deviate by \(percent(results.usual.mean, 0)) of what images do; sorted \
      batches cost \(costs.with) points with, \(costs.without) without
      """
  }

  func plots(of results: Results) -> [any Figure] {
    [
      LinePlot(
        title: "One image in changing batches: median and range of \(results.seedCount) seeds",
        x: Axis("images in the batch", scale: .logarithmic),
        y: Axis("deviation of its logits", unit: "% of that between images"),
        lines: [
          .medians(
            "with batch norm, in training", x: results.sizes.map(Double.init),
            (0..<results.seedCount).map { seed in results.deviations.map { $0[seed] * 100 } })
        ]),
      BarPlot(
        title: "Batches sorted by class: mean and range of \(results.seedCount) seeds",
        categories: results.norms, y: Axis("held-out accuracy", unit: "%"),
        series: [
          BarPlot.Series("shuffled batches", percent: results.shuffled),
          BarPlot.Series("sorted by class", percent: results.sorted),
        ]),
    ]
  }

  func advice(from results: Results) -> String {
    let sorted = zip(results.norms, results.sorted).map { "\($0) \(percent($1.mean))" }
      .joined(separator: ", ")
    return """
      Shuffle, and see to it that classes are mixed in every batch: with batches of one class \
      training gives, on held-out images, \(sorted). Never evaluate a network with batch norm in \
      training mode: its answer about an image is then also one about the others.
      """
  }
}

extension LabeledData {
  /// Batches whose images are all of one class, the batches in an order that the seed draws.
  fileprivate func sortedBatches(of size: Int, seed: UInt64) -> [LabeledData] {
    let labels = [Int32](labels)
    let batches = (0..<10).flatMap { label -> [LabeledData] in
      let places = labels.indices.filter { labels[$0] == label }
      return stride(from: 0, to: places.count - size + 1, by: size).map {
        samples(at: Array(places[$0..<$0 + size]))
      }
    }
    var generator = Philox(seed: seed &+ 4_000_000)
    return [Int32](Tensor.permutation(batches.count, using: &generator)).map { batches[Int($0)] }
  }
}
