/// The matrix product, of the last two axes; the axes before them are a batch.
///
///     a: [B…, M, K], b: [B…, K, N]   →   [B…, M, N]
///
/// Either operand may be taken transposed, which costs no copy. Products are added up in the
/// operands' own type, in one order for each shape. Pullback of y = a·b: ā = ȳ·bᵀ, b̄ = aᵀ·ȳ; of aᵀ·b:
/// ā = b·ȳᵀ, and so on. ``zeros`` says what a 0 does beside an infinite element.
struct MatMul: LinearOperation {
  var name: String { "matMul" }
  let transposesLeft: Bool
  let transposesRight: Bool
  var cotangentInput: Int?
  var zeros = Zeros.multiply
  var reads: Reads { .inputs(0, 1) }
  var linearity: Linearity? { .each }

  /// What an element that is exactly 0 does with those that it is multiplied by.
  enum Zeros {
    /// What 0 times a number is: unknown of one that is infinite.
    case multiply
    /// In the left operand it leaves them out, infinite and unknown ones, too, as the shares of attention do; and in a
    /// right one that is a cotangent.
    case leaveOut
    /// It multiplies, but leaves out in the pullback, where it is in the cotangent.
    case leaveOutInPullback
  }

  var attributes: String {
    let transposed: String? =
      switch (transposesLeft, transposesRight) {
      case (false, false): nil
      case (true, false): "left transposed"
      case (false, true): "right transposed"
      case (true, true): "both transposed"
      }
    let leaving = zeros == .leaveOut ? "zeros of the left leave out" : nil
    return [transposed, leaving].compactMap { $0 }.joined(separator: ", ")
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 2)
    let (left, right) = (inputs[0], inputs[1])
    let product = product(left, right)
    require(
      left.rank >= 2 && right.rank == left.rank
        && left.shape.dropLast(2) == right.shape.dropLast(2),
      "matMul: \(left) and \(right) are not batches of matrices of one batch shape; "
        + "broadcast the leading axes")
    require(
      product.inner == right.shape[right.rank - (transposesRight ? 1 : 2)],
      "matMul: \(left)\(transposesLeft ? "ᵀ" : "") and \(right)\(transposesRight ? "ᵀ" : "") differ "
        + "in the axis that is summed over; columns of the left must equal rows of the right")
    return [left.with(shape: left.shape.dropLast(2) + [product.rows, product.columns])]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let product = product(frame.inputType(0), frame.inputType(1))
    let (a, b) = (frame.input(0), frame.input(1))
    var y = frame.output(0)
    product.compute(
      a, b, into: &y, leavingOutZeros: zeros == .leaveOut,
      ofRight: zeros == .leaveOut && cotangentInput == 1)
  }

  /// The product of matrices of these types.
  func product(_ left: TensorType, _ right: TensorType) -> Product {
    Product(left, right, transposesLeft, transposesRight)
  }

  func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    // What is left out forwards is left out on the way back, of whatever order.
    let zeros = zeros == .multiply ? Zeros.multiply : .leaveOut
    rule.set(
      0,
      to: transposesLeft
        ? b.product(
          with: g, transposesSelf: transposesRight, transposesOther: true, cotangentInput: 1, zeros)
        : g.product(
          with: b, transposesSelf: false, transposesOther: !transposesRight, cotangentInput: 0,
          zeros))
    rule.set(
      1,
      to: transposesRight
        ? g.product(
          with: a, transposesSelf: true, transposesOther: transposesLeft, cotangentInput: 0, zeros)
        : a.product(
          with: g, transposesSelf: !transposesLeft, transposesOther: false, cotangentInput: 1,
          zeros))
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ left: Bool, _ right: Bool, _ a: [Int], _ b: [Int]) -> Sample {
      Sample(
        label, MatMul(transposesLeft: left, transposesRight: right),
        [.sample(a, seed: 1), .sample(b, seed: 2)])
    }
    return [
      sample("plain", false, false, [2, 3], [3, 4]),
      sample("left transposed", true, false, [3, 2], [3, 4]),
      sample("right transposed", false, true, [2, 3], [4, 3]),
      sample("both transposed", true, true, [3, 2], [4, 3]),
      sample("square", false, true, [3, 3], [3, 3]),
      sample("batch", false, false, [2, 2, 3], [2, 3, 2]),
      sample("batch, transposed", true, true, [2, 3, 2], [2, 2, 3]),
      sample("nothing to sum", false, false, [2, 0], [0, 3]),
    ]
      + [MatMul.Zeros.leaveOut, .leaveOutInPullback].map { zeros in
        Sample(
          "\(zeros)",
          MatMul(transposesLeft: false, transposesRight: zeros != .leaveOut, zeros: zeros),
          [.sample([3, 3]), .sample([3, 3], seed: 2)])
      }
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "matMul: float32[2, 3] and float32[4, 5] differ in the axis that is summed over; "
          + "columns of the left must equal rows of the right"
      ) { _ = Tensor.zeros([2, 3]).matMul(Tensor.zeros([4, 5])) },
      Misuse("matMul: float32[2, 3] and float64[3, 2] differ in element type; cast one of them") {
        _ = Tensor.zeros([2, 3]).matMul(Tensor.zeros([3, 2], dtype: .float64))
      },
      Misuse("matMul: float32[] has no axis to sum over; multiply scalars with *") {
        _ = Tensor(1).matMul(Tensor.zeros([3, 2]))
      },
    ]
  }
}

extension Tensor {
  /// The product of batches of one shape, of which one may be a cotangent.
  func product(
    with other: Tensor, transposesSelf: Bool = false, transposesOther: Bool = false,
    cotangentInput: Int? = nil, _ zeros: MatMul.Zeros = .multiply
  ) -> Tensor {
    MatMul(
      transposesLeft: transposesSelf, transposesRight: transposesOther,
      cotangentInput: cotangentInput, zeros: zeros)(self, other)
  }

  /// Returns the matrix product.
  ///
  ///     [B…, M, K] · [B…, K, N]   →   [B…, M, N]
  ///     [M, K] · [K]              →   [M]
  ///     [K] · [K, N]              →   [N]
  ///     [K] · [K]                 →   []
  ///
  /// Batch axes are broadcast. Either operand may be taken with its last two axes exchanged, at no
  /// cost. Pullback: ā = ȳ·bᵀ, b̄ = aᵀ·ȳ.
  /// - Precondition: both are floating-point of one type, of rank 1 or more, and agree in K.
  public func matMul(
    _ other: Tensor, transposingSelf: Bool = false, transposingOther: Bool = false
  ) -> Tensor {
    for operand in [self, other] {
      require(
        operand.rank >= 1,
        "matMul: \(operand.type) has no axis to sum over; multiply scalars with *")
    }
    if rank == 1 {
      let row = expanded(at: 0).matMul(other, transposingOther: transposingOther)
      return row.squeezed(at: other.rank == 1 ? 0 : -2)
    }
    if other.rank == 1 {
      return matMul(other.expanded(at: 1), transposingSelf: transposingSelf).squeezed(at: -1)
    }
    if rank > 2, other.rank == 2, !transposingSelf {
      // One large product instead of a batch of small ones.
      let rows = reshaped(to: [shape.dropLast().reduce(1, *), shape[rank - 1]])
      let product = rows.matMul(other, transposingOther: transposingOther)
      return product.reshaped(to: shape.dropLast() + [product.shape[1]])
    }
    let (left, right) = Tensor.alignedBatches(self, other)
    return left.product(
      with: right, transposesSelf: transposingSelf, transposesOther: transposingOther)
  }

  /// The operands with their batch axes broadcast to one shape.
  private static func alignedBatches(_ left: Tensor, _ right: Tensor) -> (Tensor, Tensor) {
    guard left.rank > 2 || right.rank > 2 else { return (left, right) }
    let shape = batchShape(left, right)
    return (
      left.broadcast(to: shape + left.shape.suffix(2)),
      right.broadcast(to: shape + right.shape.suffix(2))
    )
  }

  private static func batchShape(_ left: Tensor, _ right: Tensor) -> [Int] {
    let count = Swift.max(left.rank, right.rank) - 2
    func extents(_ tensor: Tensor) -> [Int] {
      Array(repeating: 1, count: count + 2 - tensor.rank) + tensor.shape.dropLast(2)
    }
    return zip(extents(left), extents(right)).map { leftExtent, rightExtent in
      require(
        leftExtent == rightExtent || leftExtent == 1 || rightExtent == 1,
        "matMul: \(left.type) and \(right.type) are batches of different shapes; the axes before the last "
          + "two must be equal or 1")
      return leftExtent == 1 ? rightExtent : leftExtent
    }
  }
}
