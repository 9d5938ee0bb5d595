import Adjoint
import Foundation

/// 1797 images of handwritten digits, 8×8 pixels, that ship with the package.
///
/// The test set of "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI
/// Machine Learning Repository (1998), CC BY 4.0: digits by 13 writers, scanned, and reduced to how
/// many of 4×4 pixels are dark.
public enum Digits {
  /// Reads the images and their labels, 0 to 9.
  ///
  ///     images: float32[1797, 64], from 0 for white to 1 for black, row by row; labels: int32[1797]
  public static func load() throws(FileError) -> LabeledData {
    let images = try IDX.read(file("digits-images.idx3-ubyte"))
    let labels = try IDX.read(file("digits-labels.idx1-ubyte"))
    let darkest = 16.0
    return LabeledData(
      inputs: images.cast(to: .float32).flattened(from: 1) / darkest, labels: labels)
  }

  private static func file(_ name: String) throws(FileError) -> URL {
    guard let file = Bundle.module.url(forResource: "Digits/\(name)", withExtension: nil) else {
      throw FileError(file: name, problem: .unreadable("it is not among the package's resources"))
    }
    return file
  }
}
