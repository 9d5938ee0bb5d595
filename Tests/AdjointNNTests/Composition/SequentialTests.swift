import Adjoint
import AdjointNN
import Testing

@Suite("Layers made of layers")
struct SequentialTests {
  private func names(_ model: some Layer) -> [String] { model.tensors(.parameter).map(\.path) }

  /// A model whose parts depend on what is asked for.
  private func model(depth: Int, normalizes: Bool, wide: Bool) -> some Layer {
    var generator = Philox(seed: 1)
    let extra: [any Layer] = [ReLU(), LayerNorm(2)]
    return Sequential {
      Linear(2, 2, bias: false, using: &generator)
      for _ in 0..<depth {
        ReLU()
        Linear(2, 2, bias: false, using: &generator)
      }
      if normalizes { LayerNorm(2) }
      if wide {
        Linear(2, 5, bias: false, using: &generator)
        Linear(5, 2, bias: false, using: &generator)
      } else {
        BatchNorm(2, shift: false)
      }
      extra
      [BatchNorm(2, shift: false), BatchNorm(2, shift: false)]
    }
  }

  @Test func numbersGoOnThroughConditionsLoopsAndArrays() {
    #expect(
      names(model(depth: 2, normalizes: true, wide: true)) == [
        "0.weight", "2.weight", "4.weight", "5.scale", "5.shift", "6.weight", "7.weight", "9.scale",
        "9.shift", "10.scale", "11.scale",
      ])
    #expect(
      names(model(depth: 0, normalizes: false, wide: false)) == [
        "0.weight", "1.scale", "3.scale", "3.shift", "4.scale", "5.scale",
      ])
  }

  @Test func theLayersAreAppliedInOrder() {
    for depth in 0..<3 {
      for flag in [true, false] {
        let model = Sequential {
          Lambda { x in x + 1 }
          for number in 0..<depth { Lambda { x in x * Double(number + 2) } }
          if flag {
            Lambda { x in -x }
          } else {
            Lambda { x, mode in mode == .training ? x : x + 5 }
          }
          [Identity(), Lambda { x in x * 10 }] as [any Layer]
        }
        let product = [1.0, 2, 6][depth]
        let expected = flag ? -(2 * product) : 2 * product + 5
        #expect(Double(model.predict(Tensor(1))) == expected * 10)
      }
    }
  }

  @Test func layersAreFoundAndChangedByNumber() {
    var generator = Philox(seed: 2)
    let chosen: any Layer = BatchNorm(3)
    var model = Sequential {
      Linear(3, 3, using: &generator)
      for rate in [0.1, 0.2] { Dropout(rate: rate, using: &generator) }
      AnyLayer(chosen)
      Sequential { LayerNorm(3) }
    }
    #expect(model.layers.0.weight.shape == [3, 3])
    #expect(model[2, as: Dropout.self].rate == 0.2)
    model[2, as: Dropout.self].rate = 0.5
    #expect(model[1, as: Dropout.self].rate == 0.1 && model[2, as: Dropout.self].rate == 0.5)
    model[4, as: Sequential<LayerNorm>.self][0, as: LayerNorm.self].epsilon = 1
    #expect(model[4, as: Sequential<LayerNorm>.self].layers.epsilon == 1)
    var paths: [String] = []
    model.forEach(BatchNorm.self) { path, norm in
      paths.append(path)
      norm.epsilon = 1
    }
    #expect(paths == ["3"] && model[3, as: BatchNorm.self].epsilon == 1)
  }

  @Test func stateOfLayersInsideIsKept() {
    var model = Sequential {
      for _ in 0..<2 { BatchNorm(2) }
      if true { BatchNorm(2) } else { ReLU() }
      [BatchNorm(2)] as [any Layer]
    }
    _ = model(batch([4, 2], dtype: .float32), .training)
    let counts = model.tensors(.buffer).filter { $0.path.hasSuffix("batchCount") }
    #expect(counts.map(\.path) == (0..<4).map { "\($0).batchCount" })
    #expect(counts.allSatisfy { Int($0.tensor) == 1 })
  }

  @Test func aModelOfLayersOfAnyTypeIsTrained() {
    var model = model(depth: 1, normalizes: true, wide: false)
    let x = batch([6, 2], dtype: .float32)
    let before = model.parameters
    let (_, gradient) = valueAndGradient(of: &model) { $0(x, .training).squared().mean() }
    var optimizer = SGD(learningRate: 0.1)
    optimizer.update(&model, along: gradient)
    // Its last layer is one of an array.
    #expect(model.parameters.last != before.last)
    #expect(unvisitedProperties(of: model).isEmpty)
  }

  @Test func residualAndDenseConnections() {
    var generator = Philox(seed: 3)
    let plain = Residual { Lambda { x in x * 2 } }
    #expect(plain.predict(Tensor([1, 2])) == Tensor([3, 6]))
    let x = batch([2, 3], dtype: .float32)
    let wide = Residual {
      Linear(3, 4, using: &generator)
    } shortcut: {
      Linear(3, 4, bias: false, using: &generator)
    }
    let (body, shortcut) = (wide.body.predict(x), wide.shortcut.predict(x))
    #expect(wide.predict(x) == shortcut + body)
    #expect(names(wide) == ["body.0.weight", "body.0.bias", "shortcut.0.weight"])
    let dense = DenseConnection { Linear(3, 2, using: &generator) }
    #expect(dense.predict(x)[0..<2].shape == [2, 5])
    #expect(dense.predict(x).slice(0..<3, along: 1) == x)
    #expect(names(dense) == ["body.0.weight", "body.0.bias"])
  }

  @Test func theLayerOfAPropertyMayBeOfAnyType() throws {
    struct Model: Layer {
      var norm: AnyLayer
      mutating func visit(_ visitor: inout Visitor) { visitor.child("norm", &norm) }
      mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { norm(x, mode) }
    }
    let models = [Model(norm: AnyLayer(LayerNorm(2))), Model(norm: AnyLayer(BatchNorm(2)))]
    #expect(models.map { $0.state.names.count } == [2, 5])
    #expect(models[1].state(renaming: .pyTorch).names[2] == "norm.running_mean")
    #expect(models[0].summary.contains("LayerNorm"))
    var frozen = Frozen(models[0])
    #expect(frozen.parameters.isEmpty)
    try frozen.load(models[0].state)
  }
}
