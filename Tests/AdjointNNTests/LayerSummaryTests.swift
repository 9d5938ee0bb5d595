import Adjoint
import Testing

@testable import AdjointNN

@Suite("What the layers of a model make of an input")
struct LayerSummaryTests {
  private typealias Row = LayerSummary.Row

  private func row(
    _ path: String?, _ type: String, _ shape: [Int]?, _ trained: Int = 0, frozen: Int = 0
  ) -> Row {
    Row(
      path: path, type: type, result: shape.map { TensorType(.float32, $0) }, trained: trained,
      frozen: frozen)
  }

  /// 4·3·3 weights and 4 biases, 64·10 and 10.
  @Test func layersInARowAreFoundWithTheirResults() {
    var generator = Philox(seed: 3)
    let model = Sequential {
      Conv2D(1, 4, kernel: 3, padding: 1, using: &generator)
      ReLU()
      MaxPool2D(2)
      Flatten()
      Dropout(rate: 0.5, using: &generator)
      ReLU()
      Linear(64, 10, using: &generator)
    }
    let summary = model.summary(for: .zeros([2, 1, 8, 8]))
    #expect(
      summary.rows == [
        row("0", "Conv2D", [2, 4, 8, 8], 40), row("1", "ReLU", [2, 4, 8, 8]),
        row("2", "MaxPool2D", [2, 4, 4, 4]), row("3", "Flatten", [2, 64]),
        row("4", "Dropout", [2, 64]), row("5", "ReLU", [2, 64]), row("6", "Linear", [2, 10], 650),
      ])
    #expect(summary.trained == model.parameterCount && summary.frozen == 0)
  }

  /// One layer is applied twice, one is frozen, one is never applied, and a parameter is in no layer.
  private struct Odd: Layer {
    var twice: Linear
    var frozen: Frozen<Linear>
    var idle: BatchNorm
    var memory: LSTM
    var gain = Tensor([1, 2, 3])

    init() {
      var generator = Philox(seed: 4)
      twice = Linear(3, 3, bias: false, using: &generator)
      frozen = Frozen(Linear(3, 3, using: &generator))
      idle = BatchNorm(5)
      memory = LSTM(3, 2, using: &generator)
    }

    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("twice", &twice)
      visitor.child("frozen", &frozen)
      visitor.child("idle", &idle)
      visitor.child("memory", &memory)
      visitor.parameter("gain", &gain)
    }

    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      memory(frozen(twice(twice(x, mode).relu(), mode), mode) * gain, mode)
    }
  }

  @Test func parametersCountOnceAndFrozenOnesApart() {
    let model = Odd()
    let summary = model.summary(for: .zeros([5, 7, 3]))
    // Four gates of 2 features of 3 inputs and 2 states, with two biases.
    let memory = 4 * 2 * (3 + 2 + 2)
    #expect(
      summary.rows == [
        row("twice", "Linear", [5, 7, 3], 9), row("twice", "Linear", [5, 7, 3]),
        row("frozen", "Linear", [5, 7, 3], frozen: 12), row("memory", "LSTM", [5, 7, 2], memory),
        row("idle", "BatchNorm", nil, 10), row("", "Odd", nil, 3),
      ])
    #expect(summary.trained == model.parameterCount && summary.frozen == 12)
    #expect(summary.trained == 9 + memory + 10 + 3)
  }

  @Test func theTableHasTotals() {
    var generator = Philox(seed: 5)
    let model = Sequential {
      Linear(4, 3, bias: false, using: &generator)
      ReLU()
    }
    let expected = """
      layer  type    result         trained  frozen
      0      Linear  float32[2, 3]       12       0
      1      ReLU    float32[2, 3]        0       0
      total                              12       0
      """
    #expect(model.summary(for: .zeros([2, 4])).description == expected)
  }
}
