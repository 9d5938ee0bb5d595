import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining

/// Claim 11: batch norm costs nothing in inference.
struct Inference: Claim {
  let number = 11
  let name = "Inference"
  let sentence = """
    In inference batch norm can be folded into the layer before it, without changing what the \
    network answers.
    """
  let cost = 25.0
  let method = Method(
    compared: """
      Four hidden layers of 32 ReLUs, and a small convolutional network, each trained with batch \
      norm at a learning rate of 0.1: with the statistics of the batch, with running ones, and with \
      batch norm folded into the layers before it.
      """,
    measured: """
      The largest difference between logits, relative to the largest logit, and the share of \
      held-out images that are classified otherwise; times are at the end of this page.
      """,
    rule: """
      It holds for a network if folding changes no logit by more than 1/100 000 of the largest, \
      and no classification, with any seed.
      """)

  struct Results: Measured {
    struct Case: Codable {
      let network: String
      /// The difference of logits by folding, by seeds.
      var folding: [Double]
      /// The share classified otherwise by folding.
      var changedByFolding: [Double]
      /// The share classified otherwise with the batch's own statistics.
      let changedByBatch: [Double]
    }

    var cases: [Case]
    var seedCount: Int { cases[0].folding.count }
  }

  /// What is compared for one network and one seed.
  private struct Comparison { var folding, changedByFolding, changedByBatch: Double }

  func measure(_ setting: Setting) -> Results {
    let names = ["perceptron", "convolutional"]
    let steps = setting.epoch * setting.budget(4, quick: 1)
    let runs = setting.forEachSeed(sides: names.count) { side, seed in
      let (training, test) = setting.data.split(seed)
      let lesson = Training(data: training, steps: steps, rate: 0.1, seed: seed)
      if side == 0 {
        var model = setting.perceptron(PerceptronShape(norm: .batch), seed)
        lesson(&model)
        return compare(model, model.foldingBatchNorms(at: test.inputs[0..<8]), test.inputs)
      }
      var model = ConvolutionalNetwork(normalized: true, side: setting.data.side, seed: seed)
      lesson(&model)
      return compare(model, model.foldingBatchNorms(at: test.inputs[0..<8]), test.inputs)
    }
    return Results(
      cases: zip(names, runs).map { name, runs in
        Results.Case(
          network: name, folding: runs.map(\.folding),
          changedByFolding: runs.map(\.changedByFolding), changedByBatch: runs.map(\.changedByBatch)
        )
      })
  }

  private func compare<Model: Layer>(
    _ model: Model, _ folded: Model, _ images: Tensor
  ) -> Comparison {
    var copy = model
    let (running, other, batch) = (
      model.predict(images), folded.predict(images), copy(images, .training)
    )
    let largest = Double(running.magnitude().max())
    let difference = Double((other - running).magnitude().max())
    let classes = running.argMax(over: 1)
    return Comparison(
      folding: difference / max(largest, 1e-12),
      changedByFolding: 1 - accuracy(other, classes), changedByBatch: 1 - accuracy(batch, classes))
  }

  func time(_ setting: Setting, _ results: Results) -> [Timing] {
    let images = setting.data.split(1).test.inputs
    let perceptron = setting.perceptron(PerceptronShape(norm: .batch), 1)
    let convolutional = ConvolutionalNetwork(normalized: true, side: setting.data.side, seed: 1)
    return times(
      "perceptron", perceptron, perceptron.foldingBatchNorms(at: images[0..<8]), images, setting)
      + times(
        "convolutional", convolutional, convolutional.foldingBatchNorms(at: images[0..<8]), images,
        setting)
  }

  private func times<Model: Layer>(
    _ name: String, _ model: Model, _ folded: Model, _ images: Tensor, _ setting: Setting
  ) -> [Timing] {
    var copy = model
    let ways: [(String, () -> Tensor)] = [
      ("batch statistics", { copy(images, .training) }),
      ("running statistics", { model.predict(images) }), ("folded", { folded.predict(images) }),
    ]
    return ways.map { way, run in
      let tries = (0..<setting.budget(20, quick: 3)).map { _ in seconds { _ = run() } }
      return Timing(
        name: "an image, \(name), \(way)", seconds: (tries.min() ?? 0) / Double(images.shape[0]))
    }
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      results.cases.map { one in
        let isSame =
          one.folding.allSatisfy { $0 < 1e-5 } && one.changedByFolding.allSatisfy { $0 == 0 }
        return ("the network is the \(one.network) one", isSame)
      })
  }

  func figure(of results: Results) -> String {
    """
    folding changes logits by \(significant(results.cases.flatMap(\.folding).max() ?? 0)) of the \
    largest at most, and \(percent(results.cases.flatMap(\.changedByFolding).max() ?? 0)) of the \
    answers
    """
  }

  func plots(of results: Results) -> [any Figure] {
    [
      BarPlot(
        title: """
          Classified otherwise than with running statistics: mean and range of \
          \(results.seedCount) seeds
          """,
        categories: results.cases.map(\.network), y: Axis("held-out images", unit: "%"),
        series: [
          BarPlot.Series("folded", percent: results.cases.map(\.changedByFolding)),
          BarPlot.Series(
            "by the batch's own statistics", percent: results.cases.map(\.changedByBatch)),
        ])
    ]
  }

  func advice(from results: Results) -> String {
    let changed = results.cases.map { "\(percent($0.changedByBatch.mean)) (\($0.network))" }
      .joined(separator: ", ")
    let isSame = results.cases.flatMap(\.changedByFolding).allSatisfy { $0 == 0 }
    let sentence =
      isSame
      ? "Fold batch norm before you ship a network: what changes is rounding, and a pass over the data less."
      : "Compare a folded network with the original before you ship it: it answers otherwise at times."
    return """
      \(sentence) With the statistics of all held-out images as one batch, in place of the running \
      ones, \(changed) would be classified otherwise, so that the two modes are not to be confused.
      """
  }
}
