import Adjoint
import Foundation

/// 70 000 grey images of clothes, 28×28 pixels, in 10 classes.
///
/// ```swift
/// let (training, test) = try FashionMNIST.load()
/// ```
///
/// Source: Xiao, Rasul & Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms"
/// (2017). MNIST itself has files of the same names.
public enum FashionMNIST {
  /// What the labels stand for.
  public static let classes = [
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
    "ankle boot",
  ]

  /// Where `apt-get install dataset-fashion-mnist` puts the files, on Debian and Ubuntu.
  public static let folder = URL(filePath: "/usr/share/datasets/fashion-mnist")

  /// Reads both parts from a folder with the four files, packed by gzip or not.
  ///
  ///     training: float32[60000, 1, 28, 28], from 0 to 1, and int32[60000]; test: 10 000 as well
  public static func load(
    _ folder: URL = folder
  ) throws(FileError) -> (training: LabeledData, test: LabeledData) {
    (try part("train", folder), try part("t10k", folder))
  }

  private static func part(_ name: String, _ folder: URL) throws(FileError) -> LabeledData {
    let images = try read("\(name)-images-idx3-ubyte", folder)
    let labels = try read("\(name)-labels-idx1-ubyte", folder)
    guard images.rank == 3, labels.rank == 1, images.shape[0] == labels.shape[0] else {
      throw FileError(
        file: "\(name)-labels-idx1-ubyte",
        problem: .invalid("it has the labels \(labels.type) of the images \(images.type)"))
    }
    return LabeledData(inputs: images.expanded(at: 1).cast(to: .float32) / 255, labels: labels)
  }

  private static func read(_ name: String, _ folder: URL) throws(FileError) -> Tensor {
    for file in [name, name + ".gz"].map(folder.appendingPathComponent)
    where FileManager.default.fileExists(atPath: file.path) {
      return try IDX.read(file)
    }
    throw FileError(
      file: name,
      problem: .unsupported(
        "is not in \(folder.path), packed or not",
        remedy: "apt-get install dataset-fashion-mnist, or give the folder that has it"))
  }
}
