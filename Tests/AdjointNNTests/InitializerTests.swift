import Adjoint
import AdjointNN
import Testing

@Suite("How parameters start")
struct InitializerTests {
  private func drawn(_ initializer: Initializer, _ shape: [Int]) -> Tensor {
    var generator = Philox(seed: 5)
    return initializer(shape, dtype: .float64, using: &generator)
  }

  /// Of n numbers the mean has the deviation σ/√n, and the variance at most √(2/n)·σ²: five of them are allowed.
  private func expect(_ x: Tensor, variance: Double) {
    let count = Double(x.count)
    #expect(abs(Double(x.mean())) <= 5 * (variance / count).squareRoot())
    #expect(abs(Double(x.variance()) / variance - 1) <= 5 * (2 / count).squareRoot())
  }

  /// A weight of 20 outputs and 30 inputs with a kernel of 4·5: fan-in 600, fan-out 400.
  @Test func variances() {
    let shape = [20, 30, 4, 5]
    for distribution in [Initializer.Distribution.normal, .uniform, .truncatedNormal] {
      expect(drawn(.he(distribution), shape), variance: 2.0 / 600)
      expect(drawn(.he(distribution, fan: .output, slope: 1), shape), variance: 1.0 / 400)
      expect(drawn(.glorot(distribution, gain: Gain.tanh), shape), variance: 25.0 / 9 / 500)
      expect(drawn(.leCun(distribution), shape), variance: 1.0 / 600)
    }
    let bound = (3.0 * 2 / 600).squareRoot()
    #expect(Double(drawn(.heUniform, shape).magnitude().max()) <= bound)
    // PyTorch's linear layers: uniform within 1/√fan-in.
    let linear = drawn(.he(.uniform, slope: 5.0.squareRoot()), shape)
    expect(linear, variance: 1.0 / 600 / 3)
  }

  @Test func truncation() {
    let x = drawn(.truncatedNormal(deviation: 3, within: 1.5), [300, 100])
    #expect(Double(x.magnitude().max()) <= 4.5)
    // 1 − 2b·φ(b)/(2Φ(b) − 1) for b = 1.5, with φ(1.5) = 0.12951760 and Φ(1.5) = 0.93319280.
    expect(x, variance: 9 * (1 - 3 * 0.12951760 / 0.86638560))
    let scaled = drawn(.leCun(.truncatedNormal), [300, 100])
    #expect(Double(scaled.magnitude().max()) <= 2 / 0.8796256610342398 / 10)
  }

  @Test("Orthogonal maps", arguments: [[6, 6], [4, 9], [9, 4], [3, 2, 2, 2]])
  func orthogonal(_ shape: [Int]) {
    let weight = drawn(.orthogonal(gain: 2), shape).reshaped(to: [shape[0], -1])
    let rows = weight.shape[0] <= weight.shape[1]
    let product = rows ? weight.matMul(weight.transposed()) : weight.transposed().matMul(weight)
    let unit = Tensor.range(0..<product.shape[0])
    let identity = (unit.expanded(at: 0) .== unit.expanded(at: 1)).cast(to: .float64)
    #expect(product.isClose(to: identity * 4, relative: 0, absolute: 1e-14))
  }

  @Test func diracConvolutionsPassTheirInputsOn() {
    var generator = Philox(seed: 6)
    let x = batch([2, 3, 5, 4], dtype: .float32)
    let same = Conv2D(
      3, 3, kernel: 3, padding: 1, bias: false, weight: .dirac(), using: &generator)
    #expect(same.predict(x) == x)
    let twice = Conv2D(
      3, 7, kernel: [1, 3], padding: .same, bias: false, weight: .identity, using: &generator)
    let y = twice.predict(x)
    #expect(y.slice(0..<3, along: 1) == x && y.slice(3..<7, along: 1) == .zeros([2, 4, 5, 4]))
    #expect(
      drawn(.dirac(groups: 2), [4, 2])
        == Tensor([[1, 0], [0, 1], [1, 0], [0, 1]] as [[Double]]))
  }
}
