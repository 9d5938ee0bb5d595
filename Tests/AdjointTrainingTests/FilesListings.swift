import Adjoint
import AdjointData
import AdjointFixtures
import AdjointNN
import AdjointTraining
import Foundation
import Testing

/// The code of the page "Files and checkpoints".
@Suite("The page on files")
struct FilesListings {
  private struct Gain: Layer {
    var gain = Tensor([2])
    mutating func visit(_ visitor: inout Visitor) { visitor.parameter("gain", &gain) }
    func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x * gain }
  }

  private struct Net: Layer {
    var body: Linear
    var norm = BatchNorm(3)
    var gain = Gain()
    init(seed: UInt64 = 1) {
      var generator = Philox(seed: seed)
      body = Linear(2, 3, using: &generator)
    }
    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("body", &body)
      visitor.child("norm", &norm)
      visitor.child("gain", &gain)
    }
    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      gain(norm(body(x, mode), mode), mode)
    }
  }

  @Test func aModelInAFile() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("model.safetensors")
      var model = Net()
      let before = model.state.dictionary
      // Save a model, and load it again.
      try model.save(to: file)
      try model.load(from: file)
      #expect(model.state.dictionary == before)
      let weights = folder.appendingPathComponent("weights.safetensors")
      var state = Net(seed: 2).cast(to: .float64).state
      state["norm.scale"] = nil
      state["head.weight"] = .zeros([3])
      try Safetensors.write(state.dictionary, to: weights)
      // A body without its head, in double precision.
      let left = try model.load(from: weights, allowing: [.missing, .unexpected, .conversion])
      print(left.missing, left.unexpected)
      #expect(left.missing == ["norm.scale"] && left.unexpected == ["head.weight"])
      #expect(model.body.weight == Net(seed: 2).body.weight)
    }
  }

  @Test func namesOfOthers() throws {
    try withTemporaryFolder { folder in
      let weights = folder.appendingPathComponent("weights.safetensors")
      var model = Net()
      try Net(seed: 2).save(to: weights, renaming: .pyTorch)
      // What torch wrote by safetensors.torch.save_file(net.state_dict(), "net.safetensors").
      try model.load(from: weights, renaming: .pyTorch)
      #expect(model.body.weight == Net(seed: 2).body.weight)
      // The module is called encoder there, and its norms bn.
      let names = Renaming.pyTorch
        .replacing(prefix: "body", by: "encoder")
        .replacing(part: "norm", by: "bn")
        .naming(["gain": "weight"], in: Gain.self)
      #expect(
        model.state(renaming: names).names == [
          "encoder.weight", "encoder.bias", "bn.weight", "bn.bias", "bn.running_mean",
          "bn.running_var", "bn.num_batches_tracked", "gain.weight",
        ])
      let archive = folder.appendingPathComponent("weights.npz")
      try NPZ.write(Net(seed: 3).state(renaming: .keras).dictionary, to: archive)
      // What numpy wrote, loaded under the names of Keras.
      let arrays = try NPZ.read(archive)
      try model.load(ModelState(arrays), renaming: .keras)
      #expect(arrays["body/kernel"]?.shape == [2, 3])
      #expect(model.body.weight == Net(seed: 3).body.weight)
    }
  }

  @Test func data() throws {
    try withTemporaryFolder { folder in
      var trained = 0
      func train(_ batch: LabeledData) { trained += batch.count }
      let houses = folder.appendingPathComponent("houses.csv")
      try Data("rooms,area,price\n3,70.5,200\n4,,300\n5,120,410\n".utf8).write(to: houses)
      // Columns by name; rows with missing fields are left out.
      let table = try CSVTable.read(houses)
      let prices = try table.data(
        inputs: ["rooms", "area"], targets: ["price"], missing: .leftOut)
      #expect(prices.labels == Tensor([[200], [410]]))
      let images = LabeledData(inputs: .ones([20, 1, 4, 4]), labels: .range(0..<20))
      // The same bits on any number of threads, prefetched or not.
      let loader = Loader(
        images, batchSize: 8, transforms: [.flipped(), .cropped(padding: 2)], seed: 1)
      for epoch in 0..<2 {
        for batch in loader.epoch(epoch) {
          train(batch)
        }
      }
      #expect(trained == 32)
      let (inputs, labels) = (
        folder.appendingPathComponent("x.npy"), folder.appendingPathComponent("y.npy")
      )
      try NPY.write(images.inputs, to: inputs)
      try NPY.write(images.labels, to: labels)
      // Batches from two files of NumPy.
      let streamed = try StreamedData(inputs: NPY.rows(inputs), labels: NPY.rows(labels))
      let batches = Loader(streamed, batchSize: 8, seed: 1).epoch(0)
      while let batch = try batches.next() {
        train(batch)
      }
      #expect(trained == 48)
    }
  }
}
