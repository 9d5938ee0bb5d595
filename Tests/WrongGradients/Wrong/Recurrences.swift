import Adjoint
import AdjointCheck

extension CaseKind {
  /// Unrolled recurrences that lose a step, a gate or a use of their weight.
  static let recurrences = CaseKind(
    "recurrences",
    [
      mistaking("a recurrence truncated by its first step") {
        run($0, steps: 3) { state, step in step == 1 ? state.stoppingGradient() : state }
      },
      mistaking("a recurrence truncated to its last step") {
        run($0, steps: 3) { state, _ in state.stoppingGradient() }
      },
      mistaking("a recurrence's initial state without a gradient") {
        run([$0[0], $0[1], $0[2].stoppingGradient()], steps: 3)
      },
      mistaking("a recurrence of one step too many") { run($0, steps: 4) },
      mistaking("a recurrence of one step too few") { run($0, steps: 2) },
      mistaking("a recurrence whose matrix is transposed in backward") {
        run([$0[0].transposed(), $0[1], $0[2]], steps: 3)
      },
      .mistaking(
        "a weight used at each step, counted once", at: inputs, only: 0, result: [2, 1],
        { run($0, steps: 3) }
      ) { inputs in
        let fixed = inputs[0].stoppingGradient()
        let before = run([fixed, inputs[1], inputs[2]], steps: 2)
        return run([inputs[0], inputs[1], before], steps: 1)
      },
      .mistaking(
        "an input used at each step, averaged", at: inputs, only: 1, result: [2, 1],
        looksLike: .factor, { run($0, steps: 3) }
      ) { run($0, steps: 3) / 3 },
      .mistaking("tied weights counted once", at: .normal(3, 3, deviation: 0.5), tied) {
        tied($0, $0.stoppingGradient())
      },
      gate("a forget gate without a gradient") { [$0[0].stoppingGradient(), $0[1], $0[2]] },
      gate("an input gate without a gradient") { [$0[0], $0[1].stoppingGradient(), $0[2]] },
      .mistaking("a gate's state in one place alone", at: gates, gated) {
        gated($0, carried: $0[2].stoppingGradient())
      },
      .mistaking(
        "a scan of a decay without the earlier ones", at: [.normal(5), .uniform(5, in: 0.5..<1)],
        only: 1, { scan($0) }
      ) { scan($0) { $0.stoppingGradient() } },
    ])

  private static let inputs: [CaseInput] = [
    .normal(2, 2, deviation: 0.7), .normal(2, 1), .normal(2, 1),
  ]
  private static let gates: [CaseInput] = [.normal(3), .normal(3), .normal(3)]

  private static func mistaking(
    _ name: String, for other: @escaping @Sendable ([Tensor]) -> Tensor
  ) -> GradientCase {
    .mistaking(name, at: inputs, result: [2, 1], { run($0, steps: 3) }, for: other)
  }

  /// h ← tanh(W·h + x), a few times; `passing` is what becomes of the state between the steps.
  private static func run(
    _ inputs: [Tensor], steps: Int, passing: (Tensor, Int) -> Tensor = { state, _ in state }
  ) -> Tensor {
    (0..<steps).reduce(inputs[2]) { state, step in
      (inputs[0].matMul(step > 0 ? passing(state, step) : state) + inputs[1]).tanh()
    }
  }

  /// An encoder and a decoder of one weight.
  @Sendable
  private static func tied(_ weight: Tensor) -> Tensor { tied(weight, weight) }

  private static func tied(_ encoder: Tensor, _ decoder: Tensor) -> Tensor {
    encoder.tanh().matMul(decoder, transposingOther: true)
  }

  /// σ(f)·c + σ(i)·tanh(c).
  @Sendable
  private static func gated(_ x: [Tensor]) -> Tensor { gated(x, carried: x[2]) }

  private static func gated(_ x: [Tensor], carried: Tensor) -> Tensor {
    x[0].sigmoid() * carried + x[1].sigmoid() * x[2].tanh()
  }

  private static func gate(
    _ name: String, stopping: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) -> GradientCase {
    .mistaking(name, at: gates, looksLike: .zero, gated) { gated(stopping($0)) }
  }

  /// s ← a·s + x.
  private static func scan(
    _ inputs: [Tensor], passing: (Tensor) -> Tensor = { $0 }
  ) -> Tensor {
    var (state, states) = (inputs[0][0], [inputs[0][0]])
    for step in 1..<5 {
      state = inputs[1][step] * passing(state) + inputs[0][step]
      states.append(state)
    }
    return .stacked(states)
  }
}
