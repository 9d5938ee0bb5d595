import Adjoint
import AdjointData
import AdjointNN

/// How a model is trained: by stochastic gradient descent with a momentum of 0.9.
struct Training: Sendable {
  /// The training images.
  let data: LabeledData
  /// How many steps are taken.
  let steps: Int
  /// The learning rate.
  let rate: Double
  /// What the order of the batches follows from.
  let seed: UInt64
  /// The images of a batch.
  var batchSize = 32

  /// A loss above this, or unknown, counts as this, and ends a training.
  static let largestLoss = 10_000.0

  /// The momentum of all trainings.
  static let momentum = 0.9

  /// Trains a model, and returns the loss of each step; `isDone` may end it early, from the losses
  /// so far.
  @discardableResult
  func callAsFunction<Model: Layer>(
    _ model: inout Model, until isDone: ([Double]) -> Bool = { _ in false },
    after: (Int, inout Model) -> Void = { _, _ in }
  ) -> [Double] {
    var optimizer = SGD(learningRate: rate, momentum: Training.momentum)
    var (losses, generator): ([Double], Philox) = ([], Philox(seed: seed &+ 1_000_000))
    while losses.count < steps {
      for batch in data.batches(of: batchSize, using: &generator) {
        guard let loss = take(batch, &model, &optimizer) else {
          return losses + Array(repeating: Training.largestLoss, count: steps - losses.count)
        }
        losses.append(loss)
        after(losses.count, &model)
        if losses.count == steps || isDone(losses) { return losses }
      }
    }
    return losses
  }

  /// Trains a model on batches that are given, over and over in their order.
  func callAsFunction<Model: Layer>(_ model: inout Model, inOrder batches: [LabeledData]) {
    var optimizer = SGD(learningRate: rate, momentum: Training.momentum)
    for step in 0..<steps {
      guard take(batches[step % batches.count], &model, &optimizer) != nil else { return }
    }
  }

  /// Takes a step, and returns the loss before it; nil, and no step, if that is too large.
  private func take<Model: Layer>(
    _ batch: LabeledData, _ model: inout Model, _ optimizer: inout SGD
  ) -> Double? {
    let (loss, gradient) = valueAndGradient(of: &model) { model in
      softmaxCrossEntropy(model(batch.inputs, .training), batch.labels)
    }
    let value = Double(loss)
    guard value < Training.largestLoss else { return nil }
    optimizer.update(&model, along: gradient)
    return value
  }
}

extension [Double] {
  /// The mean of the last ones.
  func meanOfLast(_ count: Int) -> Double { Array(suffix(count)).mean }

  /// The means of stretches of a length, one after another.
  func means(ofEach length: Int) -> [Double] {
    stride(from: 0, to: count - length + 1, by: length).map { Array(self[$0..<$0 + length]).mean }
  }
}

extension Layer {
  /// The share of the images that the model, in inference, gives their labels.
  func accuracy(on data: LabeledData) -> Double {
    AdjointNN.accuracy(predict(data.inputs), data.labels)
  }

  /// The loss on the images, of the model in inference.
  func loss(on data: LabeledData) -> Double {
    let loss = Double(softmaxCrossEntropy(predict(data.inputs), data.labels))
    return loss < Training.largestLoss ? loss : Training.largestLoss
  }
}

/// A model that was trained.
struct Trained<Model: Layer>: Sendable {
  let model: Model
  /// The loss of each step.
  let losses: [Double]
  /// The images that it was not trained on.
  let test: LabeledData

  /// What came of it.
  var outcome: Outcome {
    Outcome(loss: losses.meanOfLast(20), accuracy: model.accuracy(on: test))
  }
}

extension Setting {
  /// How many steps go once through the training images, in batches of 32.
  var epoch: Int { data.images.count * 4 / 5 / 32 }

  /// Makes a perceptron whose weights the seed draws.
  func perceptron(_ shape: PerceptronShape, _ seed: UInt64) -> Perceptron {
    Perceptron(shape, inputs: data.images.inputs.shape[1], seed: seed)
  }

  /// Trains a model on the images, in the order, that the seed draws.
  func trained<Model: Layer>(
    _ model: Model, rate: Double, seed: UInt64, steps: Int,
    until isDone: ([Double]) -> Bool = { _ in false },
    after: (Int, inout Model) -> Void = { _, _ in }
  ) -> Trained<Model> {
    let (training, test) = data.split(seed)
    var model = model
    let losses = Training(data: training, steps: steps, rate: rate, seed: seed)(
      &model, until: isDone, after: after)
    return Trained(model: model, losses: losses, test: test)
  }

  /// Seconds that a step of training takes with batch norm and without it, at best.
  func secondsOfAStep(_ shape: PerceptronShape) -> Sides<Double> {
    let steps = budget(200, quick: 20)
    return shape.sides.map { shape in
      let times = (0..<3).map { _ in
        seconds { _ = trained(perceptron(shape, 1), rate: 0.01, seed: 1, steps: steps) }
      }
      return (times.min() ?? 0) / Double(steps)
    }
  }
}

/// The seconds that something takes.
func seconds(_ body: () -> Void) -> Double {
  let start = ContinuousClock.now
  body()
  return (.now - start) / .seconds(1)
}
