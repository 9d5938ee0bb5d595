import Adjoint
import AdjointCheck
import AdjointNN
import Testing

@Suite("Layers for images, and layer norm")
struct ImageLayerTests {
  @Test func aConvolutionalModelPassesTheChecker() {
    var generator = Philox(seed: 3)
    let model = Sequential {
      Conv2D(2, 3, kernel: 3, padding: 1, bias: false, dtype: .float64, using: &generator)
      BatchNorm(3, dtype: .float64)
      Tanh()
      MaxPool2D(2)
      Conv2D(3, 2, kernel: 2, stride: 2, dtype: .float64, using: &generator)
      AveragePool2D(2, stride: 1)
      Flatten()
    }
    let x = Tensor.normal([2, 2, 8, 8], dtype: .float64, using: &generator)
    let report = checkGradients(of: model, at: x, .training)
    #expect(report.passed, "\(report)")
  }

  @Test func layerNormPassesTheChecker() {
    var generator = Philox(seed: 4)
    let norm = LayerNorm(5, dtype: .float64)
    let x = Tensor.normal([2, 3, 5], dtype: .float64, using: &generator)
    let report = checkGradients(of: norm, at: x, .training, order: 2)
    #expect(report.passed, "\(report)")
  }

  @Test func theBiasOfAConvolutionIsAddedToEachChannel() {
    var generator = Philox(seed: 5)
    var layer = Conv2D(1, 2, kernel: 1, using: &generator)
    layer.weight = Tensor([1, 2], shape: [2, 1, 1, 1])
    layer.bias = Tensor([10, 20])
    let y = layer(Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]), .inference)
    #expect([Float](y) == [11, 12, 13, 14, 22, 24, 26, 28])
  }

  @Test func layersNameAllTheirTensors() {
    var generator = Philox(seed: 6)
    let convolution = Conv2D(2, 4, kernel: 3, groups: 2, using: &generator)
    #expect(convolution.tensors(.parameter).map(\.path) == ["weight", "bias"])
    #expect(convolution.weight.shape == [4, 1, 3, 3])
    #expect(LayerNorm(3).tensors(.parameter).map(\.path) == ["scale", "shift"])
  }

  @Test func pooledExtentsFollowTheFormula() {
    let x = Tensor.zeros([1, 2, 7, 9])
    #expect(MaxPool2D(3, stride: 2, padding: 1)(x).shape == [1, 2, 4, 5])
    #expect(AveragePool2D(2)(x).shape == [1, 2, 3, 4])
  }
}
