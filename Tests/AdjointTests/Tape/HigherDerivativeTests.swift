import Testing

@testable import Adjoint

/// Second and third derivatives where a formula of them would cancel, overflow, or multiply 0 by ∞.
@Suite("Higher derivatives of activations")
struct HigherDerivativeTests {
  typealias Function = @Sendable (Tensor) -> Tensor

  private func derivative(of function: @escaping Function) -> Function {
    { x in gradient(at: x) { function($0).sum() } }
  }

  /// From mpmath 1.3 with 80 digits: x, f″, f‴.
  static let known: [(name: String, function: Function, values: [(Double, Double, Double)])] = [
    (
      "tanh", { $0.tanh() },
      [
        (1e-8, -1.9999999999999997e-8, -1.9999999999999992),
        (1e-6, -1.9999999999973333e-6, -1.999999999992),
        (0.5, -0.72686198138358728, -0.56520928825977036),
        (-3, 0.019634494363042436, 0.038880116525661682),
        (12, -3.0201076349672257e-10, 6.0402152690223464e-10),
      ]
    ),
    (
      "sigmoid", { $0.sigmoid() },
      [
        (1e-8, -1.25e-9, -0.12499999999999999), (1e-6, -1.2499999999995833e-7, -0.124999999999875),
        (0.5, -0.057556794852320741, -0.096356756289584614),
        (-3, 0.040891574660943479, 0.032931076224256425),
        (12, -6.1440613500339863e-6, 6.1439103488272879e-6),
      ]
    ),
    (
      "silu", { $0.silu() },
      [
        (1e-6, 0.49999999999975, -4.9999999999975e-7),
        (0.5, 0.44122902697702861, -0.22084876270175453),
        (12, -6.1440462497741485e-5, 5.5294740135825495e-5),
      ]
    ),
    (
      "gelu", { $0.gelu() },
      [
        (1e-6, 0.79788456080206747, -1.5957691216045339e-6),
        (0.5, 0.61611432183752409, -0.66012248768306152),
      ]
    ),
    (
      "geluTanh", { $0.gelu(approximate: true) },
      [
        (1e-6, 0.79788456080206352, -1.6036674522588854e-6),
        (0.5, 0.61550689511598489, -0.66121790332673519),
      ]
    ),
    (
      "softsign", { $0.softsign() },
      [
        (1e-6, -1.999994000012, 5.9999760000599999),
        (-3, 0.03125, 0.0234375), (1e10, -1.9999999994e-30, 5.9999999976e-40),
      ]
    ),
  ]

  @Test("Where formulas cancel", arguments: 0..<known.count)
  func values(_ index: Int) {
    let (name, function, values) = Self.known[index]
    let second = derivative(of: derivative(of: function))
    let third = derivative(of: second)
    for dtype in [DType.float32, .float64] {
      let x = Tensor(values.map(\.0), dtype: dtype)
      // Some twenty operations of a unit or two each, and what rounding x does to functions that change by
      // about themselves for a change of x by 1: |x| units, 12 at most.
      let want = Tensor(values.map(\.1), dtype: dtype)
      #expect(
        second(x).isClose(to: want, relative: 32 * dtype.epsilon, absolute: 0),
        "\(name)″, \(dtype): \([Double](second(x)))")
      // Sums, of terms of about 1, may cancel.
      let wantThird = Tensor(values.map(\.2), dtype: dtype)
      #expect(
        third(x).isClose(to: wantThird, relative: 64 * dtype.epsilon, absolute: 8 * dtype.epsilon),
        "\(name)‴, \(dtype): \([Double](third(x)))")
    }
  }

  /// More functions whose second derivatives are 0 far out.
  static let others: [(name: String, function: Function)] = [
    ("erf", { $0.erf() }), ("erfc", { $0.erfc() }), ("softplus", { $0.softplus() }),
    ("elu", { $0.elu() }), ("relu", { $0.relu() }), ("leakyRelu", { $0.leakyRelu() }),
  ]

  @Test("Far out they are 0", arguments: 0..<known.count + others.count)
  func farOut(_ index: Int) {
    let (name, function) =
      index < Self.known.count
      ? (Self.known[index].name, Self.known[index].function)
      : Self.others[index - Self.known.count]
    for dtype in [DType.float32, .float64] {
      let far: [Double] = [1e13, 1e20, 3e38, .infinity]
      // 2/x³ of softsign is not nothing at 1e13 in float64.
      let x = Tensor(
        (far + far.map { -$0 }).filter { name != "softsign" || $0.magnitude > 1e110 }, dtype: dtype)
      var derivative = derivative(of: function)
      for order in 2...4 {
        derivative = self.derivative(of: derivative)
        #expect(
          [Double](derivative(x)).allSatisfy { $0 == 0 },
          "\(name), order \(order), \(dtype): \([Double](derivative(x)))")
      }
    }
  }
}
