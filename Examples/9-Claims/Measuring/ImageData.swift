import Adjoint
import AdjointData
import Foundation

/// Square grey images in ten classes, each a row of pixels from 0 to 1.
package struct ImageData: Sendable {
  /// What they are called.
  package let name: String
  let images: LabeledData
  /// The pixels across.
  let side: Int

  static let digitsName = "digits"

  /// The digits that ship with the package: 1797 of 8×8 pixels.
  package static func digits() throws -> ImageData {
    ImageData(name: digitsName, images: try Digits.load(), side: 8)
  }

  /// The first 6000 images of Fashion-MNIST, each 2×2 pixels made one.
  package static func fashion(_ folder: URL) throws -> ImageData {
    let (training, _) = try FashionMNIST.load(folder)
    let (count, side) = (6000, 14)
    guard training.count >= count, training.inputs.shape[2...] == [2 * side, 2 * side] else {
      throw UnexpectedImages(type: "\(training.inputs.type)")
    }
    let images = training.inputs[0..<count].averagePooled([2, 2], strides: [2, 2])
    return ImageData(
      name: "Fashion-MNIST",
      images: LabeledData(
        inputs: images.reshaped(to: [count, side * side]), labels: training.labels[0..<count]),
      side: side)
  }

  /// Images in the form, not in the size, of Fashion-MNIST.
  struct UnexpectedImages: Error, CustomStringConvertible {
    let type: String
    var description: String {
      """
      the training images are \(type); give the folder of Fashion-MNIST, 60000 images of 28×28 \
      pixels
      """
    }
  }

  /// A fifth held out to test on, and the rest, as the seed draws them.
  func split(_ seed: UInt64) -> (training: LabeledData, test: LabeledData) {
    var generator = Philox(seed: seed)
    let parts = images.split(holdingOut: 0.2, using: &generator)
    return (parts.training, parts.heldOut)
  }
}

extension LabeledData {
  /// The same labels for other inputs.
  func with(_ inputs: Tensor) -> LabeledData { LabeledData(inputs: inputs, labels: labels) }
}
