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

  @Test("Paddings as PyTorch has them")
  func paddings() {
    let x = Tensor.range(0..<6).reshaped(to: [1, 1, 2, 3]).cast(to: .float32)
    func expect(_ layer: Padding, _ shape: [Int], _ elements: [Float]) {
      let y = layer(x)
      #expect(y.shape == [1, 1] + shape && [Float](y) == elements, "\(layer): \(y)")
    }
    expect(
      Padding([1, 2], .reflection), [4, 7],
      [
        5, 4, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 1, 0, 5, 4, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 1, 0,
      ])
    expect(
      Padding(before: [0, 1], after: [2, 0], .edge), [4, 4],
      [0, 0, 1, 2, 3, 3, 4, 5, 3, 3, 4, 5, 3, 3, 4, 5])
    expect(
      Padding(1, .wrap), [4, 5],
      [5, 3, 4, 5, 3, 2, 0, 1, 2, 0, 5, 3, 4, 5, 3, 2, 0, 1, 2, 0])
    expect(
      Padding(before: [0, 1], after: [1, 0], .value(7)), [3, 4],
      [7, 0, 1, 2, 7, 3, 4, 5, 7, 7, 7, 7])
    expect(Padding(0), [2, 3], [0, 1, 2, 3, 4, 5])
  }

  @Test("Blocks of pixels become channels as in PyTorch, and go back")
  func blocks() {
    let x = Tensor.range(0..<16).reshaped(to: [1, 2, 2, 4]).cast(to: .float32)
    let y = PixelUnshuffle(2)(x)
    #expect(y.shape == [1, 8, 1, 2])
    #expect([Float](y) == [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15])
    #expect(PixelShuffle(2)(y) == x)
  }

  @Test("What shrinks is as in PyTorch")
  func shrinking() {
    let x = Tensor([-2, -0.5, -0.3, 0, 0.2, 0.5, 0.7, 3], dtype: .float64)
    #expect([Double](HardShrink()(x)) == [-2, 0, 0, 0, 0, 0, 0.7, 3])
    #expect([Double](SoftShrink()(x)) == [-1.5, 0, 0, 0, 0, 0, 0.7 - 0.5, 2.5])
    let tanh = [
      -1.035972419924183, -0.03788284273999021, -0.008687387548409087, 0, 0.002624679775096006,
      0.03788284273999021, 0.09563222288283646, 2.0049452463132695,
    ]
    for (found, wanted) in zip([Double](TanhShrink()(x)), tanh) {
      // x and tanh x are rounded to half a unit each.
      #expect(abs(found - wanted) < 1e-15)
    }
    // At the ends the slope is that of what is left out.
    let slopes = gradient(at: x) { SoftShrink()($0).sum() }
    #expect([Double](slopes) == [1, 0, 0, 0, 0, 0, 1, 1])
    #expect([Float](SoftShrink()(Tensor([.nan, .infinity])))[0].isNaN)
  }

  @Test func pooledExtentsFollowTheFormula() {
    let x = Tensor.zeros([1, 2, 7, 9])
    #expect(MaxPool2D(3, stride: 2, padding: 1)(x).shape == [1, 2, 4, 5])
    #expect(AveragePool2D(2)(x).shape == [1, 2, 3, 4])
  }

  /// ⌈7/2⌉ = 4 and ⌈9/3⌉ = 3 windows, whatever their extents.
  @Test func samePaddingKeepsTheExtentsButForTheStride() {
    var generator = Philox(seed: 7)
    let x = Tensor.zeros([1, 2, 7, 9])
    for kernel in 1...6 {
      let layer = Conv2D(2, 1, kernel: kernel, padding: .same, using: &generator)
      #expect(layer.predict(x).shape == [1, 1, 7, 9])
      #expect(MaxPool2D(kernel, stride: [2, 3], padding: .same)(x).shape == [1, 2, 4, 3])
    }
    let layer = Conv2D(
      2, 3, kernel: [2, 5], stride: [2, 3], padding: .same, dilation: [3, 1], using: &generator)
    #expect(layer.predict(x).shape == [1, 3, 4, 3])
    #expect(layer.summary.contains("Conv2D"))
  }

  @Test func globalPoolingLeavesChannels() {
    let x = batch([2, 3, 4, 5])
    #expect(GlobalAveragePool()(x) == x.mean(over: [2, 3]))
    #expect(GlobalMaxPool()(x) == x.max(over: [2, 3]))
    #expect(GlobalAveragePool(keepingAxes: true)(x).shape == [2, 3, 1, 1])
    #expect(AdaptiveAveragePool(to: 1)(x).isClose(to: GlobalAveragePool(keepingAxes: true)(x)))
  }

  @Test func whatTwoWindowsShareStandsOnceWhenPoolingIsUndone() {
    // Windows 0…2 and 2…4 have the same largest element, that of place 2.
    let x = Tensor([1, 3, 9, 2, 4], shape: [1, 1, 5], dtype: .float64)
    let pool = MaxPool1D(3, stride: 2)
    let unpool = MaxUnpool1D(3, stride: 2)
    let (values, places) = pool.withPlaces(x)
    #expect(places == Tensor([2, 2] as [Int32], shape: [1, 1, 2]))
    #expect([Double](unpool(values, at: places)) == [0, 0, 9, 0, 0])
    let report = checkGradients(at: [x]) { inputs in
      let (values, places) = pool.withPlaces(inputs[0])
      return [unpool(values, at: places)]
    }
    #expect(report.passed, "\(report)")
    // By the values, of which only the last stands there.
    let slopes = gradient(at: values) { unpool($0, at: places).sum() }
    #expect([Double](slopes) == [0, 1])
  }

  /// Slopes have the mean 11/48 and the deviation (1/3 − 1/8)/√12 = 0.0601.
  @Test func randomSlopesAreThoseOfTheResult() {
    var generator = Philox(seed: 10)
    var layer = RReLU(using: &generator)
    let x = Tensor.normal([100, 100], dtype: .float64, using: &generator)
    var first = layer
    let y = layer(x, .training)
    #expect(y == first(x, .training) && layer(x, .training) != y)
    let (inputs, results) = ([Double](x), [Double](y))
    var slopes: [Double] = []
    for (x, y) in zip(inputs, results) {
      if x > 0 { #expect(x == y) } else { slopes.append(y / x) }
    }
    // A quotient is rounded by half a unit or so.
    #expect(slopes.allSatisfy { $0 > 0.125 - 1e-15 && $0 < 1.0 / 3 + 1e-15 })
    let count = Double(slopes.count)
    // Within 5 deviations of the mean of so many.
    #expect(abs(slopes.reduce(0, +) / count - 11.0 / 48) < 5 * 0.0602 / count.squareRoot())
    var again = first
    again.key = layer.key
    let gradient = gradient(at: x) { x in
      var copy = again
      return copy(x, .training).sum()
    }
    for (x, (slope, y)) in zip(inputs, zip([Double](gradient), [Double](again(x, .training)))) {
      #expect(x > 0 ? slope == 1 : abs(slope - y / x) < 1e-15)
    }
  }

  @Test("What is dropped is dropped as a whole", arguments: [Dropout.Unit.channels, .samples])
  func units(_ unit: Dropout.Unit) {
    var generator = Philox(seed: 8)
    var dropout = Dropout(rate: 0.5, of: unit, using: &generator)
    let y = dropout(.ones([64, 8, 3, 2]), .training)
    let axes = unit == .channels ? [2, 3] : [1, 2, 3]
    let (least, most) = (y.min(over: axes), y.max(over: axes))
    #expect(least == most)
    let kept = [Float](most).filter { $0 == 2 }.count
    #expect([Float](most).allSatisfy { $0 == 0 || $0 == 2 })
    // Half of them, within 5 deviations of √n/2.
    let count = Double(most.count)
    #expect(abs(Double(kept) - count / 2) <= 2.5 * count.squareRoot())
    #expect(dropout(.ones([2, 2]), .inference) == .ones([2, 2]))
  }

  @Test func aTableOfVectorsIsLookedUp() {
    var generator = Philox(seed: 9)
    let table = Embedding(5, 3, padding: 4, using: &generator)
    let places = Tensor([[0, 4], [2, 0]] as [[Int32]])
    let y = table.predict(places)
    #expect(y.shape == [2, 2, 3] && y[0][1] == .zeros([3]) && y[1][0] == table.weight[2])
    #expect(table.weight[4] == .zeros([3]))
    let features = batch([2, 3], dtype: .float32)
    #expect(table.logits(of: features) == features.matMul(table.weight.transposed()))
    let report = checkGradients(of: table, at: [:]) { table, _ in table(places, .training) }
    #expect(report.passed, "\(report)")
  }
}
