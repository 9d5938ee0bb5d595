/// A sum of products of matrices: what the gradient of a matrix is that was used several times.
///
///     a₁: [K, M], b₁: [K, N], …, aₙ: [K, M], bₙ: [K, N]   →   [M, N]
///
/// y = Σ aᵢᵀ·bᵢ. As one product along all rows of all operands: the weights of a recurrent layer have one term for
/// each step, and as many sums of tensors of their size would take longer than the products. A term whose cotangent
/// is 0 adds nothing, whatever the other operand is. Pullback: āᵢ = bᵢ·ȳᵀ, b̄ᵢ = aᵢ·ȳ.
struct ProductSum: FusedOperation, ExactlyChangingOperation {
  var name: String { "productSum" }
  /// Which operand of each term is a cotangent; nil if none is.
  let cotangentPlace: Int?
  var attributes: String { cotangentPlace.map { "cotangents: \($0)" } ?? "" }

  private var product: MatMul {
    MatMul(transposesLeft: true, transposesRight: false, cotangentInput: cotangentPlace)
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    require(
      !inputs.isEmpty && inputs.count.isMultiple(of: 2),
      "\(name): takes pairs of operands, got \(inputs.count)")
    for (place, type) in inputs.enumerated() where type != inputs[place % 2] {
      stop("\(name): \(type) is among \(inputs[place % 2]); give operands of one type")
    }
    require(
      inputs[0].rank == 2 && inputs[1].rank == 2,
      "\(name): \(inputs[0]) and \(inputs[1]) are not matrices")
    return product.outputTypes(for: [inputs[0], inputs[1]])
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let terms = stride(from: 0, to: inputs.count, by: 2).map { product(inputs[$0], inputs[$0 + 1]) }
    return [terms.dropFirst().reduce(terms[0]) { $0 + $1 }]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (left, right) = (frame.inputType(0).shape, frame.inputType(1).shape)
    let (rows, columns) = (left[1], right[1])
    var sums = Array(repeating: 0.0, count: rows * columns)
    for term in stride(from: 0, to: frame.inputCount, by: 2) {
      let (a, b) = (frame.input(term), frame.input(term + 1))
      if let cotangentPlace {
        let cotangent = cotangentPlace == 0 ? a : b
        if cotangent.indices.allSatisfy({ cotangent[$0] == 0 }) { continue }
      }
      for k in 0..<left[0] {
        for i in 0..<rows {
          let factor = Double(a[k * rows + i])
          for j in 0..<columns { sums[i * columns + j] += factor * Double(b[k * columns + j]) }
        }
      }
    }
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(sums[i]) }
  }

  static var samples: [Sample] {
    [nil, 1].map { place in
      Sample(
        place == nil ? "three terms" : "three terms with a cotangent",
        ProductSum(cotangentPlace: place),
        (0..<6).map { .sample($0.isMultiple(of: 2) ? [2, 3] : [2, 4], seed: $0 + 1) })
    } + [
      Sample(
        "a term", ProductSum(cotangentPlace: 0), [.sample([2, 3]), .sample([2, 1], seed: 2)])
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("productSum: takes pairs of operands, got 1") {
        _ = ProductSum(cotangentPlace: nil).outputs(of: [.zeros([2, 3])])
      },
      Misuse("productSum: float32[3, 2] is among float32[2, 3]; give operands of one type") {
        _ = ProductSum(cotangentPlace: nil).outputs(
          of: [.zeros([2, 3]), .zeros([2, 3]), .zeros([3, 2]), .zeros([2, 3])])
      },
    ]
  }
}

extension MatMul: SummableOperation {
  /// One product along all rows, for products that add up along the rows of both operands.
  func sum(of calls: [[Tensor]]) -> Tensor? {
    guard
      transposesLeft, !transposesRight, zeros == .multiply, calls.count > 2,
      calls[0].allSatisfy({ $0.rank == 2 })
    else { return nil }
    let types = calls[0].map(\.type)
    // The rows are copied: worth it where they are fewer than those of the sum.
    guard
      types[0].shape[0] * (types[0].shape[1] + types[1].shape[1])
        < types[0].shape[1] * types[1].shape[1],
      calls.allSatisfy({ $0.map(\.type) == types })
    else { return nil }
    return ProductSum(cotangentPlace: cotangentInput).outputs(of: calls.flatMap { $0 })[0]
  }
}
