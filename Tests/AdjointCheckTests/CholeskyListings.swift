import Adjoint
import AdjointCheck
import AdjointTesting
import Testing

// The listings of the page of the Cholesky decomposition, built and run.

/// The x with L·x = b, or Lᵀ·x = b; of L the lower triangle is read.
///
///     L: [n, n], b: [n, m]   →   [n, m]
struct TriangularSolve: Operation {
  let isTransposed: Bool
  var name: String { "triangularSolve" }
  var attributes: String { isTransposed ? "transposed" : "" }
  var reads: Reads { .inputs(0).and(.outputs(0)) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    let (l, b) = (inputs[0], inputs[1])
    require(
      l.rank == 2 && l.shape[0] == l.shape[1] && b.rank == 2 && b.shape[0] == l.shape[0],
      "triangularSolve: \(l) and \(b) do not go together; give [n, n] and [n, m]")
    return [b]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (l, b) = (frame.input(0), frame.input(1))
    let (n, m) = (frame.inputType(1).shape[0], frame.inputType(1).shape[1])
    var x = frame.output(0)
    for step in 0..<n {
      let row = isTransposed ? n - 1 - step : step
      for column in 0..<m {
        var rest = Double(b[row * m + column])
        for known in isTransposed ? row + 1..<n : 0..<row {
          let factor = isTransposed ? l[known * n + row] : l[row * n + known]
          rest -= Double(factor) * Double(x[known * m + column])
        }
        x[row * m + column] = Scalar(rest / Double(l[row * n + row]))
      }
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (l, x, g) = (rule.input(0), rule.output(), rule.cotangent)
    let b = TriangularSolve(isTransposed: !isTransposed)(l, g)
    let outer =
      isTransposed ? x.matMul(b, transposingOther: true) : b.matMul(x, transposingOther: true)
    rule.set(0, to: -outer.lowerTriangular())
    rule.set(1, to: b)
  }
}

/// The lower triangle L with A = L·Lᵀ and a positive diagonal; of A the lower triangle is read.
///
///     A: [n, n]   →   [n, n]
///
/// NaN where A is not positive definite. Source: Murray, "Differentiation of the Cholesky
/// decomposition" (2016).
struct Cholesky: Operation {
  var name: String { "cholesky" }
  var reads: Reads { .outputs(0) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    let a = inputs[0]
    require(
      a.rank == 2 && a.shape[0] == a.shape[1],
      "cholesky: \(a) is no square matrix; give [n, n]")
    return [a]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (a, n) = (frame.input(0), frame.inputType(0).shape[0])
    var l = frame.output(0)
    for row in 0..<n {
      for column in 0..<n { l[row * n + column] = 0 }
      for column in 0...row {
        var rest = Double(a[row * n + column])
        for k in 0..<column { rest -= Double(l[row * n + k]) * Double(l[column * n + k]) }
        let pivot = column < row ? Double(l[column * n + column]) : rest.squareRoot()
        l[row * n + column] = Scalar(rest / pivot)
      }
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (l, g) = (rule.output(), rule.cotangent)
    let solve = TriangularSolve(isTransposed: true)
    let p = l.matMul(g, transposingSelf: true).halvedTriangle
    let s = solve(l, solve(l, p).transposed())
    rule.set(0, to: (s + s.transposed()).halvedTriangle)
  }
}

extension Tensor {
  /// Φ: the lower triangle, with half of the diagonal.
  var halvedTriangle: Tensor { (lowerTriangular() + lowerTriangular(offset: -1)) / 2 }
}

extension Cholesky {
  static var samples: [Sample] {
    [
      Sample("a number", Cholesky(), [Tensor([[4]])]),
      Sample("a small matrix", Cholesky(), [Tensor([[4, 2, -1], [2, 5, 0.5], [-1, 0.5, 3]])]),
      Sample("above the diagonal nothing is read", Cholesky(), [Tensor([[4, 99], [2, 5]])]),
      // Its condition is 2·10⁴.
      Sample("nearly singular", Cholesky(), [Tensor([[1, 0.9999], [0.9999, 1]])]),
      Sample("of very different scales", Cholesky(), [Tensor([[1e6, 3], [3, 1e-4]])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("cholesky: float32[2, 3] is no square matrix; give [n, n]") {
        _ = Cholesky()(Tensor.zeros([2, 3]))
      },
      Misuse("cholesky: float32[4] is no square matrix; give [n, n]") {
        _ = Cholesky()(Tensor.zeros([4]))
      },
    ]
  }
}

/// The same with the diagonal not halved, as it is easily forgotten.
struct ForgetfulCholesky: Operation {
  var name: String { "forgetfulCholesky" }
  func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0]] }
  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { Cholesky().kernel(&frame) }
  func pullback(_ rule: inout Pullback) {
    let (l, g) = (rule.output(), rule.cotangent)
    let solve = TriangularSolve(isTransposed: true)
    let p = l.matMul(g, transposingSelf: true).lowerTriangular()
    let s = solve(l, solve(l, p).transposed())
    rule.set(0, to: (s + s.transposed()).halvedTriangle)
  }
}

/// The logarithm of the marginal likelihood of a Gaussian process with a squared exponential kernel.
///
///     x: [n], y: [n], length: [], noise: []   →   []
func logLikelihood(_ x: Tensor, _ y: Tensor, length: Tensor, noise: Tensor) -> Tensor {
  let n = x.shape[0]
  let distances = x.expanded(at: 1) - x.expanded(at: 0)
  let kernel = (-(distances / length).squared() / 2).exp()
  let covariance = kernel + noise.squared() * Tensor.identity(n, dtype: x.dtype)
  let l = Cholesky()(covariance)
  let whitened = TriangularSolve(isTransposed: false)(l, y.expanded(at: 1))
  return -(whitened.squared().sum() + Double(n) * 1.8378770664093453) / 2
    - l.diagonal().log().sum()  // 1.8378… = log 2π
}

@Suite("The listings of the Cholesky decomposition")
struct CholeskyListings {
  static let x = Tensor([-2, -1.2, -0.5, 0.1, 0.9, 1.6], dtype: .float64)
  static let y = Tensor([-0.8, -1, -0.4, 0.2, 0.7, 1.1], dtype: .float64)

  @Test func samplesPass() {
    for sample in Cholesky.samples {
      let report = checkGradients(of: Cholesky(), at: sample.inputs, order: 2)
      print(report)
      expectGradients(report)
    }
  }

  /// By hand: 4 = 2², 2/2 = 1, 5 − 1² = 4.
  @Test func theDecompositionIsThatOfTextbooks() {
    #expect([Float](Cholesky()(Tensor([[4, 99], [2, 5]]))) == [2, 0, 1, 2])
    #expect([Float](Cholesky()(Tensor([[-1, 0], [0, 1]])))[0].isNaN)
  }

  @Test func solvingPasses() {
    let l = Tensor([[2, 0, 0], [1, 3, 0], [-1, 0.5, 0.7]])
    let b = Tensor([[1, -2], [0.5, 4], [3, 0.2]])
    for isTransposed in [false, true] {
      let solve = TriangularSolve(isTransposed: isTransposed)
      expectGradients(checkGradients(of: solve, at: [l, b], order: 2))
    }
  }

  @Test func theWrongRuleIsRejected() {
    let a = Tensor([[4, 2, -1], [2, 5, 0.5], [-1, 0.5, 3]])
    let report = checkGradients(of: ForgetfulCholesky(), at: [a])
    print(report)
    #expect(!report.passed)
  }

  @Test func theLikelihoodPasses() {
    let (x, y) = (Self.x, Self.y)
    let likelihood = checkGradients(at: [Tensor(0.8), Tensor(0.3)], order: 2, name: "likelihood") {
      [logLikelihood(x, y, length: $0[0], noise: $0[1])]
    }
    print(likelihood)
    expectGradients(likelihood)
  }

  /// Those of `torch.distributions.MultivariateNormal` in float64, with its gradient and Hessian.
  @Test func theLikelihoodIsThatOfPyTorch() {
    let point = Tensor([0.8, 0.3], dtype: .float64)
    let (x, y) = (Self.x, Self.y)
    func value(_ point: Tensor) -> Tensor {
      logLikelihood(x, y, length: point[0], noise: point[1])
    }
    func expect(_ tensor: Tensor, _ expected: [Double]) {
      for (found, wanted) in zip([Double](tensor), expected) {
        // The covariance has a condition of 21.
        #expect(abs(found - wanted) < 1e-12 * max(1, abs(wanted)), "\(tensor)")
      }
    }
    expect(value(point), [-5.449944876648212])
    expect(gradient(at: point, of: value), [3.4989186983258627, -4.000873667302156])
    expect(
      hessian(at: point, of: value),
      [-6.612574022112664, -8.952835047439386, -8.95283504743939, -0.03154738288917436])
  }

  @Test func theProcessIsFitted() {
    let (x, y) = (Self.x, Self.y)
    // In logarithms, so that both stay positive.
    var logs = Tensor([0, -1], dtype: .float64)
    for _ in 0..<200 {
      let slope = gradient(at: logs) { logs in
        logLikelihood(x, y, length: logs[0].exp(), noise: logs[1].exp())
      }
      logs = logs + 0.05 * slope
    }
    print(logs.exp())  // length 1.68, noise 0.12
    // PyTorch after the same steps.
    let fitted = [Double](logs.exp())
    #expect(abs(fitted[0] - 1.6803378324807277) < 1e-9)
    #expect(abs(fitted[1] - 0.12229420844206253) < 1e-9)
  }

  @Test(arguments: Cholesky.misuses.indices)
  func misusesSayWhatToDo(index: Int) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [index] in
      Cholesky.misuses[index].call()
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains(Cholesky.misuses[index].message))
  }
}
