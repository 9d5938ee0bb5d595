import Adjoint

extension Workload {
  /// A square matrix product, forward only.
  static func product(_ extent: Int, _ dtype: DType) -> Workload {
    var generator = NumpyGenerator(seed: 6)
    let shape = [extent, extent]
    let a = Tensor(generator.normal(extent * extent), shape: shape, dtype: dtype)
    let b = Tensor(generator.normal(extent * extent), shape: shape, dtype: dtype)
    var y = a
    func step() { y = a.matMul(b) }
    return Workload(
      step: step,
      check: {
        step()
        return [y.norm]
      }, operations: 2 * Double(extent * extent * extent))
  }

  /// Dependent operations on 16 elements, x·a, x + b and tanh x in turn, and the gradient of their sum.
  static func chain(_ length: Int) -> Workload {
    var generator = NumpyGenerator(seed: 8)
    let x = generator.normal(16).tensor([16])
    let a = generator.normal(16).tensor([16], times: 0.01, plus: 1)
    let b = generator.normal(16).tensor([16], times: 0.001)
    return gradient(at: x) { x in
      var x = x
      for number in 0..<length {
        switch number % 3 {
        case 0: x = x * a
        case 1: x = x + b
        default: x = x.tanh()
        }
      }
      return x.sum()
    }
  }

  /// Σ tanh(x·a + b)·sigmoid(x) + x², and its gradient.
  static func elements(_ count: Int) -> Workload {
    var generator = NumpyGenerator(seed: 9)
    let x = generator.normal(count).tensor([count])
    var workload = gradient(at: x) { x in
      ((x * 1.7 + 0.3).tanh() * x.sigmoid() + x * x).sum()
    }
    workload.bytes = 3 * 4 * Double(count)
    return workload
  }

  private static func gradient(at x: Tensor, _ function: @escaping (Tensor) -> Tensor) -> Workload {
    var results: [Tensor] = []
    func step() {
      let (value, gradient) = valueAndGradient(at: x, of: function)
      results = [value, gradient]
    }
    return Workload(
      step: step,
      check: {
        step()
        return results.map(\.norm)
      })
  }
}
