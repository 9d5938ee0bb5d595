import Adjoint
import AdjointCheck
import Testing

@testable import AdjointNN

/// Derivatives of models inside of what is differentiated: the second derivatives that are used most.
@Suite("Nested derivatives of models")
struct NestedModelTests {
  private struct Network: Layer {
    var hidden: Linear
    var output: Linear

    init(_ inputs: Int, _ outputs: Int = 1, seed: UInt64) {
      var generator = Philox(seed: seed)
      hidden = Linear(inputs, 6, weight: .glorotNormal, dtype: .float64, using: &generator)
      output = Linear(6, outputs, weight: .glorotNormal, dtype: .float64, using: &generator)
    }

    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("hidden", &hidden)
      visitor.child("output", &output)
    }

    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      output(hidden(x, mode).tanh(), mode)
    }
  }

  private let data = batch([5, 3], dtype: .float64)

  /// The penalty of Gulrajani et al. (2017): the gradient of the critic by points that are plain.
  private func penalty(_ critic: inout Network) -> Tensor {
    let slope = gradient(at: data) { critic($0, .training).sum() }
    return ((slope.squared().sum(over: [1]) + 1e-3).squareRoot() - 1).squared().mean()
  }

  @Test func aGradientPenaltyTrainsTheCritic() {
    var critic = Network(3, seed: 1)
    let report = checkGradients(of: &critic) { penalty(&$0) + $0(data, .training).mean() }
    #expect(report.passed, "\(report)")
    let (loss, gradient) = valueAndGradient(of: &critic) { penalty(&$0) }
    #expect(loss.tape == nil && gradient.hidden.weight.tape == nil)
    #expect(critic.hidden.weight.tape == nil)
    // The same with the weights of the critic as inputs of a function, by finite differences of a
    // gradient that no tape joins.
    let h = 1e-6
    var (above, below) = (critic, critic)
    let direction = Tensor.ones(like: critic.hidden.weight)
    above.hidden.weight += direction * h
    below.hidden.weight -= direction * h
    let slope = (Double(penalty(&above)) - Double(penalty(&below))) / (2 * h)
    #expect(abs(slope - Double(gradient.hidden.weight.sum())) < 1e-8)
  }

  /// u″ + u = f at plain points: third order, two by the point and one by the parameters.
  @Test func aPhysicsInformedLoss() {
    var network = Network(1, seed: 2)
    let points = Tensor.linear(from: -0.7, through: 1, count: 4, dtype: .float64)
      .reshaped(to: [4, 1])
    func residual(_ network: inout Network) -> Tensor {
      let second = gradient(at: points) { x in
        gradient(at: x) { network($0, .training).sum() }.sum()
      }
      return (second + network(points, .training) - points).squared().mean()
    }
    let report = checkGradients(of: &network) { residual(&$0) }
    #expect(report.passed, "\(report)")
    var optimizer = Adam(learningRate: 0.01)
    let before = Double(residual(&network))
    for _ in 0..<100 {
      let (_, gradient) = valueAndGradient(of: &network) { residual(&$0) }
      optimizer.update(&network, along: gradient)
    }
    #expect(Double(residual(&network)) < before / 2)
  }

  @Test func theGradientOfOneModelInsideThatOfAnother() {
    var generator = Network(2, 3, seed: 3)
    let discriminator = Network(3, seed: 4)
    let noise = batch([5, 2], seed: 6, dtype: .float64)
    // One step of the discriminator, unrolled: the generator's loss depends on it.
    func loss(_ generator: inout Network) -> Tensor {
      let fake = generator(noise, .training)
      var copy = discriminator
      let (_, gradient) = valueAndGradient(of: &copy) { discriminator in
        (discriminator(fake, .training) - discriminator(data, .training)).mean()
      }
      var optimizer = SGD(learningRate: 0.1)
      optimizer.update(&copy, along: gradient)
      return copy(fake, .training).squared().mean()
    }
    let report = checkGradients(of: &generator) { loss(&$0) }
    #expect(report.passed, "\(report)")
  }

  @Test func theGradientOfAModelsGradientByItsData() {
    var model = Network(3, seed: 5)
    let report = checkGradients(at: [data]) { inputs in
      var copy = model
      let (_, gradient) = valueAndGradient(of: &copy) { $0(inputs[0], .training).squared().mean() }
      return gradient.parameters
    }
    #expect(report.passed, "\(report)")
    // As one would distil a data set: outside, everything is plain again.
    let slope = gradient(at: data) { x in
      let (_, gradient) = valueAndGradient(of: &model) { $0(x, .training).squared().mean() }
      return gradient.parameters.map { $0.squared().sum() }.reduce(Tensor(0, dtype: .float64), +)
    }
    #expect(slope.tape == nil && slope.shape == [5, 3])
  }

  @Test func stateThatChangesInsideIsRecordedWithTheRest() {
    var norm = BatchNorm(3, dtype: .float64)
    let slope = gradient(at: data) { x in
      var inner = norm
      let (_, gradient) = valueAndGradient(of: &inner) { ($0(x, .training) * x).sum() }
      norm.runningMean = inner.runningMean.detached
      return gradient.scale!.squared().sum()
    }
    #expect(slope.shape == [5, 3])
    #expect(norm.runningMean.isClose(to: data.mean(over: [0]) * 0.1, relative: 1e-12))
  }
}
