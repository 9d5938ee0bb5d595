import Adjoint

/// A recurrent network: layers that go through sequences step by step, in one direction or in both.
///
///     x: [N, T, inputs]   →   [N, T, features], or [N, T, 2·features] in both directions
///
/// ``RNN``, ``GRU`` and ``LSTM`` are this layer with gates of three kinds. Each layer gets what the one before it
/// makes, and gives the hidden state after each step; in both directions, that of the way back is put behind it.
///
/// Parameters, for each layer and direction as `layers.0.forward`, `layers.0.reverse`: `inputWeight` [gates·features,
/// inputs], `stateWeight` [gates·features, features], `inputBias` and `stateBias` [gates·features], in the order of
/// gates that PyTorch has. Buffer: the key of its dropout. An LSTM may have projections: its hidden states, and with
/// them its output, then have fewer features than its cell.
public struct Recurrent<Gates: RecurrentGates>: Layer {
  /// The weights of each layer, forwards and, in both directions, back.
  public var layers: [RecurrentLayer]
  /// What drops features between layers.
  public var dropout: Dropout
  /// What is done in a step.
  public let gates: Gates
  /// The number of features of a state, before projections.
  public let features: Int

  /// Makes a network with weights and biases that are uniform within 1/√features.
  ///
  /// ```swift
  /// var encoder = LSTM(64, 256, layers: 2, isBidirectional: true, using: &generator)
  /// ```
  ///
  /// - Parameters:
  ///   - inputs: the number of features of x.
  ///   - features: the number of features of a state.
  ///   - layers: the number of layers.
  ///   - isBidirectional: whether each layer goes through the sequences backwards, too.
  ///   - bias: whether there are biases.
  ///   - dropout: the probability with which features are dropped between layers in training.
  ///   - gates: what is done in a step, if there is a choice.
  ///   - dtype: the element type.
  ///   - generator: what draws the weights.
  public init(
    _ inputs: Int, _ features: Int, layers: Int = 1, isBidirectional: Bool = false,
    bias: Bool = true, dropout: Double = 0, gates: Gates = Gates(), dtype: DType = .float32,
    using generator: inout Philox
  ) {
    self.init(
      inputs, features, projection: nil, layers, isBidirectional, bias, dropout, gates, dtype,
      &generator)
  }

  /// Makes a network, with projections of the hidden states if they have features of their own.
  private init(
    _ inputs: Int, _ features: Int, projection: Int?, _ layers: Int, _ isBidirectional: Bool,
    _ bias: Bool, _ dropout: Double, _ gates: Gates, _ dtype: DType, _ generator: inout Philox
  ) {
    require(
      inputs >= 1 && features >= 1 && layers >= 1,
      "\(Gates.name): there are \(inputs) inputs, \(features) features and \(layers) layers; give 1 or more of "
        + "each")
    requireParameters(of: dtype, Gates.name)
    let hidden = projection ?? features
    require(
      [inputs, hidden].allSatisfy { TensorType.isCountable([Gates.count, features, $0]) },
      "\(Gates.name): the weights of \(inputs) inputs and \(features) features are more than memory can hold; "
        + "give fewer")
    func weights(_ inputs: Int) -> RecurrentWeights {
      RecurrentWeights(
        inputs, features, projection: projection, gates: Gates.count, bias: bias, dtype: dtype,
        using: &generator)
    }
    self.layers = (0..<layers).map { layer in
      let inputs = layer == 0 ? inputs : isBidirectional ? 2 * hidden : hidden
      return RecurrentLayer(
        forward: weights(inputs), reverse: isBidirectional ? weights(inputs) : nil)
    }
    self.dropout = Dropout(rate: dropout, using: &generator)
    (self.gates, self.features) = (gates, features)
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.children("layers", &layers)
    visitor.child("dropout", &dropout)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    self(x, from: nil, mode).output
  }

  /// Goes through sequences from a state, and returns the state at their ends.
  ///
  ///     x: [N, T, inputs]   →   output: [N, T, directions·features], state: [layers·directions, N, features] each
  ///
  /// With projections the features of the output and of the hidden states are theirs.
  ///
  /// - Parameters:
  ///   - x: the sequences.
  ///   - state: the state to begin with; zeros if nil. Of a layer, that forwards comes before that of the way back.
  ///   - lengths: how many steps of each sequence count, int32[N]; all unless given. What comes after is not looked
  ///     at, the output is 0 there, the state at the end is that after the last step that counts, and the way back
  ///     begins there.
  ///   - mode: what the layer is applied for.
  public mutating func callAsFunction(
    _ x: Tensor, from state: RecurrentState? = nil, lengths: Tensor? = nil, _ mode: Mode
  ) -> (output: Tensor, state: RecurrentState) {
    x.layered(Gates.name, with: layers.first?.forward.inputWeight) {
      let starts = checkedStates(state, for: x)
      let isWithin = lengths.map { checkedSteps(within: $0, of: x) }
      var (y, ends): (Tensor, [[Tensor]]) = (x, [])
      for (number, layer) in layers.enumerated() {
        func run(_ weights: RecurrentWeights, isReversed: Bool) -> Tensor {
          let (outputs, end) = steps(
            of: y, from: starts[ends.count], weights, isWithin, isReversed: isReversed)
          ends.append(end)
          return outputs
        }
        let forward = run(layer.forward, isReversed: false)
        let back = layer.reverse.map { run($0, isReversed: true) }
        y = back.map { .concatenated([forward, $0], along: -1) } ?? forward
        if number + 1 < layers.count { y = dropout(y, mode) }
      }
      func stacked(_ part: Int) -> Tensor { .stacked(ends.map { $0[part] }) }
      return (
        y, RecurrentState(hidden: stacked(0), cell: Gates.stateCount > 1 ? stacked(1) : nil)
      )
    }
  }

  /// The state that each layer and direction begins with, once sequences and states are known to fit.
  private func checkedStates(_ state: RecurrentState?, for x: Tensor) -> [[Tensor]] {
    guard let first = layers.first else {
      stop("\(Gates.name): there are no layers; give 1 or more")
    }
    let inputs = first.forward.inputWeight.shape[1]
    require(
      x.rank == 3 && x.shape[1] >= 1 && x.shape[2] == inputs,
      "\(Gates.name): \(x.type) is not sequences of \(inputs) features; give [batch, steps, features]"
    )
    let count = layers.reduce(0) { $0 + ($1.reverse == nil ? 1 : 2) }
    let hidden = first.forward.projectionWeight?.shape[0] ?? features
    let needed = (0..<Gates.stateCount).map { part in
      TensorType(x.dtype, [count, x.shape[0], part == 0 ? hidden : features])
    }
    let given =
      state.map { [$0.hidden, $0.cell].compactMap { $0 } }
      ?? needed.map { .zeros($0.shape, dtype: x.dtype) }
    let remedy = hidden == features ? "\(needed.count) of \(needed[0])" : "\(needed)"
    require(
      given.map(\.type) == needed,
      "\(Gates.name): the state is \(given.map(\.type)); give \(remedy)")
    return (0..<count).map { place in given.map { $0[place] } }
  }

  /// Which steps count, bool[T, N, 1].
  private func checkedSteps(within lengths: Tensor, of x: Tensor) -> Tensor {
    let needed = TensorType(.int32, [x.shape[0]])
    require(
      lengths.type == needed, "\(Gates.name): the lengths are \(lengths.type); give \(needed)")
    if let wrong = lengths.firstNumber(outside: 0..<x.shape[1] + 1) {
      stop(
        "\(Gates.name): a length is \(wrong); give numbers from 0 to that of the steps, \(x.shape[1])"
      )
    }
    return Tensor.isWithin(lengths: lengths, count: x.shape[1]).transposed().expanded(at: 2)
  }

  /// The hidden state after each step, [N, T, features], and the state at the end.
  private func steps(
    of x: Tensor, from start: [Tensor], _ weights: RecurrentWeights, _ isWithin: Tensor?,
    isReversed: Bool
  ) -> (Tensor, [Tensor]) {
    // The products with the inputs of all steps are one.
    let inputs = x.mapped(by: weights.inputWeight, weights.inputBias).unstacked(along: 1)
    var (state, outputs): ([Tensor], [Tensor]) = (start, [])
    let order = Array(0..<x.shape[1])
    for step in isReversed ? order.reversed() : order {
      let hidden = state[0].mapped(by: weights.stateWeight, weights.stateBias)
      var next = weights.projected(gates.next(inputs[step], hidden, state))
      var output = next[0]
      if let counts = isWithin?[step] {
        next = zip(next, state).map { $0.select(where: counts, otherwise: $1) }
        output = output.select(where: counts, otherwise: 0)
      }
      state = next
      outputs.append(output)
    }
    return (.stacked(isReversed ? outputs.reversed() : outputs, at: 1), state)
  }
}

extension Recurrent where Gates == LSTMGates {
  /// Makes a network whose hidden states are projected to fewer features after each step: h ← P·(o·tanh(c)).
  ///
  ///     x: [N, T, inputs]   →   [N, T, projectionSize], or [N, T, 2·projectionSize] in both directions
  ///
  /// Parameter of each layer and direction beside the others: `projectionWeight` [projectionSize, features]. The weights
  /// and biases are uniform within 1/√features.
  ///
  /// ```swift
  /// var encoder = LSTM(64, 512, projectionSize: 128, using: &generator)
  /// ```
  ///
  /// Source: Sak, Senior & Beaufays, "Long short-term memory based recurrent neural network architectures for large
  /// vocabulary speech recognition" (2014), §2.2.
  ///
  /// - Parameters:
  ///   - inputs: the number of features of x.
  ///   - features: the number of features of the cell.
  ///   - projectionSize: the number of features of the hidden states, and of the output in a direction.
  ///   - layers: the number of layers.
  ///   - isBidirectional: whether each layer goes through the sequences backwards, too.
  ///   - bias: whether there are biases.
  ///   - dropout: the probability with which features are dropped between layers in training.
  ///   - dtype: the element type.
  ///   - generator: what draws the weights.
  /// - Precondition: the projections have 1 feature or more, and fewer than the cell.
  public init(
    _ inputs: Int, _ features: Int, projectionSize: Int, layers: Int = 1,
    isBidirectional: Bool = false, bias: Bool = true, dropout: Double = 0,
    dtype: DType = .float32, using generator: inout Philox
  ) {
    require(
      projectionSize >= 1 && projectionSize < features,
      "LSTM: a cell of \(features) features is projected to \(projectionSize); give 1 or more, and fewer than it has"
    )
    self.init(
      inputs, features, projection: projectionSize, layers, isBidirectional, bias, dropout,
      LSTMGates(), dtype, &generator)
  }
}

/// A recurrent network without gates.
public typealias RNN = Recurrent<RNNGates>
/// A network of gated recurrent units.
public typealias GRU = Recurrent<GRUGates>
/// A network with a long short-term memory.
public typealias LSTM = Recurrent<LSTMGates>

extension Recurrent: NamedGeneric {
  static var name: String { Gates.name }
}

/// The state of a recurrent network.
public struct RecurrentState: Sendable {
  /// The hidden states, [layers·directions, N, features].
  public var hidden: Tensor
  /// What an LSTM keeps beside them, of the same type; nil for other networks.
  public var cell: Tensor?

  /// Makes a state.
  public init(hidden: Tensor, cell: Tensor? = nil) { (self.hidden, self.cell) = (hidden, cell) }
}
