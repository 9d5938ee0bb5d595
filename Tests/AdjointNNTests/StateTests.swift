import Adjoint
import AdjointData
import AdjointFixtures
import Foundation
import Testing

@testable import AdjointNN

@Suite("The state of a model")
struct StateTests {
  private struct Pair: Module {
    var hidden: Linear
    var norm = BatchNorm(3)
    init(seed: UInt64) {
      var generator = Philox(seed: seed)
      hidden = Linear(2, 3, using: &generator)
    }
    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("hidden", &hidden)
      visitor.child("norm", &norm)
    }
  }

  /// Two names for one weight, and a name with a dot of its own.
  private struct Tied: Module {
    var weight = Tensor([1, 2])
    var list = [Tensor([3])]
    var frozen = Frozen(BatchNorm(1))
    mutating func visit(_ visitor: inout Visitor) {
      visitor.parameter("in", &weight)
      visitor.parameter("list.0", &list[0])
      visitor.parameter("out", &weight)
      visitor.child("frozen", &frozen)
    }
  }

  private let names = [
    "hidden.weight", "hidden.bias", "norm.scale", "norm.shift", "norm.runningMean",
    "norm.runningVariance", "norm.batchCount",
  ]

  @Test func theStateHasEveryTensorInOrder() {
    let state = Pair(seed: 1).state
    #expect(state.names == names)
    #expect(state["norm.runningVariance"] == .ones([3]))
    #expect(Tied().state.names.prefix(3) == ["in", "list.0", "frozen.scale"])
    // Of a frozen layer and what freezes it, both of one path, the layer has the tensors.
    #expect(
      Tied().state(renaming: .pyTorch).names == [
        "in", "list.0", "frozen.weight", "frozen.bias", "frozen.running_mean", "frozen.running_var",
        "frozen.num_batches_tracked",
      ])
  }

  @Test func aStateLoadedIsTheModelAgain() throws {
    let (first, tied) = (Pair(seed: 1), Tied())
    var second = Pair(seed: 2)
    #expect(second.state["hidden.weight"] != first.state["hidden.weight"])
    let left = try second.load(first.state)
    #expect(left == StateLeftovers())
    #expect(second.state.dictionary == first.state.dictionary)
    var other = tied
    var state = tied.state
    state["in"] = Tensor([5, 6])
    state["list.0"] = Tensor([7])
    state["frozen.scale"] = Tensor([8])
    try other.load(state)
    #expect(other.weight == Tensor([5, 6]) && other.list[0] == Tensor([7]))
    #expect(other.frozen.layer.scale == Tensor([8]))
  }

  /// 10³⁰⁰ is infinite in float32, and a variance is 0 or more: said by name, and nothing is set.
  @Test func numbersThatAModelCannotHaveAreRefused() {
    var model = Pair(seed: 1)
    let before = model.state
    var state = before
    state["hidden.weight"] = Tensor([1, 2, 3, -1e300, 5, 6] as [Double], shape: [3, 2])
    state["norm.runningVariance"] = Tensor([1, -2, .nan])
    #expect {
      try model.load(state, allowing: .conversion)
    } throws: { error in
      "\(error)" == """
        load: the state does not fit the model, which is as before:
          hidden.weight has an element -1e+300, which is more than float32 holds; load it into a model of float64
          norm.runningVariance has an element -2.0; give finite numbers from 0.0 on
        """
    }
    #expect(model.state.dictionary == before.dictionary)
    // What float64 has as infinite may be so here, too.
    state["hidden.weight"] = Tensor([1, 2, 3, .infinity, 5, 6] as [Double], shape: [3, 2])
    for unknown in [Float.nan, .infinity, -0.5] {
      state["norm.runningVariance"] = Tensor([1, 2, unknown])
      #expect(throws: StateError.self) { try model.load(state, allowing: .conversion) }
    }
    state["norm.runningVariance"] = Tensor([1, 2, 0])
    #expect(throws: Never.self) { try model.load(state, allowing: .conversion) }
    #expect([Float](model.hidden.weight)[3] == .infinity)
  }

  @Test func whatDoesNotFitIsListedAndNothingChanges() {
    var model = Pair(seed: 1)
    let before = model.state.dictionary
    var state = ModelState()
    state["hidden.wieght"] = .zeros([3, 2])
    state["hidden.bias"] = .zeros([2])
    state["norm.scale"] = .zeros([3], dtype: .float64)
    state["norm.shift"] = .zeros([3])
    state["norm.runningMean"] = .zeros([3])
    state["norm.runningVariance"] = .zeros([3], dtype: .int32)
    state["norm.batchCount"] = .zeros([], dtype: .int32)
    state["head"] = .zeros([1])
    let error = #expect(throws: StateError.self) { try model.load(state) }
    #expect(
      error?.problems == [
        .missing(name: "hidden.weight", nearest: "hidden.wieght"),
        .shape(name: "hidden.bias", module: [3], state: [2]),
        .dtype(name: "norm.scale", module: .float32, state: .float64),
        .dtype(name: "norm.runningVariance", module: .float32, state: .int32),
        .unexpected(name: "hidden.wieght", nearest: "hidden.weight"),
        .unexpected(name: "head", nearest: nil),
      ])
    #expect(
      "\(error!)" == """
        load: the state does not fit the model, which is as before:
          hidden.weight is missing; the nearest name is hidden.wieght
          hidden.bias is [2], and [3] in the model
          norm.scale is float64, and float32 in the model; allow .conversion
          norm.runningVariance is int32, and float32 in the model
          hidden.wieght is unexpected; the nearest name is hidden.weight
          head is unexpected
        """)
    #expect(model.state.dictionary == before)
    var many = ModelState()
    for number in 0..<30 { many["x\(number)"] = Tensor(0) }
    let long = #expect(throws: StateError.self) { try model.load(many) }
    // 7 are missing and 30 unexpected, of which 20 are listed.
    #expect("\(long!)".hasSuffix("\n  and 17 more"))
  }

  @Test func whatIsAllowedIsLetPassAndTold() throws {
    var model = Pair(seed: 1)
    var state = ModelState(["norm.shift": Tensor([1, 2, 3] as [Double]), "head": Tensor(1)])
    #expect(throws: StateError.self) { try model.load(state, allowing: [.missing, .unexpected]) }
    #expect(throws: StateError.self) { try model.load(state, allowing: [.missing, .conversion]) }
    let left = try model.load(state, allowing: [.missing, .unexpected, .conversion])
    #expect(left.unexpected == ["head"])
    #expect(left.missing == names.filter { $0 != "norm.shift" })
    #expect(model.norm.shift == Tensor([1, 2, 3]))
    state["head"] = nil
    #expect(state.names == ["norm.shift"])
  }

  @Test func renamingsAreRulesOneAfterTheOther() throws {
    let model = Pair(seed: 1)
    let renaming = Renaming.pyTorch.replacing(prefix: "hidden", by: "encoder.0")
      .replacing(part: "norm", by: "bn").replacing(prefix: "", by: "module")
    let state = model.state(renaming: renaming)
    #expect(
      state.names == [
        "module.encoder.0.weight", "module.encoder.0.bias", "module.bn.weight", "module.bn.bias",
        "module.bn.running_mean", "module.bn.running_var", "module.bn.num_batches_tracked",
      ])
    var other = Pair(seed: 2)
    try other.load(state, renaming: renaming)
    #expect(other.state.dictionary == model.state.dictionary)
    // Back again: out of the other's prefix.
    let bare = Renaming().followed(by: .pyTorch).replacing(prefix: "norm", by: "")
    #expect(model.state(renaming: bare).names.suffix(2) == ["running_var", "num_batches_tracked"])
    // Only whole parts are replaced.
    let none = Renaming().replacing(prefix: "hid", by: "x").replacing(part: "nor", by: "y")
    #expect(model.state(renaming: none).names == names)
  }

  @Test func aLayerOfOnesOwnIsNamedToo() throws {
    struct Scale: Layer {
      var gain = Tensor([2])
      var seen = Tensor(0)
      mutating func visit(_ visitor: inout Visitor) {
        visitor.parameter("gain", &gain)
        visitor.buffer("seen", &seen)
      }
      func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x * gain }
    }
    let model = Sequential {
      Scale()
      LayerNorm(1)
    }
    let names = Renaming.pyTorch.naming(["gain": "weight"], in: Scale.self)
      .leavingOut(["seen"], of: Scale.self)
    #expect(model.state(renaming: names).names == ["0.weight", "1.weight", "1.bias"])
  }

  @Test func whatPyTorchMayLackMayLack() throws {
    var model = Pair(seed: 1)
    var state = model.state(renaming: .pyTorch)
    state["norm.num_batches_tracked"] = nil
    #expect(try model.load(state, renaming: .pyTorch).missing == ["norm.batchCount"])
    state["norm.running_var"] = nil
    #expect(throws: StateError.self) { try model.load(state, renaming: .pyTorch) }
  }

  /// The network of `Tests/Files/make.py`, which NumPy computes as Keras has it.
  private struct KerasNet: Layer {
    var conv: Conv2D
    var norm = BatchNorm(4, epsilon: 1e-3)
    var drop: Dropout
    var dense: Linear
    init() {
      var generator = Philox(seed: 1)
      conv = Conv2D(2, 4, kernel: 3, padding: 1, using: &generator)
      drop = Dropout(rate: 0.5, using: &generator)
      dense = Linear(4, 3, using: &generator)
    }
    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("conv", &conv)
      visitor.child("norm", &norm)
      visitor.child("drop", &drop)
      visitor.child("dense", &dense)
    }
    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      dense(drop(norm(conv(x, mode), mode), mode).mean(over: [2, 3]), mode)
    }
  }

  @Test func aNetworkOfKerasComputesTheSameHere() throws {
    let arrays = try NPZ.read(Fixture.file("keras-net.npz"))
    let values = try NPZ.read(Fixture.file("keras-net-values.npz"))
    let (images, logits) = try (
      #require(values["images"]).transposed([0, 3, 1, 2]), #require(values["logits"])
    )
    let renaming = Renaming.keras.replacing(part: "conv", by: "conv2d")
      .replacing(part: "norm", by: "batch_normalization")
    var model = KerasNet().cast(to: .float64)
    try model.load(ModelState(arrays), renaming: renaming)
    // Some tens of roundings of 1.1·10⁻¹⁶, of values around 1.
    #expect(model.predict(images).isClose(to: logits, relative: 1e-13, absolute: 1e-13))
    #expect(model.state(renaming: renaming).dictionary == arrays)
    var single = KerasNet()
    try single.load(ModelState(arrays), renaming: renaming, allowing: .conversion)
    #expect(single.conv.weight.dtype == .float32)
    #expect(
      single.predict(images.cast(to: .float32))
        .isClose(to: logits.cast(to: .float32), relative: 1e-5, absolute: 1e-5))
  }

  @Test func layoutsOfKeras() {
    var generator = Philox(seed: 3)
    func shapes(_ model: some Module) -> [String: [Int]] {
      model.state(renaming: .keras).dictionary.mapValues(\.shape)
    }
    #expect(
      shapes(Conv3D(2, 5, kernel: [3, 4, 6], using: &generator))
        == ["kernel": [3, 4, 6, 2, 5], "bias": [5]])
    #expect(
      shapes(ConvTranspose1D(2, 5, kernel: 3, bias: false, using: &generator))
        == ["kernel": [3, 5, 2]])
    #expect(shapes(Embedding(4, 3, using: &generator)) == ["embeddings": [4, 3]])
    #expect(shapes(PReLU(3)) == ["alpha": [3]])
    #expect(shapes(GroupNorm(1, 2)) == ["gamma": [2], "beta": [2]])
  }

  @Test func twoTensorsOfOneNameStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Philox(seed: 1)
      let model = Sequential {
        Linear(1, 1, using: &generator)
        Linear(1, 1, using: &generator)
      }
      _ = model.state(renaming: Renaming().replacing(part: "1", by: "0"))
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("are called 0.weight, the second one is 1.weight; give each a name"))
  }

  @Test func nearestNamesAreLookedForWhereTheyAreListed() {
    // Of 2000 names against 2000, all would take a minute.
    var model = Stack(layers: Array(repeating: LayerNorm(1), count: 1000))
    let tensors = model.state.dictionary.map { ("x" + $0.key, $0.value) }
    let state = ModelState(Dictionary(uniqueKeysWithValues: tensors))
    let error = #expect(throws: StateError.self) { try model.load(state) }
    #expect(error?.problems.count == 4000)
    #expect(error?.problems[0] == .missing(name: "layers.0.scale", nearest: "xlayers.0.scale"))
    #expect(error?.problems[20] == .missing(name: "layers.10.scale", nearest: nil))
    #expect(error?.problems[2000] == .unexpected(name: "xlayers.0.scale", nearest: nil))
  }

  struct Stack: Module {
    var layers: [LayerNorm]
    mutating func visit(_ visitor: inout Visitor) { visitor.children("layers", &layers) }
  }

  @Test func nearestNamesAreThose() {
    // Distances by hand: kitten → sitting takes 3 changes.
    #expect(NearestName.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
    #expect(NearestName.distance([], Array("abc".utf8)) == 3)
    #expect(NearestName.of("wieght", in: ["bias", "weight", "height"]) == "weight")
    #expect(NearestName.of("weight", in: ["bias"]) == nil)
    #expect(NearestName.of("a", in: [String]()) == nil)
  }
}
