import Adjoint
import AdjointCheck
import AdjointNN

extension CaseKind {
  /// Layers whose gradient is right at the values that their parameters start from, and wrong at all
  /// others.
  static let convenientPoints = CaseKind(
    "right at the starting point alone",
    [
      starting("a scale of 1 forgotten", [ones], { $0[0] * $0[1] }) { $0[0] },
      starting("a scale of 1 squared", [ones], only: 1, { $0[0] * $0[1] }) {
        $0[0] * $0[1].squared() * 0.5
      },
      starting("a bias of 0 forgotten", [zeros], { ($0[0] + $0[1]).tanh() }) { $0[0].tanh() },
      starting(
        "a bias of 0, forgotten in its own gradient", [zeros], only: 1,
        {
          ($0[0] + $0[1]).tanh()
        }
      ) { $0[1] * (1 - $0[0].tanh().squared()).stoppingGradient() },
      starting("a branch of 0 forgotten", [zeros], { $0[0] + $0[1] * $0[0].tanh() }) { $0[0] },
      starting(
        "a gate at 0 with the slope of 0", [zeros], only: 1,
        {
          $0[0] * $0[1].sigmoid()
        }
      ) { $0[0] * $0[1] * 0.25 },
      starting("a gate at 0 taken for 1/2", [zeros], { $0[0] * $0[1].sigmoid() }) { $0[0] * 0.5 },
      starting("a weight of zeros transposed", [.full(2, 2, of: 0)], product) {
        $0[0].matMul($0[1], transposingOther: true)
      },
      starting("a weight of the identity transposed", [identity], product) {
        $0[0].matMul($0[1], transposingOther: true)
      },
      starting("a weight of the identity forgotten", [identity], product) { $0[0] },
      starting(
        "the second of two weights, which is 0, transposed", [.normal(2, 2), .full(2, 2, of: 0)],
        only: 1, { $0[0].matMul($0[1]).matMul($0[2]) }
      ) { $0[0].matMul($0[1]).matMul($0[2], transposingOther: true) },
      starting(
        "a running variance of 1 forgotten", buffers: [ones],
        {
          $0[0] * $0[1].rsqrt()
        }
      ) { $0[0] },
      starting(
        "a running mean of 0 in the scale's gradient", [ones], buffers: [zeros], only: 1,
        {
          ($0[0] - $0[2]) * $0[1]
        }
      ) { $0[0] * $0[1] },
      starting(
        "a temperature of 1 forgotten", [.full(1, of: 1)],
        {
          ($0[0] / $0[1]).softmax()
        }
      ) { ($0[0] + ($0[0] / $0[1] - $0[0]).stoppingGradient()).softmax() },
      starting(
        "an exponent of 1 not lowered", at: .uniform(3, 2, in: 0.5..<2), [ones],
        {
          $0[0].power($0[1])
        }
      ) { $0[0] * $0[1] },
      starting(
        "a mixture at its end", [ones],
        {
          $0[0] * $0[1] + $0[0].squared() * (1 - $0[1])
        }
      ) { $0[0] * $0[1] },
      starting("a decay of 0 forgotten", [zeros], { $0[0] * (-$0[1]).exp() }) { $0[0] },
      starting(
        "the slope of 1 of a swish forgotten", [ones],
        {
          $0[0] * ($0[0] * $0[1]).sigmoid()
        }
      ) { $0[0].silu() },
      starting(
        "the α of 1 of an elu forgotten", [ones],
        {
          $0[0].select(where: $0[0] .> 0, otherwise: $0[1] * $0[0].expm1())
        }
      ) { $0[0].elu() },
      starting("a bias of 0 of a softmax forgotten", [zeros], { ($0[0] + $0[1]).softmax() }) {
        $0[0].softmax()
      },
      starting("an angle of 0 forgotten", [.full(1, of: 0)], rotated) { $0[0] },
      starting(
        "a layer norm's scale of 1 forgotten", at: .normal(3, 4), [.full(4, of: 1)],
        {
          layerNorm($0[0]) * $0[1]
        }
      ) { layerNorm($0[0]) },
      starting(
        "a bias of 0 forgotten in the scale's gradient", [ones, zeros], only: 1,
        {
          ($0[0] * $0[1] + $0[2]).sin()
        }
      ) { ($0[0] * $0[1]).sin() },
      .mistaking(
        "a factor of ones, forgotten", at: [.normal(3, 2), ones], only: 0,
        {
          $0[0] * $0[1]
        }
      ) { $0[0] },
      .mistaking(
        "a shift of zeros, forgotten", at: [.normal(3, 2), zeros], only: 0,
        {
          ($0[0] - $0[1]).exp()
        }
      ) { $0[0].exp() },
    ])

  private static let ones = CaseInput.full(2, of: 1)
  private static let zeros = CaseInput.full(2, of: 0)
  private static let identity = CaseInput.fixed([1, 0, 0, 1], shape: [2, 2])

  private static let product: @Sendable ([Tensor]) -> Tensor = { $0[0].matMul($0[1]) }

  private static func layerNorm(_ x: Tensor) -> Tensor {
    (x - x.mean(over: [1], keepingAxes: true))
      * (x.variance(over: [1], keepingAxes: true) + 0.1).rsqrt()
  }

  /// The rows of x turned by an angle.
  private static let rotated: @Sendable ([Tensor]) -> Tensor = {
    let (x, y) = ($0[0].slice(0..<1, along: 1), $0[0].slice(1..<2, along: 1))
    let (cosine, sine) = ($0[1].cos(), $0[1].sin())
    return .concatenated([x * cosine - y * sine, x * sine + y * cosine], along: 1)
  }

  /// A layer of x, parameters and buffers, in this order, with the gradient of another function with
  /// respect to one of them.
  private static func starting(
    _ name: String, at input: CaseInput = .normal(3, 2), _ parameters: [CaseInput] = [],
    buffers: [CaseInput] = [], only wrong: Int = 0,
    _ function: @escaping @Sendable ([Tensor]) -> Tensor,
    for other: @escaping @Sendable ([Tensor]) -> Tensor
  ) -> GradientCase {
    let operation = RuleOperation(name, only: wrong, function, mistakenFor: other)
    return GradientCase(name) { seed in
      let layer = RuleLayer(
        operation: operation, parameters: parameters.drawn(seed), buffers: buffers.drawn(seed))
      let x = [input].drawn(seed)[0]
      return checkGradients(of: layer, at: x, .training, seed: seed)
    }
  }
}

/// An operation of an input, of parameters and of buffers.
private struct RuleLayer: Layer {
  let operation: RuleOperation
  var parameters: [Tensor]
  var buffers: [Tensor]

  mutating func visit(_ visitor: inout Visitor) {
    for place in parameters.indices {
      visitor.parameter("parameter\(place)", &parameters[place])
    }
    for place in buffers.indices { visitor.buffer("buffer\(place)", &buffers[place]) }
  }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    operation.outputs(of: [x] + parameters + buffers)[0]
  }
}
