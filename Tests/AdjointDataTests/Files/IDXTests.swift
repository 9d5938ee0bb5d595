import Adjoint
import AdjointData
import AdjointFixtures
import Foundation
import Testing

@Suite("IDX files")
struct IDXTests {
  /// The header of 2×3 elements of a type, and some bytes.
  private func file(type: UInt8 = 8, shape: [UInt32] = [2, 3], _ elements: [UInt8]) -> [UInt8] {
    let extents = shape.flatMap { extent in
      (0..<4).map { UInt8(truncatingIfNeeded: extent >> (24 - 8 * $0)) }
    }
    return [0, 0, type, UInt8(shape.count)] + extents + elements
  }

  @Test func everyTypeOfElementIsRead() throws {
    let bytes = try IDX.decode(file([0, 1, 2, 3, 4, 255]), name: "f")
    #expect(bytes == Tensor([[0, 1, 2], [3, 4, 255]] as [[Int32]]))
    #expect([Int32](try IDX.decode(file(type: 9, shape: [1], [255]), name: "f")) == [-1])
    #expect([Int32](try IDX.decode(file(type: 0x0B, shape: [1], [255, 254]), name: "f")) == [-2])
    #expect(
      [Int32](try IDX.decode(file(type: 0x0C, shape: [1], [0, 0, 1, 2]), name: "f")) == [258])
    let float = try IDX.decode(file(type: 0x0D, shape: [1], [0x3F, 0x80, 0, 0]), name: "f")
    #expect(float == Tensor([1]))
    let double = try IDX.decode(
      file(type: 0x0E, shape: [1], [0xC0, 0, 0, 0, 0, 0, 0, 0]), name: "f")
    #expect(double == Tensor([-2] as [Double]))
    #expect(try IDX.decode(file(shape: [], [7]), name: "f").shape == [])
    #expect(try IDX.decode(file(shape: [0, 3], []), name: "f").shape == [0, 3])
  }

  @Test func whatIsWrongIsSaid() {
    func problem(_ bytes: [UInt8]) -> FileError.Problem? {
      do {
        _ = try IDX.decode(bytes, name: "f")
        return nil
      } catch { return error.problem }
    }
    #expect(problem([]) == .truncated(expected: 4, actual: 0))
    #expect(problem([1, 2, 8, 1, 0]) == .foreign(format: "IDX", start: [1, 2, 8, 1]))
    #expect(
      problem([0, 0, 7, 1, 0, 0, 0, 1, 0])
        == .unsupported(
          "has elements of the unknown type 7", remedy: "IDX knows 8, 9, 11, 12, 13 and 14"))
    #expect(problem([0, 0, 8, 3, 0, 0]) == .truncated(expected: 16, actual: 6))
    #expect(problem(file([1, 2, 3])) == .truncated(expected: 18, actual: 15))
    #expect(problem(file([1, 2, 3, 4, 5, 6, 7])) == .trailingBytes(expected: 18, actual: 19))
    let huge: [UInt32] = [.max, .max, .max]
    #expect(problem(file(shape: huge, [])) == .tooLarge(huge.map(Int.init)))
    #expect(
      problem(file(type: 0x0E, shape: [.max], []))
        == .truncated(expected: 8 + 8 * Int(UInt32.max), actual: 8))
  }

  @Test func messagesNameTheFile() {
    let missing = #expect(throws: FileError.self) {
      try IDX.read(URL(filePath: "/nowhere/images"))
    }
    #expect("\(missing!)".hasPrefix("images: cannot be read"))
  }

  /// Random bytes behind a valid start must never stop the program.
  @Test func randomBytesAreRejectedOrRead() {
    var generator = Philox(seed: 5)
    for _ in 0..<2000 {
      let length = Int.random(in: 0..<40, using: &generator)
      var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      for (place, byte) in [0, 0, 8, 2].enumerated() where place < length {
        if UInt8.random(in: 0...3, using: &generator) > 0 { bytes[place] = UInt8(byte) }
      }
      _ = try? IDX.decode(bytes, name: "random")
    }
  }

  @Test func packedFilesAreUnpacked() throws {
    let file = Fixture.file("images.idx3-ubyte.gz")
    let expected = Tensor.range(0..<12).reshaped(to: [3, 2, 2])
    #expect(try IDX.read(file) == expected)
    let bytes = try [UInt8](Data(contentsOf: file))
    for length in 0..<bytes.count {
      #expect(throws: FileError.self, "\(length)") {
        try IDX.decode(Array(bytes[..<length]), name: "f")
      }
    }
    #expect(throws: FileError.self) { try IDX.decode(bytes + [0], name: "f") }
    // Every bit counts: of the header those of the time, the system and the flags are no one's.
    for place in 10..<bytes.count {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        if let read = try? IDX.decode(changed, name: "f") { #expect(read == expected) }
      }
    }
  }

  @Test func rowsAreReadWhenTheyAreAskedFor() throws {
    try withTemporaryFolder { folder in
      for (type, bytes) in [
        (UInt8(8), Array(0..<6 as Range<UInt8>)), (0x0B, [0, 1, 1, 0, 0, 2, 2, 0, 0, 3, 3, 0]),
      ] {
        let url = folder.appendingPathComponent("f")
        try Data(file(type: type, shape: [3, 2], bytes)).write(to: url)
        let (rows, all) = try (IDX.rows(url), IDX.read(url))
        #expect(rows.count == 3 && rows.type == all.type)
        #expect(try rows.rows([2, 0, 2]) == all.gather(Tensor([2, 0, 2] as [Int32]), along: 0))
        #expect(try rows.rows([]).shape == [0, 2])
      }
      try Data(file(shape: [], [1])).write(to: folder.appendingPathComponent("g"))
      #expect(throws: FileError.self) { try IDX.rows(folder.appendingPathComponent("g")) }
    }
  }
}
