import Adjoint
import Foundation

/// Images in folders, one for each class: `cats/1.ppm`, `dogs/1.ppm`.
///
/// ```swift
/// let folder = try ImageFolder(URL(filePath: "animals"))
/// let data = try folder.load()          // float32[N, C, H, W], int32[N]
/// print(folder.classes)                 // ["cats", "dogs"]
/// ```
///
/// Folders and images are taken in the order of their names. Files whose names do not end in `.pgm` or `.ppm`, and
/// whatever starts with a dot, are left alone.
public struct ImageFolder: Sendable {
  /// The names of the classes, which are the names of the folders.
  public let classes: [String]
  /// The images.
  public let files: [URL]
  /// The class of each image, its place in `classes`.
  public let labels: [Int]
  private let name: String

  /// Looks which images there are.
  public init(_ folder: URL) throws(FileError) {
    name = folder.lastPathComponent
    classes = try ImageFolder.names(in: folder).filter { name in
      var isFolder: ObjCBool = false
      let path = folder.appendingPathComponent(name).path
      return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        && isFolder.boolValue
    }
    var (files, labels): ([URL], [Int]) = ([], [])
    for (label, name) in classes.enumerated() {
      let inner = folder.appendingPathComponent(name)
      for image in try ImageFolder.names(in: inner)
      where ["pgm", "ppm"].contains((image as NSString).pathExtension.lowercased()) {
        files.append(inner.appendingPathComponent(image))
        labels.append(label)
      }
    }
    guard !files.isEmpty else {
      throw FileError(
        file: name,
        problem: .unsupported(
          "has no folder with images",
          remedy: "put those of each class, in PGM or PPM, in a folder of its own"))
    }
    (self.files, self.labels) = (files, labels)
  }

  /// The number of images.
  public var count: Int { files.count }

  /// Reads all images.
  ///
  ///     N images   →   inputs: float32[N, C, H, W], labels: int32[N]
  public func load() throws(FileError) -> LabeledData { try samples(at: Array(0..<count)) }

  /// Reads the images at places.
  public func samples(at places: [Int]) throws(FileError) -> LabeledData {
    var images: [Tensor] = []
    for place in places {
      let image = try Netpbm.read(files[place])
      if let first = images.first, first.shape != image.shape {
        throw FileError(
          file: files[place].lastPathComponent,
          problem: .unsupported(
            "is an image \(image.shape), and the first one of the batch \(first.shape)",
            remedy: "bring all to one size"))
      }
      images.append(image)
    }
    return LabeledData(
      inputs: .stacked(images, at: 0), labels: Tensor(places.map { Int32(labels[$0]) }))
  }

  private static func names(in folder: URL) throws(FileError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw FileError(
        file: folder.lastPathComponent, problem: .unreadable(error.localizedDescription))
    }
  }
}
