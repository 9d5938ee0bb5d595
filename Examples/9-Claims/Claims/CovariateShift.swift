import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining

/// Claim 6: less internal covariate shift.
struct CovariateShift: Claim {
  let number = 6
  let name = "Internal covariate shift"
  let sentence = """
    With batch norm there is less internal covariate shift: layers have to follow less what those \
    below them do.
    """
  let cost = 60.0
  let method = Method(
    compared: """
      Four hidden layers of 32 ReLUs with and without batch norm, each with its own best of seven \
      learning rates from 0.003 to 3.
      """,
    measured: """
      In every tenth step: how far the means of a layer's inputs move, in their deviations; after \
      Santurkar et al. (2018), how much a layer's gradient changes, relative to its norm, when \
      only the layers below it take their step; and how much the loss varies along the gradient \
      within 1/2 to 4 steps, relative to the loss.
      """,
    rule: """
      It holds in a sense of the word, the movement of inputs or the change of gradients, if the \
      interval of the difference, with less without, lies below 0; the smoothness of the loss, \
      which Santurkar et al. name as the true cause, is reported beside it.
      """)

  struct Results: Measured {
    let rates: Sides<Double>
    /// How far the inputs of layers move, by seeds.
    var movement: Sides<[Double]>
    /// How much gradients change, by seeds.
    var change: Sides<[Double]>
    /// How much the loss varies along the gradient, by seeds.
    let variation: Sides<[Double]>
    /// The change of gradients by seeds and steps.
    let changes: Sides<[[Double]]>
    var seedCount: Int { movement.with.count }
  }

  /// Steps from one look to the next.
  private static let interval = 10

  /// What is seen at one step.
  private struct Look { var movement, change, variation: Double }

  /// What comes of a training.
  private struct Run { var loss: Double, looks: [Look] }

  func measure(_ setting: Setting) -> Results {
    let shapes = PerceptronShape().sides
    let steps = setting.epoch * setting.budget(6, quick: 1)
    let runs = setting.tuned(sides: 2, score: \.loss) { side, rate, seed -> Run in
      let (training, test) = setting.data.split(seed)
      var model = setting.perceptron(side == 0 ? shapes.with : shapes.without, seed)
      let probe = test.samples(at: Array(0..<128))
      var (looks, before): ([Look], Perceptron) = ([], model)
      let losses = Training(data: training, steps: steps, rate: rate, seed: seed)(
        &model,
        after: { step, model in
          if step % CovariateShift.interval == 0 {
            looks.append(look(from: before, to: model, rate, probe))
          }
          before = model
        })
      return Run(loss: losses.meanOfLast(20), looks: looks)
    }
    let sides = Sides(with: runs[0], without: runs[1])
    return Results(
      rates: sides.map(\.rate),
      movement: sides.map { $0.results.map { $0.looks.map(\.movement).mean } },
      change: sides.map { $0.results.map { $0.looks.map(\.change).mean } },
      variation: sides.map { $0.results.map { $0.looks.map(\.variation).mean } },
      changes: sides.map { $0.results.map { $0.looks.map(\.change) } })
  }

  /// Looks at a step from one model to the next.
  private func look(
    from before: Perceptron, to after: Perceptron, _ rate: Double, _ probe: LabeledData
  ) -> Look {
    let (loss, gradient) = gradient(of: before, probe)
    let upper = before.hidden.indices.dropFirst()
    let moved = zip(before.activations(probe.inputs), after.activations(probe.inputs)).dropLast()
    let movements = moved.map { old, new in
      let shift = Double((new.mean(over: 0) - old.mean(over: 0)).squared().mean())
      return (shift / max(Double(old.variance(over: 0).mean()), 1e-12)).squareRoot()
    }
    let changes = upper.map { layer in
      var mixed = before
      for below in 0..<layer { mixed.hidden[below] = after.hidden[below] }
      let (old, new) = (
        gradient.hidden[layer].linear.weight,
        self.gradient(of: mixed, probe).gradient.hidden[layer].linear.weight
      )
      return Double((new - old).norm()) / max(Double(old.norm()), 1e-12)
    }
    let along = [0.5, 1, 2, 4].map { factor in
      var moved = before
      var optimizer = SGD(learningRate: rate * factor)
      optimizer.update(&moved, along: gradient)
      let loss = Double(self.loss(of: &moved, probe))
      return loss < Training.largestLoss ? loss : Training.largestLoss
    }
    let all = along + [loss]
    let range = (all.max() ?? 0) - (all.min() ?? 0)
    return Look(
      movement: movements.mean, change: changes.mean, variation: range / max(loss, 1e-6))
  }

  private func loss(of model: inout Perceptron, _ probe: LabeledData) -> Tensor {
    softmaxCrossEntropy(model(probe.inputs, .training), probe.labels)
  }

  private func gradient(
    of model: Perceptron, _ probe: LabeledData
  ) -> (loss: Double, gradient: Perceptron) {
    var copy = model
    let (value, gradient) = valueAndGradient(of: &copy) { loss(of: &$0, probe) }
    return (Double(value), gradient)
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      [
        (
          "you mean how far the inputs of layers move",
          results.movement.difference.high < 0
        ),
        (
          "you mean how much gradients change with the layers below",
          results.change.difference.high < 0
        ),
      ])
  }

  func figure(of results: Results) -> String {
    let (change, movement) = (results.change.map(\.mean), results.movement.map(\.mean))
    return """
      a step of the layers below changes a gradient by \(percent(change.with, 0)) of its norm with, \
      \(percent(change.without, 0)) without, and moves a mean by \(percent(movement.with, 0)) and \
      \(percent(movement.without, 0)) of a deviation
      """
  }

  func plots(of results: Results) -> [any Figure] {
    // A training that exploded has fewer.
    let count = (results.changes.with + results.changes.without).map(\.count).min() ?? 0
    return [
      LinePlot(
        title: """
          Change of a layer's gradient by the layers below: median and range of \
          \(results.seedCount) seeds
          """,
        x: Axis("step"), y: Axis("change relative to the norm", scale: .logarithmic),
        lines: results.changes.lines(
          x: (0..<count).map { Double(($0 + 1) * CovariateShift.interval) }))
    ]
  }

  func advice(from results: Results) -> String {
    let variation = results.variation
    let difference = variation.difference
    let smooth =
      difference.high < 0
      ? "smoother with batch norm"
      : difference.low > 0 ? "rougher with batch norm" : "as smooth with batch norm as without"
    let shares = variation.map(\.mean)
    return """
      Along the gradient the loss is \(smooth): over the lengths tried it varies by \
      \(percent(shares.with, 0)) of itself with and \(percent(shares.without, 0)) without. So \
      this experiment does not tell whether batch norm helps *because of* less covariate shift: \
      more than one thing changes with it, and that it moves means less is so by construction, \
      since it fixes them before each activation. Each side was looked at with the learning rate \
      that serves it best, \(results.rates.with) with batch norm and \(results.rates.without) \
      without; who takes larger steps also moves more. Use batch norm for what it does to \
      training, which is claims 1 to 3, and not for the word.
      """
  }
}
