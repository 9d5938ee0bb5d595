import Adjoint

/// The weights of a layer of a recurrent network.
public struct RecurrentLayer: Module {
  /// Those of the way forwards.
  public var forward: RecurrentWeights
  /// Those of the way back; nil in one direction.
  public var reverse: RecurrentWeights?

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.child("forward", &forward)
    visitor.child("reverse", &reverse)
  }
}

/// The weights of a layer of a recurrent network in one direction, the parts of all gates one below the other.
public struct RecurrentWeights: Module {
  /// What inputs are multiplied by, [gates·features, inputs].
  public var inputWeight: Tensor
  /// What the hidden state is multiplied by, [gates·features, features], or [gates·features, projected features].
  public var stateWeight: Tensor
  /// What is added to the products with inputs, [gates·features].
  public var inputBias: Tensor?
  /// What is added to the products with states, [gates·features].
  public var stateBias: Tensor?
  /// What makes the hidden state of what a step gives, [projected features, features]; nil if that is the state.
  public var projectionWeight: Tensor?

  init(
    _ inputs: Int, _ features: Int, projection: Int?, gates: Int, bias: Bool, dtype: DType,
    using generator: inout Philox
  ) {
    let initializer = Initializer.uniform(bound: 1 / Double(features).squareRoot())
    func drawn(_ shape: [Int]) -> Tensor { initializer(shape, dtype: dtype, using: &generator) }
    let rows = gates * features
    inputWeight = drawn([rows, inputs])
    stateWeight = drawn([rows, projection ?? features])
    inputBias = bias ? drawn([rows]) : nil
    stateBias = bias ? drawn([rows]) : nil
    projectionWeight = projection.map { drawn([$0, features]) }
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("inputWeight", &inputWeight)
    visitor.parameter("stateWeight", &stateWeight)
    visitor.parameter("inputBias", &inputBias)
    visitor.parameter("stateBias", &stateBias)
    visitor.parameter("projectionWeight", &projectionWeight)
  }

  /// The state that a step gives with its hidden part projected, where it is.
  func projected(_ state: [Tensor]) -> [Tensor] {
    guard let projectionWeight else { return state }
    return [state[0].mapped(by: projectionWeight, nil)] + state.dropFirst()
  }
}
