import Adjoint
import AdjointTraining

/// Claim 18: batch norm in float32 is safe.
struct Numerics: Claim {
  let number = 18
  let name = "Numerics"
  let sentence = "In float32 batch norm is right to five digits, whatever its inputs."
  let cost = 5.0
  let method = Method(
    compared: """
      Batch norm in float32 by four ways of computing it: E[x²] − E[x]², mean and variance in two \
      passes, this package's composition, and its kernel.
      """,
    measured: """
      The largest error of the normalized values, relative to the largest of them, beside the same \
      in float64 of the same inputs: ordinary ones, a large offset with a tiny deviation, one \
      extreme value, and a tiny deviation about 0.
      """,
    rule: """
      It holds for a way of computing if its error is below 10⁻⁵ for all inputs and all seeds.
      """)

  struct Results: Measured {
    let inputs: [String]
    /// The names of the ways.
    let ways: [String]
    /// Errors by ways, inputs and seeds.
    var errors: [[[Double]]]
    var seedCount: Int { errors[0][0].count }

    /// The largest error of a way.
    func worst(_ way: Int) -> Double { errors[way].joined().max() ?? 0 }
  }

  private static let epsilon = 1e-5

  /// An error above this, or unknown, counts as this.
  private static let largestError = 1e6

  /// An error, as it is written.
  private static func written(_ error: Double) -> String {
    error < largestError ? significant(error, 1) : "10⁶ or more"
  }

  func measure(_ setting: Setting) -> Results {
    let count = setting.budget(4096, quick: 512)
    let inputs: [(String, @Sendable (Tensor) -> Tensor)] = [
      ("0 ± 1", { $0 }), ("10⁴ ± 10⁻²", { $0 * 0.01 + 1e4 }), ("10⁶ ± 1", { $0 + 1e6 }),
      ("one of 10⁶", { .concatenated([$0[1..<$0.shape[0]], .full([1, 8], 1e6)], along: 0) }),
      ("0 ± 10⁻⁶", { $0 * 1e-6 }),
    ]
    let ways: [(String, @Sendable (Tensor) -> Tensor)] = [
      ("E[x²] − E[x]²", Numerics.bySquares), ("two passes", Numerics.inTwoPasses),
      ("our composition", { Numerics.ours($0, fused: false) }),
      ("our kernel", { Numerics.ours($0, fused: true) }),
    ]
    let runs = setting.forEachSeed(sides: inputs.count) { side, seed in
      var generator = Philox(seed: seed)
      let x = inputs[side].1(.normal([count, 8], using: &generator))
      let exact = Numerics.inTwoPasses(x.cast(to: .float64))
      let largest = Double(exact.magnitude().max())
      return ways.map { way in
        let error = Double((way.1(x).cast(to: .float64) - exact).magnitude().max()) / largest
        return error < Numerics.largestError ? error : Numerics.largestError
      }
    }
    return Results(
      inputs: inputs.map { $0.0 }, ways: ways.map { $0.0 },
      errors: ways.indices.map { way in runs.map { seeds in seeds.map { $0[way] } } })
  }

  /// As textbooks save a pass: the mean of the squares less the square of the mean.
  private static func bySquares(_ x: Tensor) -> Tensor {
    let mean = x.mean(over: 0)
    let variance = x.squared().mean(over: 0) - mean.squared()
    return (x - mean) / (variance + epsilon).squareRoot()
  }

  /// As the paper has it: the mean, then the mean of the squared differences from it.
  private static func inTwoPasses(_ x: Tensor) -> Tensor {
    let mean = x.mean(over: 0)
    let variance = (x - mean).squared().mean(over: 0)
    return (x - mean) / (variance + epsilon).squareRoot()
  }

  private static func ours(_ x: Tensor, fused: Bool) -> Tensor {
    x.batchNormalized(
      scale: .ones([8]), shift: .zeros([8]), axis: 1, epsilon: epsilon, fused: fused
    ).0
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      results.ways.indices.map {
        ("it is computed by \(results.ways[$0])", results.worst($0) < 1e-5)
      })
  }

  func figure(of results: Results) -> String {
    "largest error: "
      + results.ways.indices.map {
        "\(results.ways[$0]) \(Numerics.written(results.worst($0)))"
      }.joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    [
      BarPlot(
        title: "Error in float32: mean and range of \(results.seedCount) seeds",
        categories: results.inputs,
        y: Axis("error relative to the largest value", scale: .logarithmic),
        series: zip(results.ways, results.errors).map { BarPlot.Series($0, runs: $1) })
    ]
  }

  func advice(from results: Results) -> String {
    """
    Of inputs with a large offset, 10⁴ ± 10⁻² or 10⁶ ± 1, float32 keeps few digits, and a formula \
    may lose these too. A network that turns unstable after such inputs were added may owe it to \
    its batch norm. Use one that subtracts the mean before it squares, and the rounding error of \
    the mean as well; what other frameworks do stands in <doc:BatchNormDerived>. Or standardise \
    the inputs.
    """
  }
}
