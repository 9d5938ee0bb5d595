import Adjoint
import AdjointNN
import Testing

@Suite("Small generative models learn")
struct GenerativeModelTests {
  /// A variational autoencoder with one latent number.
  ///
  /// Source: Kingma & Welling, "Auto-encoding variational Bayes" (2014).
  private struct VAE: Module {
    var encoder: Sequential<Linear, Tanh, Linear>
    var decoder: Sequential<Linear, Tanh, Linear>

    init(using generator: inout Philox) {
      encoder = Sequential {
        Linear(4, 12, weight: .glorotNormal, using: &generator)
        Tanh()
        Linear(12, 2, weight: .glorotNormal, using: &generator)
      }
      decoder = Sequential {
        Linear(1, 12, weight: .glorotNormal, using: &generator)
        Tanh()
        Linear(12, 4, weight: .glorotNormal, using: &generator)
      }
    }

    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("encoder", &encoder)
      visitor.child("decoder", &decoder)
    }

    /// The bound for data with a noise of deviation 0.5: ‖x − x̂‖²/(2·0.5²) + KL, a mean over samples.
    mutating func loss(_ x: Tensor, noise: Tensor) -> (bound: Tensor, divergence: Tensor) {
      let code = encoder(x, .training).split(count: 2, along: 1)
      let (mean, logVariance) = (code[0], code[1])
      let y = decoder(mean + noise * (logVariance * 0.5).exp(), .training)
      let divergence =
        (mean.squared() + logVariance.exp() - logVariance - 1).sum(over: 1).mean() * 0.5
      return ((x - y).squared().sum(over: 1).mean() / (2 * 0.25) + divergence, divergence)
    }
  }

  /// Data on a line in four dimensions: z·(1, −1, 2, 0.5), with z normal.
  @Test func aVariationalAutoencoder() {
    var generator = Philox(seed: 1)
    var model = VAE(using: &generator)
    var optimizer = Adam(learningRate: 0.02)
    let line = Tensor([[1, -1, 2, 0.5]] as [[Float]])
    func step() -> (Double, Double) {
      let x = Tensor.normal([32, 1], using: &generator).matMul(line)
      let noise = Tensor.normal([32, 1], using: &generator)
      var divergence = Tensor(0)
      let (loss, gradient, results) = valueGradientAndResults(of: &model) { model in
        let loss = model.loss(x, noise: noise)
        return (loss.bound, [loss.divergence])
      }
      divergence = results[0]
      optimizer.update(&model, along: gradient)
      return (Double(loss), Double(divergence))
    }
    for _ in 0..<120 { _ = step() }
    let last = (0..<20).map { _ in step() }
    let bound = last.map(\.0).reduce(0, +) / 20
    // Without its code it can do no better than the variance, 6.25/(2·0.25) = 12.5. The best of linear ones has
    // ½·log(1 + 6.25/0.25) = 1.63 for the code and ½ for the noise.
    #expect(bound < 5, "\(bound)")
    #expect(last.allSatisfy { $0.1 > 0.5 })
  }

  /// A generator of points in the plane and a critic, whose slope is kept near 1 by a penalty: a gradient inside of a
  /// loss.
  ///
  /// Source: Gulrajani, Ahmed, Arjovsky, Dumoulin & Courville, "Improved training of Wasserstein GANs" (2017).
  @Test func aGANWithAGradientPenalty() {
    var generator = Philox(seed: 2)
    var maker = Linear(2, 2, using: &generator)
    var critic = Sequential {
      Linear(2, 16, weight: .glorotNormal, using: &generator)
      Tanh()
      Linear(16, 1, weight: .glorotNormal, using: &generator)
    }
    var makerOptimizer = Adam(learningRate: 0.03, betas: (0, 0.9))
    var criticOptimizer = Adam(learningRate: 0.03, betas: (0, 0.9))
    let goal = Tensor([2, -1])
    func fakes() -> Tensor { maker.predict(.normal([24, 2], using: &generator)) }
    func distance() -> Double {
      let mean = (0..<10).map { _ in fakes().mean(over: 0) }.reduce(Tensor([0, 0]), +) / 10
      return Double((mean - goal).norm())
    }
    let before = distance()
    for _ in 0..<100 {
      for _ in 0..<3 {
        let real = Tensor.normal([24, 2], deviation: 0.5, using: &generator) + goal
        let fake = fakes()
        let share = Tensor.uniform([24, 1], using: &generator)
        let between = real * share + fake * (1 - share)
        let (_, gradient) = valueAndGradient(of: &critic) { critic in
          let slope = Adjoint.gradient(at: between) { critic($0, .training).sum() }
          let penalty = ((slope.squared().sum(over: 1) + 1e-6).squareRoot() - 1).squared().mean()
          return (critic(fake, .training) - critic(real, .training)).mean() + penalty * 10
        }
        criticOptimizer.update(&critic, along: gradient)
      }
      let noise = Tensor.normal([24, 2], using: &generator)
      let (_, gradient) = valueAndGradient(of: &maker) { maker in
        var copy = critic
        return -copy(maker(noise, .training), .training).mean()
      }
      makerOptimizer.update(&maker, along: gradient)
    }
    let after = distance()
    #expect(before > 1.5 && after < 0.7, "\(before) \(after)")
  }
}
