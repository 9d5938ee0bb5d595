import Adjoint

/// A table of vectors, looked up by number: those of words, characters, users.
///
///     x: int32[N…], numbers from 0 to below count   →   [N…, features]
///
/// Parameter: `weight` [count, features]. The gradient of a row is the sum of those of its places. A padding
/// number gives zeros, and its row gets no gradient.
public struct Embedding: Layer {
  /// The vectors, [count, features].
  public var weight: Tensor
  /// The number that stands for nothing; nil if there is none.
  public var padding: Int?

  /// Makes a table of random vectors, of mean 0 and variance 1; that of the padding is 0.
  public init(
    _ count: Int, _ features: Int, padding: Int? = nil, weight: Initializer = .normal(deviation: 1),
    dtype: DType = .float32, using generator: inout Philox
  ) {
    require(
      count >= 1 && features >= 1,
      "Embedding: there are \(count) vectors of \(features) features; give 1 or more of each")
    require(
      padding.map { (0..<count).contains($0) } ?? true,
      "Embedding: the padding is \(padding ?? 0); give a number from 0 to below \(count)")
    let drawn = speaking(as: "Embedding") {
      weight([count, features], dtype: dtype, using: &generator)
    }
    let isPadding = padding.map { Tensor.range(0..<count).expanded(at: 1) .== $0 }
    self.weight = isPadding.map { drawn.filled(where: $0, with: 0) } ?? drawn
    self.padding = padding
  }

  public mutating func visit(_ visitor: inout Visitor) { visitor.parameter("weight", &weight) }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.layered("Embedding", with: weight) {
      require(
        x.dtype == .int32,
        "Embedding: the numbers are \(x.type); give int32, each a row of the table")
      if let wrong = x.firstNumber(outside: 0..<weight.shape[0]) {
        stop("Embedding: a number is \(wrong); give numbers from 0 to below \(weight.shape[0])")
      }
      let vectors = weight.gather(x, along: 0)
      guard let padding else { return vectors }
      return vectors.filled(where: (x .== padding).expanded(at: x.rank), with: 0)
    }
  }

  /// Returns the products of features with every vector of the table: logits by the table that the inputs were
  /// looked up in.
  ///
  ///     x: [N…, features]   →   [N…, count]
  ///
  /// Source: Press & Wolf, "Using the output embedding to improve language models" (2017).
  public func logits(of x: Tensor) -> Tensor {
    speaking(as: "Embedding") { x.matMul(weight, transposingOther: true) }
  }
}
