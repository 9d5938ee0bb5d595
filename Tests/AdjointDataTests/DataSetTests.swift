import Adjoint
import AdjointData
import Foundation
import Testing

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
