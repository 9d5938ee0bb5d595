import Testing

@testable import Adjoint

/// Derivatives of functions whose derivatives are known by hand.
@Suite("Derivatives of functions")
struct FunctionTests {
  /// f(x, y) = x²·y + sin y, at (1.5, 0.7).
  private let point = Tensor([1.5, 0.7] as [Double])
  private func f(_ v: Tensor) -> Tensor { v[0] * v[0] * v[1] + v[1].sin() }

  @Test func valueAndGradientOfAFunction() {
    let (value, gradient) = valueAndGradient(at: point, of: f)
    let sine = Tensor(0.7, dtype: .float64).sin().element()
    #expect(value.isClose(to: Tensor(2.25 * 0.7 + sine, dtype: .float64), relative: 1e-14))
    let cosine = Tensor(0.7, dtype: .float64).cos().element()
    #expect(gradient.isClose(to: Tensor([2.1, 2.25 + cosine] as [Double]), relative: 1e-14))
  }

  @Test func theHessian() {
    let sine = Tensor(0.7, dtype: .float64).sin().element()
    let expected = Tensor([[1.4, 3.0], [3.0, -sine]] as [[Double]])
    #expect(hessian(at: point, of: f).isClose(to: expected, relative: 1e-14))
    let v = Tensor([0.3, -2] as [Double])
    let product = expected.matMul(v)
    #expect(hessianVectorProduct(at: point, along: v, of: f).isClose(to: product, relative: 1e-14))
  }

  @Test func theJacobianAndItsProducts() {
    func g(_ v: Tensor) -> Tensor { Tensor.stacked([v[0] * v[1], v[0].exp(), v[1]]) }
    let e = Tensor(1.5, dtype: .float64).exp().element()
    let expected = Tensor([[0.7, 1.5], [e, 0], [0, 1]] as [[Double]])
    #expect(jacobian(at: point, of: g).isClose(to: expected, relative: 1e-14))
    let (v, w) = (Tensor([0.3, -2] as [Double]), Tensor([1, -1, 0.5] as [Double]))
    let pushed = jacobianVectorProduct(at: point, along: v, of: g)
    #expect(pushed.product.isClose(to: expected.matMul(v), relative: 1e-14))
    #expect(pushed.value.isClose(to: g(point), relative: 1e-14))
    let pulled = vectorJacobianProduct(at: point, cotangent: w, of: g)
    #expect(pulled.product.isClose(to: w.matMul(expected), relative: 1e-14))
  }

  @Test func theJacobianOfNothing() {
    let empty = jacobian(at: Tensor.zeros([3])) { $0.slice(0..<0, along: 0) }
    #expect(empty.shape == [0, 3])
  }

  @Test func gradientsOfSeveralInputs() {
    let (a, b) = (Tensor([1, 2]), Tensor([3, 5]))
    let (value, gradients) = valueAndGradients(at: [a, b]) { ($0[0] * $0[1]).sum() }
    #expect(Float(value) == 13)
    #expect(gradients == [b, a])
  }

  @Test func errorsOfTheFunctionAreThrown() {
    struct Failure: Error {}
    #expect(throws: Failure.self) { try gradient(at: Tensor(1)) { _ in throw Failure() } }
  }
}
