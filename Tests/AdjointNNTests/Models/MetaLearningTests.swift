import Adjoint
import AdjointNN
import Testing

/// Weights from which one step of gradient descent learns a task: the gradient of a step of training.
///
/// Source: Finn, Abbeel & Levine, "Model-agnostic meta-learning for fast adaptation of deep networks" (2017),
/// algorithm 2.
@Suite("A model learns to learn")
struct MetaLearningTests {
  private typealias Network = Sequential<Linear, Tanh, Linear>

  /// The loss on a sine wave of a phase, after one step on other points of the same wave.
  private func lossAfterStep(_ model: Network, phase: Double, shift: Double) -> Tensor {
    func points(_ start: Double) -> Tensor {
      Tensor.linear(from: start, through: start + 4, count: 8, dtype: .float32)
        .reshaped(to: [8, 1])
    }
    func loss(_ model: inout Network, _ x: Tensor) -> Tensor {
      meanSquaredError(model(x, .training), (x + phase).sin())
    }
    var adapted = model
    let (_, gradient) = valueAndGradient(of: &adapted) { loss(&$0, points(-2 + shift)) }
    var optimizer = SGD(learningRate: 0.1)
    optimizer.update(&adapted, along: gradient)
    return loss(&adapted, points(-1.8 + shift))
  }

  @Test func aStepOfTheAdaptedModelIsBetter() {
    var generator = Philox(seed: 3)
    var model: Network = Sequential {
      Linear(1, 12, weight: .glorotNormal, using: &generator)
      Tanh()
      Linear(12, 1, weight: .glorotNormal, using: &generator)
    }
    let tests = [0.4, 1.9, 3.4, 4.9]
    func mean(_ model: Network) -> Double {
      tests.map { Double(lossAfterStep(model, phase: $0, shift: 0)) }.reduce(0, +) / 4
    }
    let before = mean(model)
    var optimizer = Adam(learningRate: 0.02)
    for step in 0..<60 {
      let phases = (0..<3).map { Double(step * 3 + $0) * 2.4 }
      let (_, gradient) = valueAndGradient(of: &model) { model in
        phases.map { lossAfterStep(model, phase: $0, shift: 0.05 * Double(step % 5)) }
          .reduce(Tensor(0), +) / 3
      }
      optimizer.update(&model, along: gradient)
    }
    let after = mean(model)
    // Half of what a step reaches from where the weights began.
    #expect(after < before / 2, "\(before) \(after)")
  }
}
