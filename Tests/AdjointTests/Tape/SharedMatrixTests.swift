import Testing

@testable import Adjoint

@Suite("The gradient of a matrix that is used several times")
struct SharedMatrixTests {
  private let matrix = Tensor.sample([6, 5])
  private let rows = (0..<7).map { Tensor.sample([2, 6], seed: 10 + $0) }
  private let cotangents = (0..<7).map { Tensor.sample([2, 5], seed: 20 + $0) }

  /// Σ xᵢᵀ·gᵢ, added up element by element.
  private func expected(_ used: [Int]) -> [Double] {
    var sum = Array(repeating: 0.0, count: 30)
    for number in used {
      let (x, g) = ([Double](rows[number]), [Double](cotangents[number]))
      for k in 0..<2 {
        for i in 0..<6 { for j in 0..<5 { sum[i * 5 + j] += x[k * 6 + i] * g[k * 5 + j] } }
      }
    }
    return sum
  }

  private func expectClose(_ gradient: Tensor, _ expected: [Double]) {
    // At most 14 products of numbers below 4.
    for (a, b) in zip([Double](gradient), expected) {
      #expect(abs(a - b) <= 14 * 16 * .ulpOfOne)
    }
  }

  @Test(arguments: [1, 2, 3, 7])
  func isTheSumOfAllUses(_ count: Int) {
    let gradient = gradient(at: matrix) { matrix in
      (0..<count).reduce(Tensor(0.0, dtype: .float64)) {
        $0 + (rows[$1].matMul(matrix) * cotangents[$1]).sum()
      }
    }
    expectClose(gradient, expected(Array(0..<count)))
  }

  @Test func isOneSumWhateverElseUsesIt() {
    // Among the products, a use of another kind and products of other shapes.
    let gradient = gradient(at: matrix) { matrix in
      var sum = (matrix * 3).sum()
      for number in 0..<4 { sum = sum + (rows[number].matMul(matrix) * cotangents[number]).sum() }
      let all = Tensor.concatenated(Array(rows[4...5]), along: 0).matMul(matrix)
      sum = sum + (all * Tensor.concatenated(Array(cotangents[4...5]), along: 0)).sum()
      return sum + (rows[6].matMul(matrix) * cotangents[6]).sum()
    }
    expectClose(gradient, expected(Array(0..<7)).map { $0 + 3 })
  }

  @Test func aTermWithoutACotangentAddsNothing() {
    let endless = Tensor.full([2, 6], .infinity, dtype: .float64)
    let gradient = gradient(at: matrix) { matrix in
      let products = (rows[..<4] + [endless]).map { $0.matMul(matrix) }
      var sum = (products[4].select(where: products[4] .< 0, otherwise: 0) * 0).sum()
      for number in 0..<4 { sum = sum + (products[number] * cotangents[number]).sum() }
      return sum
    }
    expectClose(gradient, expected(Array(0..<4)))
  }
}
