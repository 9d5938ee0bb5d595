import Adjoint
import AdjointData
import AdjointFixtures
import Foundation
import Testing

@Suite("Images in files")
struct ImageTests {
  private func decode(_ header: String, _ bytes: [UInt8]) throws(FileError) -> Tensor {
    try Netpbm.decode(Array(header.utf8) + bytes, name: "f")
  }

  private func message(_ header: String, _ bytes: [UInt8] = []) -> String {
    do throws(FileError) {
      _ = try decode(header, bytes)
      return ""
    } catch { return error.description }
  }

  @Test func bothKindsAreRead() throws {
    #expect(
      try decode("P5 3 2 255\n", [0, 51, 102, 153, 204, 255])
        .isClose(to: Tensor([[[0, 0.2, 0.4], [0.6, 0.8, 1]]]), relative: 1e-6))
    let red: [UInt8] = [255, 0, 0, 0, 255, 0]
    #expect(
      try decode("P6\n# a red and a green dot\n2 # wide\n1\n255\n", red)
        == Tensor([[[1, 0]], [[0, 1]], [[0, 0]]]))
    // Sixteen bits, the high byte first, and pixels that look like blanks.
    #expect(try decode("P5 1 1 65535\n", [0x0A, 0x0A]).isClose(to: Tensor([[[2570 / 65535]]])))
    #expect(try decode("P5 2 1 4 ", [10 - 9, 4]) == Tensor([[[0.25, 1]]]))
  }

  @Test func whatIsWrongIsSaid() {
    #expect(message("") == "f: is no PGM or PPM file: it starts with []")
    #expect(message("P3 1 1 1 0 0 0") == "f: has its numbers in words; save it in the binary form")
    #expect(message("P5") == "f: its width is no number from 1 on, at byte 2")
    #expect(message("P5 0 1 255\n").contains("its width is no number"))
    #expect(message("P5 1 x").contains("its height is no number"))
    #expect(message("P5 1 1 65536\n").contains("is 65536, and can be 65535"))
    #expect(message("P5 1 1 255").contains("no blank follows"))
    #expect(message("P5 1 1 255\n") == "f: ends after 11 bytes of 12; get it again, whole")
    #expect(message("P5 1 1 255\n", [1, 2]).contains("has 13 bytes where its header says 12"))
    #expect(message("P5 1 1 7\n", [8]).contains("has the value 8, and says that none is over 7"))
    #expect(message("P6 999999999 99999999 255\n").contains("ends after"))
    #expect(message("P6 9999999999 1 255\n").contains("its width is no number"))
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.ppm")
      let image = Tensor.range(0..<24, dtype: .float32).reshaped(to: [3, 2, 4]) / 255
      try Netpbm.write(image, to: file)
      #expect(try Netpbm.read(file).isClose(to: image, relative: 1e-6))
      // What lies outside of 0 to 1 is the nearest within.
      try Netpbm.write(Tensor([[-1, 0.5], [1, 7]]), to: file)
      #expect(try Netpbm.read(file).isClose(to: Tensor([[[0, 128 / 255], [1, 1]]])))
    }
  }

  @Test func aFolderHasAClassForEachFolderInside() throws {
    try withTemporaryFolder { folder in
      for (name, value) in [("dogs/b.pgm", 2), ("cats/1.pgm", 0), ("dogs/a.PGM", 1)] {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Netpbm.write(.full([2, 2], Double(value) / 255), to: file)
      }
      for name in ["dogs/readme.txt", "notes", "dogs/.hidden.pgm"] {
        try Data("x".utf8).write(to: folder.appendingPathComponent(name))
      }
      let images = try ImageFolder(folder)
      #expect(images.classes == ["cats", "dogs"] && images.count == 3)
      let data = try images.load()
      #expect(data.labels == Tensor([0, 1, 1] as [Int32]))
      #expect(data.inputs.shape == [3, 1, 2, 2])
      #expect(
        [Float](data.inputs * 255).map { $0.rounded() }[0...] == [
          0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
        ])
      try Netpbm.write(.zeros([3, 3]), to: folder.appendingPathComponent("dogs/c.pgm"))
      let error = #expect(throws: FileError.self) { try ImageFolder(folder).load() }
      #expect(
        "\(error!)"
          == "c.pgm: is an image [1, 3, 3], and the first one of the batch [1, 2, 2]; bring all "
          + "to one size")
      let empty = #expect(throws: FileError.self) {
        try ImageFolder(folder.appendingPathComponent("cats"))
      }
      #expect("\(empty!)".contains("cats: has no folder with images; put those of each class"))
    }
  }
}
