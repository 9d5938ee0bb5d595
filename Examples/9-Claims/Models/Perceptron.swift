import Adjoint
import AdjointNN

/// What a perceptron is made of.
struct PerceptronShape: Sendable {
  var depth = 4
  var width = 32
  var activation = Activation.relu
  /// Whether there is normalization, and which.
  var norm: NormKind?
  /// Whether it comes before the activation, or after it.
  var normsBefore = true
  /// Whether the inputs are normalized as well.
  var normsInputs = false
  /// The starting weights; nil for those that suit the activation.
  var initializer: Initializer?
  /// What the starting weights of hidden layers are multiplied by.
  var weightFactor = 1.0
  /// The share of units that dropout drops.
  var dropout = 0.0
  var wiring = Wiring.plain

  /// How a layer meets its input.
  enum Wiring: String, Sendable, Codable, CaseIterable {
    /// Layer after layer.
    case plain
    /// Each adds to its input.
    case residual
    /// Each is appended to its input.
    case dense
  }

  /// The same with batch norm, and as it is.
  var sides: Sides<PerceptronShape> {
    var normed = self
    normed.norm = .batch
    return Sides(with: normed, without: self)
  }
}

/// Hidden layers and a linear one: pixels to ten classes.
///
///     images: [N, pixels]   →   [N, 10]
struct Perceptron: Layer {
  var inputNorm: BatchNorm?
  /// What brings the inputs to the width of the layers, where each adds to its input.
  var stem: Linear?
  var hidden: [HiddenLayer]
  var output: Linear
  private let wiring: PerceptronShape.Wiring

  /// So many units a layer of a densely connected network appends.
  static let growth = 4

  init(_ shape: PerceptronShape, inputs: Int, seed: UInt64) {
    var generator = Philox(seed: seed)
    inputNorm = shape.normsInputs ? BatchNorm(inputs) : nil
    wiring = shape.wiring
    let initializer = shape.initializer ?? shape.activation.initializer
    let scaled = Initializer { sizes, dtype, generator in
      initializer(sizes, dtype: dtype, using: &generator) * shape.weightFactor
    }
    let isDense = shape.wiring == .dense
    stem =
      shape.wiring == .residual
      ? Linear(inputs, shape.width, weight: initializer, using: &generator) : nil
    var width = stem == nil ? inputs : shape.width
    hidden = []
    for _ in 0..<shape.depth {
      let outputs = isDense ? Perceptron.growth : shape.width
      hidden.append(HiddenLayer(shape, width, outputs, scaled, using: &generator))
      width = isDense ? width + outputs : outputs
    }
    output = Linear(width, 10, weight: initializer, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("inputNorm", &inputNorm)
    visitor.child("stem", &stem)
    visitor.children("hidden", &hidden)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = inputNorm?(x, mode) ?? x
    x = stem?(x, mode) ?? x
    for index in hidden.indices {
      let y = hidden[index](x, mode)
      x =
        switch wiring {
        case .plain: y
        case .residual: x + y
        case .dense: .concatenated([x, y], along: 1)
        }
    }
    return output(x, mode)
  }

  /// What each hidden layer of a plain network gives, for a batch by its own statistics.
  func activations(_ x: Tensor) -> [Tensor] {
    var copy = self
    var x = copy.inputNorm?(x, .training) ?? x
    return copy.hidden.indices.map { index in
      x = copy.hidden[index](x, .training)
      return x
    }
  }
}

/// Linear, normalization and activation, and dropout if wanted.
struct HiddenLayer: Layer {
  var linear: Linear
  var norm: AnyLayer?
  var dropout: Dropout?
  private let activation: Activation
  private let normsBefore: Bool

  init(
    _ shape: PerceptronShape, _ inputs: Int, _ outputs: Int, _ weight: Initializer,
    using generator: inout Philox
  ) {
    // What normalizes at once subtracts a bias again.
    linear = Linear(
      inputs, outputs, bias: shape.norm == nil || !shape.normsBefore, weight: weight,
      using: &generator)
    norm = shape.norm.map { $0.layer(outputs) }
    activation = shape.activation
    normsBefore = shape.normsBefore
    dropout = shape.dropout > 0 ? Dropout(rate: shape.dropout, using: &generator) : nil
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("linear", &linear)
    visitor.child("norm", &norm)
    visitor.child("dropout", &dropout)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var y = linear(x, mode)
    if normsBefore { y = norm?(y, mode) ?? y }
    y = activation(y)
    if !normsBefore { y = norm?(y, mode) ?? y }
    return dropout?(y, mode) ?? y
  }
}
