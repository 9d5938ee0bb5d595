import Adjoint
import AdjointData
import AdjointFixtures
import AdjointNN
import AdjointTraining
import Foundation
import Testing

@Suite("Models in files")
struct ModelFileTests {
  /// The network of `Tests/Files/make.py`.
  private func net(seed: UInt64 = 1) -> some Layer {
    var generator = Philox(seed: seed)
    return Sequential {
      Conv2D(2, 3, kernel: 3, padding: 1, bias: false, using: &generator)
      BatchNorm(3)
      ReLU()
      Flatten()
      Dropout(rate: 0.25, using: &generator)
      Linear(3 * 4 * 4, 5, using: &generator)
      LayerNorm(5)
    }
  }

  @Test func aNetworkOfPyTorchComputesTheSameHere() throws {
    let values = try Safetensors.read(Fixture.file("torch-net-values.safetensors"))
    let (x, y) = try (values.tensor("x"), values.tensor("y"))
    for name in ["torch-net.safetensors", "net.safetensors.index.json"] {
      var model = net()
      #expect(!model.predict(x).isClose(to: y))
      let left = try model.load(from: Fixture.file(name), renaming: .pyTorch)
      #expect(left.missing.isEmpty && left.unexpected.isEmpty)
      // Sums of 18 and 48 products in single precision, normalized: some units of 6·10⁻⁸.
      #expect(model.predict(x).isClose(to: y, relative: 1e-6, absolute: 1e-6))
      #expect(model.state["1.batchCount"] == Tensor([3] as [Int32]).reshaped(to: []))
    }
  }

  /// Matrices of 1 MiB, which can stay in their file, until a step of the optimizer replaces them.
  @Test func stepsAfterLoadingLeaveTheFileAlone() throws {
    func step(_ training: inout TrainingState<Linear, Adam>) {
      let (_, gradient) = valueAndGradient(of: &training.model) { model in
        model(.full([2, 512], 0.5), .training).squared().mean()
      }
      training.optimizer.update(&training.model, along: gradient)
    }
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      var generator = Philox(seed: 1)
      var whole = TrainingState(
        Linear(512, 512, using: &generator), Adam(), generator: Philox(seed: 2))
      step(&whole)
      try whole.save(to: file)
      let saved = try Data(contentsOf: file)
      var resumed = TrainingState(
        Linear(512, 512, using: &generator), Adam(), generator: Philox(seed: 3))
      try resumed.load(from: file)
      for _ in 0..<2 {
        step(&whole)
        step(&resumed)
      }
      #expect(resumed.model.state.dictionary == whole.model.state.dictionary)
      #expect(resumed.optimizer.state == whole.optimizer.state)
      #expect(try Data(contentsOf: file) == saved)
    }
  }

  @Test func aModelSavedAndLoadedIsTheSame() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("model.safetensors")
      let model = net(seed: 2)
      try model.save(to: file, metadata: ["epoch": "3"])
      #expect(try Safetensors.read(file).metadata == ["epoch": "3"])
      var other = net(seed: 3)
      try other.load(from: file)
      #expect(other.state.dictionary == model.state.dictionary)
    }
  }

  @Test func whatPyTorchSavedIsSavedAgainUnderItsNames() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("model.safetensors")
      var model = net()
      try model.load(from: Fixture.file("torch-net.safetensors"), renaming: .pyTorch)
      try model.save(to: file, renaming: .pyTorch)
      let (saved, first) = try (
        Safetensors.read(file), Safetensors.read(Fixture.file("torch-net.safetensors"))
      )
      #expect(Set(saved.names) == Set(first.names))
      for name in first.names { #expect(try saved.tensor(name) == first.tensor(name)) }
    }
  }

  @Test func aFileThatDoesNotFitChangesNothing() throws {
    var model = net()
    let before = model.state.dictionary
    let wrong = #expect(throws: StateError.self) {
      try model.load(from: Fixture.file("torch-net.safetensors"))
    }
    #expect(wrong!.problems.contains(.missing(name: "1.scale", nearest: nil)))
    #expect(throws: FileError.self) { try model.load(from: URL(filePath: "/nowhere")) }
    #expect(model.state.dictionary == before)
  }
}
