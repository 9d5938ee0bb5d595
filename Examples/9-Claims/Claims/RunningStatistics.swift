import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining

/// Claim 12: running statistics are as good as those of the population.
struct RunningStatistics: Claim {
  let number = 12
  let name = "Running statistics"
  let sentence = "In inference running statistics are as good as statistics of all training images."
  let cost = 40.0
  let method = Method(
    compared: """
      Four hidden layers of 32 ReLUs, trained once for each weight that a new batch has in the \
      running statistics (the momentum of PyTorch; Keras writes 1 less it), with the better of the \
      learning rates 0.01 and 0.1, and looked at after 10 to 1000 steps.
      """,
    measured: """
      The held-out accuracy with statistics recomputed over all training images, less that with \
      the running ones.
      """,
    rule: """
      It holds for a weight and a number of steps if the interval of the mean loss of accuracy \
      lies below one point; for a weight it holds from the number of steps on from which it does \
      so at every later stop.
      """)

  struct Results: Measured {
    /// The weights of a new batch.
    let weights: [Double]
    /// After how many steps training stops.
    let stops: [Int]
    /// The accuracy lost, by weights, stops and seeds.
    var lost: [[[Double]]]
    var seedCount: Int { lost[0][0].count }

    /// The stop from which on nothing is lost with a weight; nil if that is none of them.
    func firstGoodStop(_ weight: Int) -> Int? {
      stops.indices.reversed().prefix { stop in
        let lost = lost[weight][stop]
        return Interval(count: lost.count) { places in places.map { lost[$0] }.mean }.high < 0.01
      }.last.map { stops[$0] }
    }
  }

  /// What comes of a training: its loss, and the accuracy lost at each stop.
  private struct Run { var loss: Double, lost: [Double] }

  func measure(_ setting: Setting) -> Results {
    let weights = setting.budget([0.5, 0.1, 0.01, 0.001], quick: [0.1, 0.01])
    let stops = setting.budget([10, 30, 100, 300, 1000], quick: [10, 50])
    // Averaging has no part in training: what suits one weight suits all.
    let runs = setting.tuned(
      sides: weights.count, rates: setting.budget([0.01, 0.1], quick: [0.1]), score: \.loss
    ) { side, rate, seed -> Run in
      let (training, test) = setting.data.split(seed)
      let norm = NormKind.batchAveraged(weightOfNew: weights[side])
      var model = setting.perceptron(PerceptronShape(norm: norm), seed)
      var lost: [Double] = []
      let losses = Training(
        data: training, steps: stops[stops.count - 1], rate: rate, seed: seed)(
          &model,
          after: {
            step, model in
            if stops.contains(step) {
              let known = model.withStatistics(of: training)
              lost.append(known.accuracy(on: test) - model.accuracy(on: test))
            }
          })
      // A training that exploded has lost all.
      lost += [Double](repeating: 1, count: stops.count - lost.count)
      return Run(loss: losses.meanOfLast(20), lost: lost)
    }
    return Results(
      weights: weights, stops: stops,
      lost: runs.map { run in
        stops.indices.map { stop in run.results.map { $0.lost[stop] } }
      })
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      results.weights.indices.flatMap { weight in
        let first = results.firstGoodStop(weight)
        let steps = first.map {
          "training takes at least \($0) steps with a weight of \(results.weights[weight])"
        }
        return [
          (steps ?? "", first != nil),
          // What holds later only does not hold always.
          ("", first == results.stops[0]),
        ].filter { !$0.0.isEmpty || !$0.1 }
      })
  }

  func figure(of results: Results) -> String {
    let usual = results.weights.firstIndex(of: 0.1) ?? 0
    let lost = results.lost[usual].map { fixed($0.mean * 100) }
    return "accuracy lost with a weight of 0.1, in points: "
      + zip(results.stops, lost).map { "\($1) after \($0) steps" }.joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    [
      HeatMap(
        title: "Accuracy lost by running statistics: mean of \(results.seedCount) seeds",
        // A tenth of a point is less than one image of the digits.
        values: results.lost.map { $0.map { ($0.mean * 1000).rounded() / 10 } },
        rows: results.weights.map { "\($0)" }, columns: results.stops.map { "\($0)" },
        x: "steps of training", y: "weight of a new batch", measure: Axis("lost", unit: "points")),
      LinePlot(
        title: "Accuracy lost: median and range of \(results.seedCount) seeds",
        x: Axis("steps of training", scale: .logarithmic), y: Axis("lost", unit: "points"),
        lines: zip(results.weights, results.lost).map { weight, stops in
          .medians(
            "weight of a new batch \(weight)", x: results.stops.map(Double.init),
            (0..<results.seedCount).map { seed in stops.map { $0[seed] * 100 } })
        }),
    ]
  }

  func advice(from results: Results) -> String {
    let rows = results.weights.indices.map { weight in
      "\(results.weights[weight]): "
        + (results.firstGoodStop(weight).map { "\($0)" } ?? "more than were tried")
    }.joined(separator: ", ")
    return """
      Running statistics cost less than a point from so many steps on, by the weight of a new \
      batch: \(rows). Small weights take long to forget the start, and large ones follow the last \
      few batches alone. If training stops earlier, or evaluation jumps about, recompute the \
      statistics over the training images with `recomputeStatistics(over:)` before you blame the \
      network.
      """
  }
}

extension Module {
  /// The module with statistics of all these images in its batch norms.
  func withStatistics(of data: LabeledData) -> Self where Self: Layer {
    var copy = self
    copy.recomputeStatistics(over: data.batchesInOrder(of: 256)) { model, batch in
      if batch.count > 1 { _ = model(batch.inputs, .training) }
    }
    return copy
  }
}
