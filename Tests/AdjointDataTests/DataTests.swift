import Adjoint
import AdjointData
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
    func problem(_ bytes: [UInt8]) -> IDXError.Problem? {
      do {
        _ = try IDX.decode(bytes, name: "f")
        return nil
      } catch { return error.problem }
    }
    #expect(problem([]) == .truncated(expected: 4, actual: 0))
    #expect(problem([1, 2, 8, 1, 0]) == .notIDX([1, 2, 8, 1]))
    #expect(problem([0, 0, 7, 1, 0, 0, 0, 1, 0]) == .unknownType(7))
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
    let gzip = #expect(throws: IDXError.self) {
      try IDX.decode([0x1F, 0x8B, 8, 0], name: "images.gz")
    }
    #expect("\(gzip!)" == "images.gz: is compressed; unpack it with gunzip first")
    let missing = #expect(throws: IDXError.self) {
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
}

@Suite("Data sets")
struct DataSetTests {
  private let data = LabeledData(
    inputs: Tensor.range(0..<10, dtype: .float32).reshaped(to: [10, 1]), labels: .range(0..<10))

  @Test func batchesHoldEverySampleOnceWithItsLabel() {
    var generator = Philox(seed: 2)
    let batches = Array(data.batches(of: 4, droppingLast: false, using: &generator))
    #expect(batches.map(\.count) == [4, 4, 2])
    let labels = batches.flatMap { [Int32]($0.labels) }
    #expect(labels.sorted() == Array(0..<10))
    #expect(labels != Array(0..<10))
    #expect(batches.flatMap { [Float]($0.inputs) } == labels.map(Float.init))
    #expect(Array(data.batches(of: 4, using: &generator)).map(\.count) == [4, 4])
    #expect(Array(data.batchesInOrder(of: 4)).flatMap { [Int32]($0.labels) } == Array(0..<10))
  }

  @Test func splittingKeepsEverySample() {
    var generator = Philox(seed: 2)
    let (training, heldOut) = data.split(holdingOut: 0.2, using: &generator)
    #expect((training.count, heldOut.count) == (8, 2))
    let all = [Int32](training.labels) + [Int32](heldOut.labels)
    #expect(all.sorted() == Array(0..<10))
    // 2.9 of 10 are 3, to the nearest.
    #expect(data.split(holdingOut: 0.29, using: &generator).heldOut.count == 3)
  }

  @Test func theDigitsShipWithThePackage() throws {
    let digits = try Digits.load()
    #expect(digits.inputs.type == TensorType(.float32, [1797, 64]))
    #expect(digits.labels.type == TensorType(.int32, [1797]))
    #expect(Float(digits.inputs.min()) == 0 && Float(digits.inputs.max()) == 1)
    // The number of images of each digit, as the data set's own description counts them.
    let counts = (0..<10).map { digit in
      Int((digits.labels .== Double(digit)).cast(to: .int32).sum())
    }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  }

  @Test func aNegativeSizeStops() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let data = LabeledData(inputs: .zeros([3]), labels: .range(0..<3))
      _ = Array(data.batchesInOrder(of: 0))
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("batches: the size is 0; give 1 or more"))
  }
}
