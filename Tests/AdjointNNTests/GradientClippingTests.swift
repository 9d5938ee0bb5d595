import Adjoint
import AdjointNN
import Testing

/// A matrix, a vector of another type, a buffer, and a tensor that is named twice.
private struct Mixed: Module {
  var matrix = Tensor([[3, 0], [0, 4]])
  var vector = Tensor([12] as [Double])
  var buffer = Tensor([100])

  mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("matrix", &matrix)
    visitor.parameter("vector", &vector)
    visitor.parameter("again", &matrix)
    visitor.buffer("buffer", &buffer)
  }
}

@Suite("Clipping and accumulating gradients")
struct GradientClippingTests {
  /// √(3² + 4² + 12²) = 13.
  @Test func theNormIsThatOfAllParametersTogether() {
    var gradient = Mixed()
    #expect(gradient.globalNorm == 13)
    #expect(gradient.clip(toNorm: 13) == 13 && gradient.vector == Mixed().vector)
    #expect(gradient.clip(toNorm: 6.5) == 13)
    #expect(gradient.matrix == Tensor([[1.5, 0], [0, 2]]))
    #expect(gradient.vector == Tensor([6] as [Double]) && gradient.buffer == Tensor([100]))
  }

  @Test func hugeAndTinyGradientsHaveANorm() {
    var gradient = Mixed()
    gradient.vector = Tensor([3e200, 4e200] as [Double])
    #expect(abs(gradient.globalNorm / 5e200 - 1) < 1e-15)
    gradient.matrix = .zeros([2, 2])
    gradient.vector = Tensor([3e-200, 4e-200] as [Double])
    #expect(abs(gradient.globalNorm / 5e-200 - 1) < 1e-15)
    gradient.vector = .zeros([2], dtype: .float64)
    #expect(gradient.globalNorm == 0 && gradient.clip(toNorm: 1) == 0)
  }

  /// The norm of (1.2, 1.6)·10³⁰⁸ is 2·10³⁰⁸, which float64 does not hold; its direction is (3, 4)/5.
  @Test func aNormMayBeMoreThanFloat64Holds() {
    var gradient = Mixed()
    gradient.vector = Tensor([1.2e308, -1.6e308] as [Double])
    #expect(gradient.clip(toNorm: 5) == .infinity)
    // Of four roundings.
    #expect(
      gradient.vector.isClose(to: Tensor([3, -4] as [Double]), relative: 1e-15, absolute: 0))
    #expect(gradient.matrix == .zeros([2, 2]))
  }

  @Test func whatIsNotFiniteStaysAsItIs() {
    var gradient = Mixed()
    gradient.vector = Tensor([.infinity, 1] as [Double])
    #expect(gradient.clip(toNorm: 1) == .infinity && gradient.vector.element(1) == 1)
    gradient.vector = Tensor([.nan, 1] as [Double])
    #expect(gradient.clip(toNorm: 1).isNaN && gradient.vector.element(1) == 1)
  }

  @Test func eachElementIsClipped() {
    var gradient = Mixed()
    gradient.matrix = Tensor([[-9, 0.5], [2, .nan]])
    gradient.clip(toValue: 2)
    #expect([Float](gradient.matrix).dropLast() == [-2, 0.5, 2])
    #expect(gradient.matrix.element(1, 1).isNaN)
    #expect(gradient.vector == Tensor([2] as [Double]) && gradient.buffer == Tensor([100]))
  }

  /// (1·g + 3·(−g)) / 4 = −g/2, exact in halves.
  @Test func theMeanIsWeighted() {
    var accumulator = GradientAccumulator<Mixed>()
    let gradient = Mixed()
    var opposite = gradient
    opposite.matrix = -gradient.matrix
    opposite.vector = -gradient.vector
    accumulator.add(gradient)
    #expect(accumulator.count == 1)
    accumulator.add(opposite, weight: 3)
    let mean = accumulator.takeMean()
    #expect(
      mean.matrix == Tensor([[-1.5, 0], [0, -2]]) && mean.vector == Tensor([-6] as [Double]))
    #expect(accumulator.count == 0)
    accumulator.add(gradient)
    #expect(accumulator.takeMean().matrix == gradient.matrix)
  }

  /// ‖(3, 3)·10³⁸‖ = 3·√2·10³⁸, which float32 cannot hold: (1, 1)/√2 has the norm 1.
  @Test func normsBeyondFloat32AreClipped() {
    var gradient = BatchNorm(2)
    (gradient.scale, gradient.shift) = (Tensor([3e38, 3e38]), .zeros([2]))
    #expect(abs(gradient.clip(toNorm: 1) / (3e38 * 2.0.squareRoot()) - 1) < 1e-7)
    let share = Float(0.5).squareRoot()
    #expect(gradient.scale!.isClose(to: Tensor([share, share]), relative: 1e-6, absolute: 0))
  }

  /// The factor 10⁻⁷/(3·10³⁸) is 0 in float32.
  @Test func factorsBelowFloat32Clip() {
    var gradient = BatchNorm(2)
    (gradient.scale, gradient.shift) = (Tensor([3e38, 1]), .zeros([2]))
    gradient.clip(toNorm: 1e-7)
    #expect(gradient.scale!.isClose(to: Tensor([1e-7, 0]), relative: 1e-6, absolute: 1e-44))
  }

  @Test func theMeanOverflowsNowhere() {
    func mean(_ values: [Float], weight: Double) -> Float {
      var accumulator = GradientAccumulator<BatchNorm>()
      for value in values {
        var gradient = BatchNorm(1)
        gradient.scale = Tensor([value])
        accumulator.add(gradient, weight: weight)
      }
      return Float(accumulator.takeMean().scale![0])
    }
    for weight in [1, 1e39, 1e-46] {
      #expect(mean([2e38, 2e38, 2e38, 2e38], weight: weight) == 2e38)
      #expect(mean([3e38, -3e38], weight: weight) == 0)
    }
  }

  /// Summed in float32 it would be off by some 10⁻⁵.
  @Test func theMeanOfManyIsRoundedOnce() {
    var accumulator = GradientAccumulator<BatchNorm>()
    var gradient = BatchNorm(1)
    for step in 0..<4_000 {
      gradient.scale = Tensor([step.isMultiple(of: 2) ? 0.1 : 0.3])
      accumulator.add(gradient)
    }
    // (0.1 + 0.3)/2 of the numbers in float32.
    let want = Float((Double(Float(0.1)) + Double(Float(0.3))) / 2)
    #expect(Float(accumulator.takeMean().scale![0]) == want)
  }
}
