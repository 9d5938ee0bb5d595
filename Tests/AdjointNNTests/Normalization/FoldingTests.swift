import Adjoint
import AdjointNN
import Testing

@Suite("Folding batch norms into the layers before them")
struct FoldingTests {
  /// Some tens of roundings of numbers around 1.
  private func expectEqual(_ a: Tensor, _ b: Tensor) {
    #expect(a.isClose(to: b, relative: 1e-13, absolute: 1e-13))
  }

  @Test func oneLayerDoesTheWorkOfTwo() {
    var generator = Philox(seed: 3)
    let norm = trained(4, seed: 5)
    for bias in [true, false] {
      let linear = Linear(3, 4, bias: bias, dtype: .float64, using: &generator)
      let x = batch([5, 3])
      expectEqual(linear.folding(norm).predict(x), norm.predict(linear.predict(x)))
      let convolution = Conv2D(
        2, 4, kernel: 3, groups: 2, bias: bias, dtype: .float64, using: &generator)
      let images = batch([2, 2, 5, 5])
      expectEqual(
        convolution.folding(norm).predict(images), norm.predict(convolution.predict(images)))
      let transposed = ConvTranspose2D(
        2, 4, kernel: 2, stride: 2, groups: 2, bias: bias, dtype: .float64, using: &generator)
      expectEqual(
        transposed.folding(norm).predict(images), norm.predict(transposed.predict(images)))
    }
  }

  /// γ/√σ² is 2¹²⁹, which float32 does not hold, and W·γ/√σ² = 2²⁹.
  @Test func factorsMayBeMoreThanTheTypeHolds() {
    var generator = Philox(seed: 1)
    var linear = Linear(1, 1, using: &generator)
    linear.weight = Tensor([[0x1p-100]])
    linear.bias = Tensor([0x1p-120])
    var norm = BatchNorm(1, epsilon: 0)
    norm.scale = Tensor([0x1p64])
    norm.runningVariance = Tensor([0x1p-130])
    let folded = linear.folding(norm)
    #expect([Float](folded.weight) == [0x1p29])
    #expect([Float](folded.bias!) == [0x1p9])
  }

  /// A residual block, whose norms are named after all convolutions.
  private struct Block: Layer {
    var (first, second): (Conv2D, Conv2D)
    var (firstNorm, secondNorm) = (trained(2, seed: 20), trained(2, seed: 30))
    init() {
      var generator = Philox(seed: 4)
      first = Conv2D(2, 2, kernel: 3, padding: 1, dtype: .float64, using: &generator)
      second = Conv2D(2, 2, kernel: 3, padding: 1, dtype: .float64, using: &generator)
    }
    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("first", &first)
      visitor.child("second", &second)
      visitor.child("firstNorm", &firstNorm)
      visitor.child("secondNorm", &secondNorm)
    }
    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      let y = firstNorm(first(x, mode), mode).relu()
      return (x + secondNorm(second(y, mode), mode)).relu()
    }
  }

  @Test func allOfAModelAreFolded() {
    var generator = Philox(seed: 5)
    let model = Sequential {
      Conv2D(1, 2, kernel: 3, dtype: .float64, using: &generator)
      Frozen(trained(2, seed: 1))
      Block()
      Flatten()
      Linear(18, 3, dtype: .float64, using: &generator)
      trained(3, seed: 40)
    }
    let images = batch([4, 1, 5, 5])
    var folded = model
    let report = folded.foldBatchNorms { $0(images, .inference) }
    #expect(
      report.folded.map { "\($0.norm) \($0.layer)" } == [
        "1 0", "2.firstNorm 2.first", "2.secondNorm 2.second", "5 4",
      ])
    #expect(report.left.isEmpty)
    expectEqual(folded.predict(images), model.predict(images))
    // The scales and shifts are gone.
    #expect(folded.tensors(.parameter).map(\.path).filter { $0.contains("orm") }.isEmpty)
    #expect(unvisitedProperties(of: folded).isEmpty)
    // A folded model has nothing left to fold, and trains no statistics.
    #expect(folded.foldBatchNorms { $0(images, .inference) }.folded.isEmpty)
  }

  @Test func whatWouldChangeTheResultsIsLeft() {
    /// A linear layer that is used twice, a batch norm before its layer, and one that looks at the batch.
    struct Crooked: Layer {
      var (shared, other): (Linear, Linear)
      var (norm, before, own) = (
        trained(2, seed: 50), trained(2, seed: 60), trained(2, seed: 70)
      )
      init() {
        var generator = Philox(seed: 6)
        shared = Linear(2, 2, dtype: .float64, using: &generator)
        other = Linear(2, 2, dtype: .float64, using: &generator)
        own.statistics = .batch
      }
      mutating func visit(_ visitor: inout Visitor) {
        visitor.child("shared", &shared)
        visitor.child("norm", &norm)
        visitor.child("other", &other)
        visitor.child("before", &before)
        visitor.child("own", &own)
      }
      mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
        let y = norm(shared(x, mode), mode) + shared(x.tanh(), mode)
        return own(other(before(y.sin(), mode), mode), mode)
      }
    }
    let (x, model) = (batch([4, 2]), Crooked())
    var folded = model
    let report = folded.foldBatchNorms { $0(x, .inference) }
    #expect(report.folded.isEmpty && report.left == ["norm", "before", "own"])
    #expect(folded.predict(x) == model.predict(x))
    #expect(folded.state.dictionary == model.state.dictionary)
    // A layer whose folding the batch norm's place forbids stays as well.
    var sequence = Sequential {
      model.shared
      ReLU()
      model.norm
    }
    #expect(sequence.foldBatchNorms { $0(x, .inference) }.left == ["2"])
  }
}

/// A batch norm that has seen data.
private func trained(_ channels: Int, seed: UInt64) -> BatchNorm {
  var norm = BatchNorm(channels, dtype: .float64)
  norm.runningMean = batch([channels], seed: seed)
  norm.runningVariance = batch([channels], seed: seed + 1).squared() + 0.5
  norm.scale = batch([channels], seed: seed + 2)
  norm.shift = batch([channels], seed: seed + 3)
  return norm
}
