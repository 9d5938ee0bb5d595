import Adjoint

/// Where a transformer's norms stand.
public enum NormPlace: Sendable, Hashable {
  /// Before each part, whose way around stays free: x + f(norm(x)). It trains without warm-up.
  ///
  /// Source: Xiong et al., "On layer normalization in the transformer architecture" (2020).
  case before
  /// After each sum, as in the paper of 2017: norm(x + f(x)).
  case after

  /// What a part gets.
  func before(_ x: Tensor, _ norm: inout AnyLayer, _ mode: Mode) -> Tensor {
    self == .before ? norm(x, mode) : x
  }

  /// What becomes of the sum.
  func after(_ x: Tensor, _ norm: inout AnyLayer, _ mode: Mode) -> Tensor {
    self == .after ? norm(x, mode) : x
  }
}

/// Which norm a transformer has.
public struct NormKind: Sendable {
  private let make: @Sendable (Int, DType) -> any Layer

  /// Makes a kind of a function of the number of features and the element type; features are on the last axis.
  public init(_ make: @escaping @Sendable (Int, DType) -> any Layer) { self.make = make }

  /// Layer norm.
  public static let layer = NormKind { LayerNorm($0, dtype: $1) }
  /// Root mean square norm.
  public static let rootMeanSquare = NormKind { RMSNorm($0, dtype: $1) }
  /// Batch norm over all positions of all sequences.
  public static let batch = NormKind { BatchNorm($0, axis: -1, dtype: $1) }

  func callAsFunction(_ width: Int, _ dtype: DType) -> AnyLayer { AnyLayer(make(width, dtype)) }
}

/// What the layers of a transformer are made with.
public struct TransformerOptions: Sendable {
  /// The features of the perceptron in between; four times the width unless given.
  public var inner: Int?
  /// The function of the perceptron.
  public var activation: any StatelessLayer
  /// The probability with which shares, and features, are dropped in training.
  public var dropout: Double
  /// Where the norms stand.
  public var normPlace: NormPlace
  /// Which norm.
  public var norm: NormKind
  /// Whether a position sees only those up to itself.
  public var isCausal: Bool
  /// The number of heads of keys and values; as many as those of queries unless given.
  public var sharedHeads: Int?
  /// What turns queries and keys by their places.
  public var rotary: RotaryEncoding?
  /// Whether linear maps have biases.
  public var hasBias: Bool
  /// The element type.
  public var dtype: DType

  /// Makes options; each has the value of the paper of 2017 unless given, but for the place of the norms.
  public init(
    inner: Int? = nil, activation: any StatelessLayer = ReLU(), dropout: Double = 0.1,
    normPlace: NormPlace = .before, norm: NormKind = .layer, isCausal: Bool = false,
    sharedHeads: Int? = nil, rotary: RotaryEncoding? = nil, bias: Bool = true,
    dtype: DType = .float32
  ) {
    (self.inner, self.activation, self.dropout) = (inner, activation, dropout)
    (self.normPlace, self.norm, self.isCausal) = (normPlace, norm, isCausal)
    (self.sharedHeads, self.rotary, hasBias, self.dtype) = (sharedHeads, rotary, bias, dtype)
  }
}

extension MultiHeadAttention {
  /// Makes the attention of a layer of a transformer.
  init(
    _ width: Int, heads: Int, _ options: TransformerOptions, looksElsewhere: Bool = false,
    using generator: inout Philox
  ) {
    self.init(
      width, heads: heads, sharedHeads: options.sharedHeads,
      isCausal: options.isCausal && !looksElsewhere,
      rotary: looksElsewhere ? nil : options.rotary, dropout: options.dropout,
      bias: options.hasBias,
      dtype: options.dtype, using: &generator)
  }

  /// Stops at what is not sequences for a layer of a transformer, before one of its parts does.
  func requireSequences(_ x: Tensor, _ role: String, _ layer: String) {
    require(
      x.rank == 3 && x.shape[2] == width && x.dtype == outputWeight.dtype,
      "\(layer): \(role) is \(x.type); give \(outputWeight.dtype)[batch, positions, \(width)]")
  }
}

/// Two linear layers with a function in between, for each position alone.
struct Perceptron: Sendable {
  var (linear1, linear2): (Linear, Linear)
  var dropout: Dropout
  let activation: any StatelessLayer

  init(_ width: Int, _ options: TransformerOptions, using generator: inout Philox) {
    let inner = options.inner ?? 4 * width
    func linear(_ inputs: Int, _ outputs: Int) -> Linear {
      Linear(
        inputs, outputs, bias: options.hasBias, weight: .glorotUniform, dtype: options.dtype,
        using: &generator)
    }
    (linear1, linear2) = (linear(width, inner), linear(inner, width))
    dropout = Dropout(rate: options.dropout, using: &generator)
    activation = options.activation
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    linear2(dropout(activation(linear1(x, mode)), mode), mode)
  }
}
