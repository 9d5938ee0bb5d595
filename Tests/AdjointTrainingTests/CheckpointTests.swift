import Adjoint
import AdjointData
import AdjointFixtures
import AdjointNN
import Foundation
import Testing

@testable import AdjointTraining

@Suite("Checkpoints")
struct CheckpointTests {
  private func goesOnFromEveryStep<Rule: Optimizer>(_ optimizer: Rule, other: Rule) throws {
    try withTemporaryFolder { folder in
      func file(_ step: Int) -> URL { folder.appending(path: "\(step).safetensors") }
      var whole = Small.training(optimizer)
      whole.generators["noise"] = Philox(seed: .max)
      try whole.save(to: file(0))
      try Small.goOn(&whole, epochs: 3) { training in
        try training.save(to: file(training.step))
      }
      #expect(whole.step == 15)
      for step in 0...15 {
        // Another seed, other numbers: all of it has to come from the file.
        var resumed = Small.training(other, seed: 99)
        resumed.generator = Philox(seed: 1234)
        try resumed.load(from: file(step))
        try Small.goOn(&resumed, epochs: 3)
        #expect(resumed.isSame(as: whole), "from step \(step)")
        #expect(resumed.history["loss"] == whole.history["loss"])
      }
    }
  }

  @Test func trainingGoesOnFromEveryStepBitForBit() throws {
    try goesOnFromEveryStep(
      SGD(learningRate: 0.1, momentum: 0.9), other: SGD(learningRate: 7, momentum: 0.3))
    try goesOnFromEveryStep(Adam(learningRate: 0.01), other: Adam(weightDecay: 1))
  }

  /// Weights with decay and vectors without, and a slow layer: three groups.
  private func groups(
    _ change: @escaping (String, Tensor, inout Adam) -> Void = { path, parameter, own in
      if parameter.rank < 2 { own.weightDecay = 0 }
      if path.hasPrefix("last.") { own.learningRate = 1e-4 }
    }
  ) -> ParameterGroups<Adam> {
    ParameterGroups(of: SmallNet(seed: 1), Adam.w(learningRate: 0.01), change)
  }

  @Test func groupsOfParametersGoOnBitForBit() throws {
    #expect(groups().paths.count == 4)
    var other = groups()
    other.learningRate = 1
    try goesOnFromEveryStep(groups(), other: other)
  }

  @Test func groupsOfOtherParametersAreRefused() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "f")
      var training = Small.training(
        groups { path, _, own in
          if path == "first.weight" { own.weightDecay = 0 }
        })
      try Small.goOn(&training, epochs: 1)
      try training.save(to: file)
      #expect(problem(file, training) == nil)
      // As many groups of other parameters: first.weight, of the first one, has gone to the second.
      let other = Small.training(
        groups { path, _, own in
          if path == "norm.scale" { own.weightDecay = 0 }
        })
      #expect(
        problem(file, other)
          == .parameterState(
            "optimizer.0.means.norm.shift", saved: nil, parameter: TensorType(.float32, [6])))
    }
  }

  /// Writes a checkpoint again with something else in it, and the checksum of that.
  private func tamper(
    _ file: URL, _ change: (inout [String: Tensor], inout [String: String]) -> Void
  ) throws {
    let read = try Safetensors.read(file)
    var (tensors, metadata) = (try read.tensors(), read.metadata)
    metadata["adjoint.checksum"] = nil
    change(&tensors, &metadata)
    metadata["adjoint.checksum"] = CRC64.of(tensors, metadata)
    try Safetensors.write(tensors, metadata: metadata, to: file)
  }

  @Test func whoKnowsTheChecksumCannotGiveAGroupTheWrongTensors() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "f")
      var training = Small.training(groups())
      try Small.goOn(&training, epochs: 1)
      let name = "optimizer.0.means.first.weight"
      try training.save(to: file)
      try tamper(file) { tensors, _ in tensors[name] = .zeros([2]) }
      let (wrong, right) = (TensorType(.float32, [2]), TensorType(.float32, [6, 4]))
      #expect(problem(file, training) == .parameterState(name, saved: wrong, parameter: right))
      try training.save(to: file)
      try tamper(file) { tensors, _ in tensors["optimizer.odd"] = .zeros([2]) }
      #expect(problem(file, training) == .unexpected("optimizer.odd"))
      // None of these is damage, for which an older one would be taken.
      for problem in [
        .parameterState(name, saved: wrong, parameter: right), .unexpected("a"),
        .otherOptimizer(saved: "SGD", now: "Adam"),
      ] as [CheckpointError.Problem] {
        #expect(!CheckpointError(file: "f", problem: problem).isDamage)
      }
    }
  }

  /// Another step after the last number that can be counted to would stop the program without a word.
  @Test func stepsThatNoOneHasTakenAreRefused() throws {
    try withTemporaryFolder { folder in
      let (file, training) = (folder.appending(path: "f"), Small.training(SGD(learningRate: 0.1)))
      for key in ["epoch", "batch", "step"] {
        for (count, fits) in [(7, true), (Int.max, false), (-1, false)] {
          try training.save(to: file)
          try tamper(file) { _, metadata in
            metadata["adjoint.training"]?.replace("\"\(key)\":0", with: "\"\(key)\":\(count)")
          }
          #expect((problem(file, training) == nil) == fits, "\(key) \(count)")
        }
      }
    }
  }

  /// Doubles with all their digits, and what is no number.
  @Test func numbersComeBackExactly() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "f")
      var training = Small.training(SGD(learningRate: 0.1.nextUp))
      let generator = Philox(seed: 3)
      let numbers =
        [
          0.1 + 0.2, 1 / 3, Double.leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0, .infinity,
          -.infinity,
        ]
        + (0..<200).map { exponent in
          Double(
            sign: .plus, exponent: exponent - 100, significand: 1 + generator.uniform(exponent))
        }
      for (step, number) in numbers.enumerated() {
        training.history.record(epoch: 0, step: step, [("x", number)])
        training.means.add("x\(step)", number)
      }
      training.history.record(epoch: 0, step: 0, [("x", .nan)])
      training.generator = Philox(seed: .max - 1)
      try training.save(to: file)
      var other = Small.training(SGD(learningRate: 1), seed: 2)
      try other.load(from: file)
      #expect(other.history["x"].dropLast().map(\.bitPattern) == numbers.map(\.bitPattern))
      #expect(other.history["x"].last?.isNaN == true)
      #expect(other.isSame(as: training))
    }
  }

  /// The problem of loading a file into a training, which has to be as before then.
  private func problem<Rule: Optimizer>(
    _ file: URL, _ training: TrainingState<SmallNet, Rule>
  ) -> CheckpointError.Problem? {
    var copy = training
    do {
      try copy.load(from: file)
      return nil
    } catch {
      #expect(copy.isSame(as: training))
      #expect(error.file == file.lastPathComponent)
      return error.problem
    }
  }

  @Test func aByteThatIsChangedAnywhereShows() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "f")
      var training = Small.training(SGD(learningRate: 0.1, momentum: 0.5))
      try Small.goOn(&training, epochs: 1)
      try training.save(to: file)
      let bytes = [UInt8](try Data(contentsOf: file))
      var generator = Philox(seed: 8)
      for place in bytes.indices {
        // White space for white space is what readers of JSON pass over.
        let other: UInt8 =
          bytes[place] == 0x20
          ? 0x0A : bytes[place] ^ UInt8.random(in: 1...255, using: &generator)
        var changed = bytes
        changed[place] = other
        try Data(changed).write(to: file)
        #expect(problem(file, training) != nil, "byte \(place): \(bytes[place]) became \(other)")
      }
      for count in stride(from: 0, to: bytes.count, by: 7) {
        try Data(bytes[..<count]).write(to: file)
        #expect(problem(file, training) != nil, "cut to \(count)")
      }
      try Data(bytes + [0]).write(to: file)
      #expect(problem(file, training) != nil)
      try Data(bytes).write(to: file)
      #expect(problem(file, training) == nil)
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "f")
      let training = Small.training(SGD(learningRate: 0.1))
      guard case .file = problem(folder.appending(path: "none"), training) else {
        Issue.record("a file that is not there was read")
        return
      }
      try training.model.save(to: file)
      #expect(problem(file, training) == .foreign)
      try training.save(to: file)
      #expect(
        problem(file, Small.training(Adam())) == .otherOptimizer(saved: "SGD", now: "Adam"))
      var other = training
      other.settings["batch size"] = "32"
      #expect(problem(file, other) == .settings("batch size", saved: nil, now: "32"))
      let model = TrainingState(BatchNorm(3), training.optimizer, generator: Philox(seed: 1))
      try model.save(to: file)
      guard case .model = problem(file, training) else {
        Issue.record("another model was loaded")
        return
      }
    }
  }

  @Test func aLaterVersionIsRefused() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "f")
      try Safetensors.write([:], metadata: ["adjoint.checkpoint": "2"], to: file)
      #expect(problem(file, Small.training(Adam())) == .newer(version: 2))
    }
  }

  @Test func aDiskThatFailsLeavesTheOldFile() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "f")
      var training = Small.training(Adam())
      try training.save(to: file)
      let old = try Data(contentsOf: file)
      try Small.goOn(&training, epochs: 1)
      for step in FileStep.allCases where step != .syncFolder && step != .permissions {
        let error = FileStep.$fault.withValue({ $0 == step ? ENOSPC : nil }) {
          #expect(throws: CheckpointError.self) { try training.save(to: file) }
        }
        guard case .file(let problem) = error?.problem, case .unwritable = problem.problem else {
          Issue.record("\(step): \(String(describing: error))")
          continue
        }
        #expect(try Data(contentsOf: file) == old)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
      }
    }
  }

  /// The check value of CRC-64/XZ in the catalogue of parametrised CRC algorithms.
  @Test func theChecksumIsTheStandards() {
    var sum = CRC64()
    unsafe Array("123456789".utf8).withUnsafeBytes { unsafe sum.add($0) }
    #expect(sum.value == 0x995D_C9BB_DF19_39FA)
  }
}

@Suite("Folders of checkpoints")
struct CheckpointFolderTests {
  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func theLastAndTheBestAreKept() throws {
    try withTemporaryFolder { folder in
      let checkpoints = try CheckpointFolder(folder.appending(path: "a/b"), keepingLast: 2)
      var training = Small.training(SGD(learningRate: 0.1))
      #expect(try checkpoints.restore(&training) == nil)
      try Small.goOn(&training, epochs: 1) { training in
        try checkpoints.save(training, isBest: training.step == 2)
      }
      #expect(
        try names(checkpoints.folder) == [
          "best.safetensors", "step-000000004.safetensors", "step-000000005.safetensors",
        ])
      #expect(checkpoints.files.map(\.lastPathComponent).first == "step-000000005.safetensors")
      var best = Small.training(SGD(learningRate: 0.1))
      try best.load(from: #require(checkpoints.best))
      #expect(best.step == 2)
    }
  }

  /// Trained anew twice in the same folder: the latest is what the last one has saved.
  @Test func aTrainingThatIsBegunAnewIsTheLatest() throws {
    try withTemporaryFolder { folder in
      let checkpoints = try CheckpointFolder(folder)
      for _ in 0..<3 {
        var training = Small.training(SGD(learningRate: 0.1))
        try checkpoints.save(training)
        #expect(checkpoints.files.count == 1)
        try Small.goOn(&training, epochs: 1)
        try checkpoints.save(training)
      }
    }
  }

  /// Names of 10 digits come after those of 9, though not as texts.
  @Test func anyNumberOfStepsIsInOrder() throws {
    try withTemporaryFolder { folder in
      let checkpoints = try CheckpointFolder(folder)
      var training = Small.training(SGD(learningRate: 0.1))
      for step in [999_999_998, 999_999_999, 1_000_000_000, 1_000_000_001] {
        training.step = step
        try checkpoints.save(training)
      }
      #expect(
        try names(folder) == [
          "step-1000000000.safetensors", "step-1000000001.safetensors",
          "step-999999999.safetensors",
        ])
      #expect(try checkpoints.restore(&training)?.file == checkpoints.files[0])
      #expect(training.step == 1_000_000_001)
    }
  }

  /// Training would begin anew, and replace what is there.
  @Test func aFolderThatCannotBeReadIsNotTakenForAnEmptyOne() throws {
    try withTemporaryFolder { folder in
      let checkpoints = try CheckpointFolder(folder.appending(path: "gone"))
      try FileManager.default.removeItem(at: checkpoints.folder)
      var training = Small.training(SGD(learningRate: 0.1))
      let error = #expect(throws: CheckpointError.self) { try checkpoints.restore(&training) }
      guard case .file(let problem) = error?.problem, case .unreadable = problem.problem else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(checkpoints.files.isEmpty && error?.isDamage == false)
    }
  }

  @Test func whatKilledProcessesLeaveIsRemoved() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b", "c"] {
        try Data([1, 2, 3]).write(to: folder.appending(path: ".adjoint-\(name).partial"))
      }
      try Data("mine".utf8).write(to: folder.appending(path: "notes.partial"))
      _ = try CheckpointFolder(folder)
      #expect(try names(folder) == ["notes.partial"])
    }
  }

  @Test func theOneBeforeIsTakenWhereTheLatestIsDamaged() throws {
    try withTemporaryFolder { folder in
      let checkpoints = try CheckpointFolder(folder)
      var training = Small.training(SGD(learningRate: 0.1))
      try Small.goOn(&training, epochs: 1) { try checkpoints.save($0) }
      let files = checkpoints.files
      try Data(Data(contentsOf: files[0]).dropLast()).write(to: files[0])
      var resumed = Small.training(SGD(learningRate: 0.1), seed: 2)
      let found = try #require(try checkpoints.restore(&resumed))
      #expect(found.file.lastPathComponent == files[1].lastPathComponent && resumed.step == 4)
      #expect(found.damaged.map(\.file) == [files[0].lastPathComponent])
      #expect(try names(folder).contains(files[0].lastPathComponent + ".damaged"))
      #expect(checkpoints.files.count == 2)

      for file in checkpoints.files { try Data("no".utf8).write(to: file) }
      let before = resumed
      #expect(throws: CheckpointError.self) { try checkpoints.restore(&resumed) }
      #expect(resumed.isSame(as: before))
      #expect(checkpoints.files.count == 2)
    }
  }

  @Test func oneThatDoesNotFitIsNotPassedOver() throws {
    try withTemporaryFolder { folder in
      let checkpoints = try CheckpointFolder(folder)
      try checkpoints.save(Small.training(SGD(learningRate: 0.1)))
      var other = Small.training(SGD(learningRate: 0.1))
      other.settings["seed"] = "2"
      let error = #expect(throws: CheckpointError.self) { try checkpoints.restore(&other) }
      #expect(
        "\(error!)"
          == "step-000000000.safetensors: was trained with seed not given, and this training has it 2; "
          + "go on with what it was trained with")
    }
  }
}
