import Adjoint
import Foundation

/// What a checkpoint says besides its tensors, as JSON among the file's metadata.
struct CheckpointRecord: Codable {
  /// The version of the format.
  static let version = 1

  /// A generator in numbers.
  struct Generator: Codable {
    let seed, draw: UInt64

    init(_ generator: Philox) { (seed, draw) = (generator.seed, generator.draw) }

    var generator: Philox { Philox(seed: seed, draw: draw) }
  }

  let epoch, batch, step: Int
  let generator: Generator
  let generators: [String: Generator]
  let optimizer: String
  let optimizerNumbers: [String: Double]
  let means: RunningMeans
  let history, stepHistory: History
  let settings: [String: String]

  /// What can be counted without an end in sight: more is no count of anything that was done.
  private static let counts = 0...1 << 53

  /// NaN and infinity, which JSON does not have.
  private static let unusual = (positive: "inf", negative: "-inf", unknown: "nan")

  /// The record as text; a Double is written with as many digits as tell it from all others.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: Self.unusual.positive, negativeInfinity: Self.unusual.negative,
        nan: Self.unusual.unknown)
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// Reads what ``json`` wrote; nil if it is something else.
  init?(json: String) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: Self.unusual.positive, negativeInfinity: Self.unusual.negative,
      nan: Self.unusual.unknown)
    guard let record = try? decoder.decode(CheckpointRecord.self, from: Data(json.utf8)),
      [record.epoch, record.batch, record.step].allSatisfy(CheckpointRecord.counts.contains)
    else { return nil }
    self = record
  }
}

extension CheckpointRecord {
  /// The record of a training.
  init<Model, Rule>(_ training: TrainingState<Model, Rule>) {
    (epoch, batch, step) = (training.epoch, training.batch, training.step)
    generator = Generator(training.generator)
    generators = training.generators.mapValues(Generator.init)
    optimizer = "\(Rule.self)"
    optimizerNumbers = training.optimizer.state.numbers
    (means, settings) = (training.means, training.settings)
    (history, stepHistory) = (training.history, training.stepHistory)
  }
}
