import Adjoint
import AdjointData
import AdjointNN

/// The training of one model, and what came of each epoch.
struct Run {
  var model: Classifier
  private(set) var losses: [Double] = []
  private(set) var accuracies: [Double] = []
  private var imagesPerSecond = 0.0
  private var optimizer: SGD
  private var generator: Philox
  private let batchSize: Int
  private let epochs: Int
  private let learningRate: Double

  init(_ model: Classifier, _ options: Options, batchSeed: UInt64) {
    self.model = model
    optimizer = SGD(learningRate: options.learningRate, momentum: 0.9)
    generator = Philox(seed: batchSeed)
    batchSize = options.batchSize
    epochs = options.epochs
    learningRate = options.learningRate
  }

  /// Trains on every image once, then measures the accuracy on images that are not trained on.
  mutating func trainEpoch(on training: LabeledData, testedOn heldOut: LabeledData) {
    // Down to nothing in equal steps, so that the last epochs settle.
    optimizer.learningRate = learningRate * Double(epochs - losses.count) / Double(epochs)
    let clock = ContinuousClock()
    let start = clock.now
    var (sum, count) = (0.0, 0)
    for batch in training.batches(of: batchSize, using: &generator) {
      let (loss, gradient) = valueAndGradient(of: &model) { model in
        softmaxCrossEntropy(model(batch.inputs, .training), batch.labels)
      }
      optimizer.update(&model, along: gradient)
      sum += Double(loss) * Double(batch.count)
      count += batch.count
    }
    imagesPerSecond = Double(count) / ((clock.now - start) / .seconds(1))
    losses.append(sum / Double(count))
    accuracies.append(accuracy(model.predict(heldOut.inputs), heldOut.labels))
  }

  /// The part of a progress line that is about this model.
  var progress: String {
    losses[losses.count - 1].fixed(5).leftPadded(to: 11)
      + accuracies[accuracies.count - 1].percent.leftPadded(to: 14)
      + String(Int(imagesPerSecond)).leftPadded(to: 14)
  }
}

extension Double {
  /// A share as a percentage with two decimals.
  var percent: String { (self * 100).fixed(2) + " %" }

  /// The number with so many decimals.
  func fixed(_ decimals: Int) -> String {
    guard isFinite, abs(self) < 1e9 else { return "\(self)" }
    let unit = (0..<decimals).reduce(1) { product, _ in product * 10 }
    let scaled = Int((abs(self) * Double(unit)).rounded())
    let fraction = String(scaled % unit)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return (self < 0 ? "-" : "") + "\(scaled / unit).\(zeros)\(fraction)"
  }
}

extension String {
  /// The text at the right end of a column.
  func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
