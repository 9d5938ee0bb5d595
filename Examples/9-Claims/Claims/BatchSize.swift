import AdjointTraining

/// Claim 9: batch norm needs batches that are not small.
struct BatchSize: Claim {
  let number = 9
  let name = "Batch size"
  let sentence = """
    With small batches networks with batch norm do worse than those with a norm that does not look \
    at the batch.
    """
  let cost = 250.0
  let method = Method(
    compared: """
      Four hidden layers of 32 ReLUs with batch norm, ghost batch norm (16 images at a time; the \
      same as batch norm where there are no more), batch renorm, group norm (4 groups) and none, \
      with batches of 2 to 256 images, each with its own best of the learning rates 0.003, 0.03 \
      and 0.3 for each size.
      """,
    measured: """
      The accuracy on held-out images after three epochs, the same number of images for every size \
      and so fewer steps for larger ones.
      """,
    rule: """
      It holds for a size of 2 or 4 if batch norm is below group norm, by an interval of the \
      difference below 0, where at 64 images it is not, by an interval that reaches 0 or lies above.
      """)

  struct Results: Measured {
    let sizes: [Int]
    /// The names of the norms: batch norm first, group norm second.
    let norms: [String]
    /// Accuracies by norms, sizes and seeds.
    var accuracies: [[[Double]]]
    var seedCount: Int { accuracies[0][0].count }

    /// By how much batch norm is above group norm at a size.
    func lead(_ size: Int) -> Interval {
      Interval(ofDifference: accuracies[0][size], accuracies[1][size])
    }

    /// The smallest size from which on batch norm is not more than a point below group norm.
    var smallestGoodSize: Int? {
      sizes.indices.reversed().prefix { lead($0).estimate > -0.01 }.last.map { sizes[$0] }
    }
  }

  func measure(_ setting: Setting) -> Results {
    let kinds: [(String, NormKind?)] = [
      ("batch norm", .batch), ("group norm", .group(4)), ("batch renorm", .renorm),
      ("ghost batch norm", .ghost(16)), ("none", nil),
    ]
    let sizes = setting.budget([2, 4, 8, 16, 32, 64, 128, 256], quick: [2, 64])
    let images = setting.epoch * 32 * setting.budget(3, quick: 1) / setting.budget(1, quick: 4)
    let runs = setting.tuned(
      sides: kinds.count * sizes.count,
      rates: setting.budget([0.003, 0.03, 0.3], quick: [0.03]), score: \.error
    ) { side, rate, seed -> Outcome in
      let (kind, size) = (kinds[side / sizes.count].1, sizes[side % sizes.count])
      let (training, test) = setting.data.split(seed)
      var model = setting.perceptron(PerceptronShape(norm: kind), seed)
      let losses = Training(
        data: training, steps: images / size, rate: rate, seed: seed, batchSize: size)(&model)
      return Outcome(loss: losses.meanOfLast(20), accuracy: model.accuracy(on: test))
    }
    return Results(
      sizes: sizes, norms: kinds.map { $0.0 },
      accuracies: kinds.indices.map { kind in
        sizes.indices.map { runs[kind * sizes.count + $0].results.map(\.accuracy) }
      })
  }

  func verdict(on results: Results) -> Verdict {
    let large = results.sizes.firstIndex(of: 64) ?? results.sizes.count - 1
    let isGoodAtLarge = results.lead(large).high >= 0
    return Verdict(
      seeds: results.seedCount,
      results.sizes.indices.filter { results.sizes[$0] <= 4 }.map { size in
        ("batches are of \(results.sizes[size])", isGoodAtLarge && results.lead(size).high < 0)
      })
  }

  func figure(of results: Results) -> String {
    let places = results.sizes.indices.filter { [2, 4, 64].contains(results.sizes[$0]) }
    return "batch norm less group norm, in points: "
      + places.map { "\(results.lead($0).text(points)) with \(results.sizes[$0]) images" }
      .joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    [
      LinePlot(
        title: "Accuracy by batch size: median and range of \(results.seedCount) seeds",
        x: Axis("images in a batch", scale: .logarithmic),
        y: Axis("held-out accuracy", unit: "%", range: 0...100),
        lines: zip(results.norms, results.accuracies).map { name, sizes in
          .medians(
            name, x: results.sizes.map(Double.init),
            (0..<results.seedCount).map { seed in sizes.map { $0[seed] * 100 } })
        })
    ]
  }

  func advice(from results: Results) -> String {
    let smallest = results.accuracies.map { percent($0[0].mean) }
    let rows = zip(results.norms, smallest).map { "\($0) \($1)" }.joined(separator: ", ")
    let size = results.smallestGoodSize
    let rule =
      size.map { "Use batches of \($0) images or more with batch norm, else group norm or none." }
      ?? "Group norm was ahead at the largest size that was tried."
    return """
      \(rule) Right with \(results.sizes[0]) images in a batch: \(rows).
      """
  }
}
