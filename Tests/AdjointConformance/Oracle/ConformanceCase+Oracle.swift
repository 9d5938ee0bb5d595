import Adjoint
import AdjointFixtures

extension ConformanceCase {
  /// A case of the oracle.
  init(_ fixture: Fixture) {
    self.init("oracle", fixture.name, fixture.operation) { dtype in
      switch fixture.kind {
      case "batch_renorm": try fixture.batchRenorm(dtype)
      case "elementwise": try fixture.elementwise(dtype)
      case "variance": try fixture.variance(dtype)
      case "variance_merge": try fixture.mergedVariance(dtype)
      case "policy": fixture.policies(dtype)
      case "training_trajectory": try fixture.training(dtype)
      default: try fixture.valuesAndGradients(dtype)
      }
    }
  }
}

extension Fixture {
  fileprivate var operation: String { parameters["function"]?.text ?? kind }

  /// The values, gradients and second-order products of the fixture's function.
  func valuesAndGradients(_ dtype: DType) throws -> [Comparison] {
    guard let oracle = try OracleFunction(self, dtype) else { throw Unsupported(kind) }
    let statistics = kind == "batch_norm" && has("x_step2") ? try runningStatistics(dtype) : []
    return try comparisons(oracle, dtype) + statistics
  }

  /// All that the fixture has, held against what a function gives.
  public func comparisons(_ oracle: OracleFunction, _ dtype: DType) throws -> [Comparison] {
    let tape = Tape()
    let inputs = try oracle.inputs.map { tape.watch(try self($0).cast(to: dtype)) }
    let upstream = tape.watch(try self("dy").cast(to: dtype))
    let y = oracle.function(inputs)
    let gradients = tape.gradients(of: [y], seeds: [upstream], with: inputs, recording: true)
    var comparisons = [try comparison(y, "y")]
    for (name, gradient) in zip(oracle.inputs, gradients) {
      comparisons.append(try comparison(gradient, "d\(name)"))
    }
    let directions = try oracle.inputs.map { has("v\($0)") ? try self("v\($0)") : nil }
    let products = zip(gradients, directions).compactMap { gradient, direction in
      direction.map { (gradient * $0.cast(to: dtype)).sum() }
    }
    guard let first = products.first else { return comparisons }
    let slope = products.dropFirst().reduce(first, +)
    let second = tape.gradients(of: slope, with: inputs + [upstream])
    for (name, product) in zip(oracle.inputs.map { "hvp_\($0)" } + ["jvp_y"], second)
    where has(name) {
      comparisons.append(try comparison(product, name))
    }
    return comparisons
  }

  /// The error of an array, and the mark of the sets' README: in float32 the stricter one, which a
  /// trustworthy implementation reaches.
  func comparison(_ got: Tensor, _ array: String) throws -> Comparison {
    func reference(_ name: String) -> Double { referenceErrors[name]?[array] ?? 0 }
    let isDouble = got.dtype == .float64
    let (shifted, torch) =
      isDouble
      ? (reference("shifted_f64"), reference("torch_f64"))
      : (reference("shifted_f32"), reference("torch_f32"))
    return Comparison(
      array: array, error: relativeError(got, try self(array)),
      mark: max(isDouble ? 1e-14 : 5e-6, 20 * (shifted > 0 ? shifted : torch)))
  }
}
