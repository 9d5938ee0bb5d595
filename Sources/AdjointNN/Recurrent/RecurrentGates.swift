import Adjoint

/// What a recurrent layer does in a step, once its input and its state have been multiplied by weights.
public protocol RecurrentGates: Sendable {
  /// Makes the gates as they are unless told otherwise.
  init()
  /// The number of gates: of the parts, of as many features each, that the products have.
  static var count: Int { get }
  /// The number of tensors in a state: the hidden state, and what is kept beside it.
  static var stateCount: Int { get }
  /// What the layer is called.
  static var name: String { get }
  /// Returns the next state.
  /// - Parameters:
  ///   - input: the input times its weights, [N, count·features].
  ///   - hidden: the hidden state times its weights, [N, count·features].
  ///   - state: the state, [N, features] each, the hidden state first.
  func next(_ input: Tensor, _ hidden: Tensor, _ state: [Tensor]) -> [Tensor]
}

/// h ← f(W·x + b + U·h + c), with tanh or relu for f.
///
/// Source: Elman, "Finding structure in time" (1990).
public struct RNNGates: RecurrentGates {
  /// f.
  public var activation: any StatelessLayer

  /// Makes the gates, with tanh.
  public init() { self.init(Tanh()) }
  /// Makes the gates with a function of one's own.
  public init(_ activation: any StatelessLayer) { self.activation = activation }

  public static let (count, stateCount) = (1, 1)
  public static let name = "RNN"

  public func next(_ input: Tensor, _ hidden: Tensor, _ state: [Tensor]) -> [Tensor] {
    [activation(input + hidden)]
  }
}

/// h ← (1 − z)·n + z·h, with gates r and z, in the order r, z, n as in PyTorch:
///
///     r = σ(W·x + b + U·h + c)ᵣ    z = σ(W·x + b + U·h + c)_z    n = tanh((W·x + b)ₙ + r·(U·h + c)ₙ)
///
/// Source: Cho et al., "Learning phrase representations using RNN encoder–decoder" (2014), with the reset after the
/// product, as cuDNN has it.
public struct GRUGates: RecurrentGates {
  /// Makes the gates.
  public init() {}

  public static let (count, stateCount) = (3, 1)
  public static let name = "GRU"

  public func next(_ input: Tensor, _ hidden: Tensor, _ state: [Tensor]) -> [Tensor] {
    let (x, h) = (input.split(count: 3, along: -1), hidden.split(count: 3, along: -1))
    let (reset, update) = ((x[0] + h[0]).sigmoid(), (x[1] + h[1]).sigmoid())
    let candidate = (x[2] + reset * h[2]).tanh()
    return [candidate + update * (state[0] - candidate)]
  }
}

/// c ← f·c + i·g and h ← o·tanh(c), with gates in the order i, f, g, o as in PyTorch:
///
///     i, f, o = σ(W·x + b + U·h + d)    g = tanh(W·x + b + U·h + d)
///
/// Source: Hochreiter & Schmidhuber, "Long short-term memory" (1997); Gers, Schmidhuber & Cummins, "Learning to
/// forget" (2000).
public struct LSTMGates: RecurrentGates {
  /// Makes the gates.
  public init() {}

  public static let (count, stateCount) = (4, 2)
  public static let name = "LSTM"

  public func next(_ input: Tensor, _ hidden: Tensor, _ state: [Tensor]) -> [Tensor] {
    let gates = (input + hidden).split(count: 4, along: -1)
    let cell = gates[1].sigmoid() * state[1] + gates[0].sigmoid() * gates[2].tanh()
    return [gates[3].sigmoid() * cell.tanh(), cell]
  }
}
