import Testing

@testable import Adjoint

/// What is new takes the memory of what was there, unless someone else still reads that.
@Suite("Steps of optimizers in place")
struct OptimizerStepTests {
  /// η = ½, μ = ½, and numbers that are exact.
  private func descend(
    _ parameters: inout [Tensor], _ gradients: [Tensor], _ velocities: inout [Tensor]
  ) {
    takeGradientDescentStep(
      &parameters, along: gradients, velocities: &velocities, learningRate: 0.5, momentum: 0.5,
      dampening: 0, weightDecay: 0, nesterov: false)
  }

  private func addresses(_ tensors: [Tensor]) -> [UnsafeMutableRawPointer] {
    unsafe tensors.map { unsafe $0.storage.rawPointer }
  }

  @Test func whatNoOneElseReadsIsReplaced() {
    var parameters = [Tensor([1, 2, 3]), Tensor([4])]
    var velocities: [Tensor] = []
    let before = unsafe addresses(parameters)
    descend(&parameters, [Tensor([2, 4, 6]), Tensor([-2])], &velocities)
    #expect(unsafe addresses(parameters) == before)
    #expect(parameters == [Tensor([0, 0, 0]), Tensor([5])])
    #expect(velocities == [Tensor([2, 4, 6]), Tensor([-2])])
    let state = unsafe addresses(velocities)
    descend(&parameters, [Tensor([1, 1, 1]), Tensor([1])], &velocities)
    #expect(unsafe addresses(parameters + velocities) == before + state)
    // v = v/2 + g, p = p − v/2.
    #expect(velocities == [Tensor([2, 3, 4]), Tensor([0])])
    #expect(parameters == [Tensor([-1, -1.5, -2]), Tensor([5])])
  }

  @Test func whatSomeoneElseReadsStaysAsItIs() {
    let (first, second) = (Tensor([1, 2, 3]), Tensor([4]))
    var parameters = [first, second]
    var velocities = [Tensor([2, 2, 2]), Tensor([2])]
    let kept = (parameters, velocities)
    descend(&parameters, [Tensor([1, 1, 1]), Tensor([1])], &velocities)
    #expect(kept.0 == [Tensor([1, 2, 3]), Tensor([4])])
    #expect(kept.1 == [Tensor([2, 2, 2]), Tensor([2])])
    #expect(parameters == [Tensor([0, 1, 2]), Tensor([3])])
    #expect(velocities == [Tensor([2, 2, 2]), Tensor([2])])
  }

  /// As of ½·‖p‖², whose gradient is p; and of one tensor that is two parameters.
  @Test func oneMemoryInSeveralListsIsReadBeforeItIsWritten() {
    let p = Tensor([2, -4])
    var (parameters, velocities): ([Tensor], [Tensor]) = ([p, p], [p, p])
    descend(&parameters, [p, p], &velocities)
    #expect(velocities == [Tensor([3, -6]), Tensor([3, -6])])
    #expect(parameters == [Tensor([0.5, -1]), Tensor([0.5, -1])])
    #expect(p == Tensor([2, -4]))
  }

  @Test func whatOnlyRepeatsIsNotWritten() {
    var parameters = [Tensor.ones([3]), Tensor([1, 2]).broadcast(to: [2, 2])]
    var velocities: [Tensor] = []
    let kept = parameters
    descend(&parameters, [.ones([3]), .ones([2, 2])], &velocities)
    #expect(parameters == [.full([3], 0.5), Tensor([0.5, 1.5, 0.5, 1.5], shape: [2, 2])])
    #expect(kept == [.ones([3]), Tensor([1, 2, 1, 2], shape: [2, 2])])
  }

  /// Each in place and beside what was there, on all instruction sets, with whole vectors and a rest.
  @Test("Both ways give the same bits", arguments: [1, 15, 16, 37], [DType.float32, .float64])
  func bothWays(_ count: Int, _ dtype: DType) {
    var generator = Philox(seed: UInt64(count))
    func random() -> Tensor { .normal([count], dtype: dtype, using: &generator) }
    let (parameter, gradient, mean, square) = (random(), random(), random(), random().squared())
    func step(keeping: Bool) -> [Tensor] {
      // Sums with 0 are new tensors.
      var lists = [parameter + 0, mean + 0, square + 0].map { [$0] }
      let kept = keeping ? lists : []
      var (parameters, means, squares) = (lists[0], lists[1], lists[2])
      lists = []
      takeAdamStep(
        &parameters, along: [gradient], means: &means, squares: &squares, learningRate: 0.01,
        betas: (0.9, 0.99), biases: (0.1, 0.01), epsilon: 1e-8, weightDecay: 0.1, decoupled: true)
      #expect(kept.allSatisfy { $0 != parameters })
      return parameters + means + squares
    }
    #expect(step(keeping: false) == step(keeping: true))
  }

  @Test func aMomentumThatIsTakenAwayKeepsTheVelocities() {
    var (parameters, velocities) = ([Tensor([1.0])], [Tensor([3.0])])
    takeGradientDescentStep(
      &parameters, along: [Tensor([1.0])], velocities: &velocities, learningRate: 1, momentum: 0,
      dampening: 0, weightDecay: 0, nesterov: false)
    #expect(parameters == [Tensor([0.0])] && velocities == [Tensor([3.0])])
  }
}
