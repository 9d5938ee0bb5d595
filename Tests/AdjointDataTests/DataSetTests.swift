import Adjoint
import AdjointFixtures
import Foundation
import Testing

@testable import AdjointData

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

@Suite("Loaders")
struct LoaderTests {
  private static let data = LabeledData(
    inputs: Tensor.range(0..<23, dtype: .float32).reshaped(to: [23, 1]), labels: .range(0..<23))

  private func loader(_ prefetching: Int, seed: UInt64 = 1) -> Loader<LabeledData> {
    Loader(
      Self.data, batchSize: 4, droppingLast: false, transforms: [.noise(deviation: 1)], seed: seed,
      prefetching: prefetching)
  }

  @Test func prefetchingChangesNoBit() {
    func batches(_ loader: Loader<LabeledData>, _ epoch: Int) -> [LabeledData] {
      Array(loader.epoch(epoch))
    }
    for epoch in [0, 3] {
      let plain = batches(loader(0), epoch)
      #expect(plain.map(\.count) == [4, 4, 4, 4, 4, 3])
      #expect(plain.flatMap { [Int32]($0.labels) }.sorted() == Array(0..<23))
      for prefetching in [1, 2, 100] {
        let ahead = batches(loader(prefetching), epoch)
        #expect(ahead.map(\.inputs) == plain.map(\.inputs))
        #expect(ahead.map(\.labels) == plain.map(\.labels))
      }
    }
    #expect(batches(loader(0), 0).map(\.labels) != batches(loader(0), 1).map(\.labels))
    #expect(batches(loader(0), 0).map(\.labels) != batches(loader(0, seed: 2), 0).map(\.labels))
  }

  @Test func anEpochGoesOnFromItsMiddle() {
    let whole = Array(loader(2).epoch(5))
    for start in 0...6 {
      let rest = Array(loader(2).epoch(5, from: start))
      #expect(rest.map(\.inputs) == whole[start...].map(\.inputs))
    }
    let epoch = loader(2).epoch(5)
    _ = epoch.next()
    #expect(epoch.position == 1)
    // Each batch comes once, however it is asked for.
    #expect(Array(epoch).count == 5 && Array(epoch).isEmpty && epoch.next() == nil)
    #expect(Array(loader(.max).epoch(5)).count == 6)
  }

  @Test func whatIsNotShuffledIsInOrder() {
    let loader = Loader(Self.data, batchSize: 5, shuffled: false, seed: 1)
    #expect(loader.batchCount == 4)
    #expect(loader.epoch(7).flatMap { [Int32]($0.labels) } == Array(0..<20))
  }

  @Test func streamedFilesGiveTheSameBatches() throws {
    try withTemporaryFolder { folder in
      let (x, y) = (folder.appendingPathComponent("x.npy"), folder.appendingPathComponent("y.npy"))
      try NPY.write(Self.data.inputs, to: x)
      try NPY.write(Self.data.labels, to: y)
      let streamed = try StreamedData(inputs: NPY.rows(x), labels: NPY.rows(y))
      let epoch = Loader(streamed, batchSize: 4, seed: 1).epoch(2)
      for batch in Loader(Self.data, batchSize: 4, seed: 1).epoch(2) {
        let read = try #require(try epoch.next())
        #expect(read.inputs == batch.inputs && read.labels == batch.labels)
      }
      #expect(try epoch.next() == nil)
      // A file that is cut short while it is used: an error once, and then the end.
      let failing = Loader(streamed, batchSize: 4, seed: 1, prefetching: 0).epoch(0)
      let handle = try FileHandle(forWritingTo: x)
      try handle.truncate(atOffset: 100)
      try handle.close()
      #expect(throws: FileError.self) { while try failing.next() != nil {} }
      #expect(try failing.next() == nil)
    }
  }

  @Test func wrongNumbersStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Loader(
        LabeledData(inputs: .zeros([3]), labels: .range(0..<3)), batchSize: 4, seed: 1)
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("batches: 3 samples make no batch of 4; give a smaller size"))
  }
}

@Suite("Transforms")
struct TransformTests {
  @Test func wrongNumbersStop() async {
    func message(_ result: ExitTest.Result?) -> String {
      String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
    let noise = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Transform.noise(deviation: -1)
    }
    #expect(
      message(noise).contains(
        "noise: the deviation is -1.0; give a finite number from 0 on"))
    let mean = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Transform.normalized(mean: [.nan], deviation: [1])
    }
    #expect(message(mean).contains("normalized: the means are [nan]"))
    let integers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Philox(seed: 1)
      let data = LabeledData(
        inputs: .zeros([2, 1], dtype: .int32), labels: Tensor([0, 1] as [Int32]))
      _ = Transform.normalized(mean: [0.5], deviation: [0.5])(data, using: &generator)
    }
    #expect(message(integers).contains("normalized: int32[2, 1] is not floating-point; cast"))
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Philox(seed: 1)
      let data = LabeledData(inputs: .zeros([2, 1]), labels: Tensor([0, 3] as [Int32]))
      _ = Transform.mixup(alpha: 1, classes: 3)(data, using: &generator)
    }
    #expect(
      message(label).contains(
        "mixup: a label is 3; give classes from 0 to below 3"))
  }

  private func images(_ count: Int) -> LabeledData {
    LabeledData(
      inputs: Tensor.range(0..<(count * 2 * 3 * 4), dtype: .float32)
        .reshaped(to: [count, 2, 3, 4]) + 1, labels: .range(0..<count))
  }

  @Test func normalizingIsByChannel() {
    var generator = Philox(seed: 1)
    let x = LabeledData(
      inputs: Tensor([[[1, 3]], [[5, 5]]]).reshaped(to: [1, 2, 1, 2]), labels: Tensor([0]))
    let y = Transform.normalized(mean: [1, 3], deviation: [2, 4])(x, using: &generator)
    #expect(y.inputs == Tensor([0, 1, 0.5, 0.5]).reshaped(to: [1, 2, 1, 2]))
    let one = Transform.normalized(mean: [1], deviation: [2])(x, using: &generator)
    #expect(one.inputs == Tensor([0, 1, 2, 2]).reshaped(to: [1, 2, 1, 2]))
  }

  @Test func flippingTurnsWholeImages() {
    var generator = Philox(seed: 1)
    let x = images(100)
    let y = Transform.flipped()(x, using: &generator)
    let mirrored = x.inputs.gather(Tensor([3, 2, 1, 0] as [Int32]), along: -1)
    var count = 0
    for place in 0..<100 {
      if y.inputs[place] == mirrored[place] {
        count += 1
      } else {
        #expect(y.inputs[place] == x.inputs[place])
      }
    }
    // 50 expected; five deviations of a binomial, √(100/4) each.
    #expect((25...75).contains(count))
    #expect(Transform.flipped(probability: 0)(x, using: &generator).inputs == x.inputs)
    #expect(Transform.flipped(probability: 1)(x, using: &generator).inputs == mirrored)
  }

  @Test func aPaddingThatCannotBeCountedStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Transform.cropped(padding: .max)
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("cropped: the padding is 9223372036854775807; give 0 or more, at most"))
  }

  @Test func croppingIsAWindowOfAPaddedImage() {
    var generator = Philox(seed: 1)
    let x = images(200)
    let y = Transform.cropped(padding: 2)(x, using: &generator)
    let padded = x.inputs.padded(before: [0, 0, 2, 2], after: [0, 0, 2, 2])
    var seen: Set<[Int]> = []
    for place in 0..<200 {
      // The window, found by trying all.
      for down in 0...4 {
        for right in 0...4 {
          let window = padded[place].gather(.range(down..<(down + 3)), along: 1)
            .gather(.range(right..<(right + 4)), along: 2)
          if y.inputs[place] == window { seen.insert([down, right]) }
        }
      }
    }
    // Each of 25 is missed by 200 draws with a probability of 0.96²⁰⁰ = 3·10⁻⁴; far from all windows is a mistake.
    #expect(seen.count >= 23)
    let same = Transform.cropped(padding: 0)(x, using: &generator)
    #expect(same.inputs == x.inputs)
    // More than the image is wide: often nothing is left of it, and nothing stops.
    _ = Transform.cropped(padding: 9)(x, using: &generator)
  }

  @Test func mixingKeepsSharesOfClasses() {
    var generator = Philox(seed: 1)
    for alpha in [1e-3, 0.2, 1, 5] {
      let x = images(10)
      let y = Transform.mixup(alpha: alpha, classes: 10)(x, using: &generator)
      #expect(y.labels.shape == [10, 10])
      #expect(y.labels.sum(over: 1).isClose(to: .ones([10]), relative: 1e-6))
      // The inputs are mixed by the same shares: those of a sample are its label's times those of all.
      let expected = y.labels.matMul(x.inputs.flattened(from: 1))
      #expect(y.inputs.flattened(from: 1).isClose(to: expected, relative: 1e-5))
    }
  }

  @Test func theBetaDistributionHasItsMoments() {
    var generator = Philox(seed: 2)
    for alpha in [0.3, 1, 4] {
      let drawn = Tensor((0..<4000).map { _ in generator.beta(alpha) })
      // Mean 1/2, variance 1/(4(2α + 1)): five deviations of the mean of 4000, and of their variance, which
      // varies less than that of normal numbers, by √(2/n), as the tails are lighter.
      let variance = 1 / (4 * (2 * alpha + 1))
      #expect(abs(Double(drawn.mean()) - 0.5) < 5 * (variance / 4000).squareRoot())
      #expect(abs(Double(drawn.variance()) / variance - 1) < 5 * (2.0 / 4000).squareRoot())
    }
  }
}

@Suite("Splits")
struct SplitTests {
  /// 60 of class 0, 30 of class 1, 10 of class 2.
  private let data = LabeledData(
    inputs: .range(0..<100, dtype: .float32),
    labels: Tensor((0..<100).map { Int32($0 < 60 ? 0 : $0 < 90 ? 1 : 2) }))

  private func counts(_ data: LabeledData) -> [Int] {
    let labels = [Int32](data.labels)
    return (0..<3).map { label in labels.count { $0 == label } }
  }

  @Test func aStratifiedSplitHasTheSameSharesOfClasses() {
    var generator = Philox(seed: 1)
    let (training, heldOut) = data.stratifiedSplit(holdingOut: 0.2, using: &generator)
    #expect(counts(heldOut) == [12, 6, 2] && counts(training) == [48, 24, 8])
    let all = [Float](training.inputs) + [Float](heldOut.inputs)
    #expect(all.sorted() == (0..<100).map(Float.init))
    #expect([Float](heldOut.inputs) != [Float](heldOut.inputs).sorted())
  }

  @Test func everySampleIsHeldOutOnce() {
    var generator = Philox(seed: 1)
    for (count, stratified) in [(3, false), (3, true), (100, false), (7, true)] {
      let folds = Array(data.folds(count, stratified: stratified, using: &generator))
      #expect(folds.count == count)
      #expect(
        folds.flatMap { [Float]($0.heldOut.inputs) }.sorted() == (0..<100).map(Float.init))
      for (training, heldOut) in folds {
        #expect(training.count + heldOut.count == 100)
        #expect(abs(heldOut.count - 100 / count) <= 1)
        #expect(Set([Float](training.inputs)).isDisjoint(with: [Float](heldOut.inputs)))
        if stratified {
          for (part, all) in zip(counts(heldOut), [60, 30, 10]) {
            #expect(abs(Double(part) - Double(all) / Double(count)) < 1)
          }
        }
      }
    }
  }

  @Test func fashionMNISTIsReadFromAFolder() throws {
    try withTemporaryFolder { folder in
      func write(_ name: String, _ header: [UInt8], _ bytes: [UInt8]) throws {
        try Data([0, 0, 8] + header + bytes).write(to: folder.appendingPathComponent(name))
      }
      for (part, count) in [("train", UInt8(2)), ("t10k", 1)] {
        let pixels = (0..<(Int(count) * 4)).map { UInt8($0 * 51 % 256) }
        try write(
          "\(part)-images-idx3-ubyte", [3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2], pixels)
        try write("\(part)-labels-idx1-ubyte", [1, 0, 0, 0, count], Array(1...count))
      }
      let (training, test) = try FashionMNIST.load(folder)
      #expect(training.inputs.shape == [2, 1, 2, 2] && test.count == 1)
      #expect(test.inputs.flattened(from: 0).isClose(to: Tensor([0, 0.2, 0.4, 0.6])))
      #expect(training.labels == Tensor([1, 2] as [Int32]))
      try write("train-labels-idx1-ubyte", [1, 0, 0, 0, 1], [7])
      let wrong = #expect(throws: FileError.self) { try FashionMNIST.load(folder) }
      #expect("\(wrong!)".contains("has the labels int32[1] of the images int32[2, 2, 2]"))
      let none = #expect(throws: FileError.self) {
        try FashionMNIST.load(folder.appendingPathComponent("no"))
      }
      #expect("\(none!)".contains("apt-get install dataset-fashion-mnist, or give the folder"))
    }
  }

  /// Where the data set is installed, it is that of its description.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: FashionMNIST.folder.path)))
  func theInstalledFashionMNISTIsWhole() throws {
    let (training, test) = try FashionMNIST.load()
    #expect(training.inputs.shape == [60_000, 1, 28, 28] && test.count == 10_000)
    // Each class has a tenth.
    for label in 0..<10 {
      #expect(Int((test.labels .== Double(label)).cast(to: .int32).sum()) == 1000)
    }
  }
}
