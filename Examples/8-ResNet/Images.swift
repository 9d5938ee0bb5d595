import Adjoint
import AdjointData
import Foundation

/// Images in ten classes, float32[N, 3, side, side], and their labels.
enum Images {
  /// Reads CIFAR-10's binary version: files of records of a label and 32×32 pixels in three planes.
  ///
  /// Source: Krizhevsky, "Learning multiple layers of features from tiny images" (2009).
  static func cifar(_ folder: URL) throws -> (training: LabeledData, test: LabeledData) {
    let training = try (1...5).map { try records(folder.appending(path: "data_batch_\($0).bin")) }
    return (
      LabeledData(
        inputs: .concatenated(training.map(\.inputs), along: 0),
        labels: .concatenated(training.map(\.labels), along: 0)),
      try records(folder.appending(path: "test_batch.bin"))
    )
  }

  private static func records(_ file: URL) throws -> LabeledData {
    let (bytes, size) = ([UInt8](try Data(contentsOf: file)), 1 + 3 * 32 * 32)
    guard !bytes.isEmpty, bytes.count.isMultiple(of: size),
      stride(from: 0, to: bytes.count, by: size).allSatisfy({ bytes[$0] < 10 })
    else { throw NoCIFAR(file: file.lastPathComponent) }
    let count = bytes.count / size
    let pixels = (0..<count).flatMap { bytes[$0 * size + 1..<($0 + 1) * size] }
    return LabeledData(
      inputs: Tensor(pixels.map { Float($0) / 255 }, shape: [count, 3, 32, 32]),
      labels: Tensor((0..<count).map { Int32(bytes[$0 * size]) }))
  }

  /// A file that is not what CIFAR-10 has.
  struct NoCIFAR: Error, CustomStringConvertible {
    let file: String
    var description: String {
      "\(file) does not hold records of 3073 bytes, a label from 0 to 9 first; give the folder of the binary version"
    }
  }

  /// Images that are made up: a random pattern for each class, with as much noise.
  static func synthetic(
    _ count: Int, side: Int, using generator: inout Philox
  ) -> (training: LabeledData, test: LabeledData) {
    let patterns = Tensor.normal([10, 3, side, side], using: &generator)
    let labels = Tensor((0..<count).map { Int32($0 % 10) })
    let noise = Tensor.normal([count, 3, side, side], using: &generator)
    let data = LabeledData(inputs: patterns.gather(labels, along: 0) + noise, labels: labels)
    let parts = data.split(holdingOut: 0.2, using: &generator)
    return (parts.training, parts.heldOut)
  }
}
