import AdjointConformance
import AdjointFixtures
import Testing

@testable import Adjoint

/// The public sets, as the command `conformance` runs them.
@Suite("Results of other systems")
struct ConformanceTests {
  static let cases: [ConformanceCase] = {
    do { return try ConformanceCase.load(Fixture.data) } catch {
      fatalError("conformance: the public sets cannot be read: \(error)")
    }
  }()

  @Test("Each case is at its mark, in float64 and in float32", arguments: cases)
  func run(_ item: ConformanceCase) {
    switch item.run() {
    case .passed: break
    case .failed(let failures):
      for failure in failures {
        Issue.record("\(item) \(failure.array): error \(failure.error), mark \(failure.mark)")
      }
    case .unsupported(let what):
      Issue.record("\(item): nothing is ready for \(what)")
    }
  }

  @Test("There are as many cases as were taken over")
  func counts() {
    func count(_ set: String) -> Int {
      Self.cases.filter { $0.description.hasPrefix(set) }.count
    }
    #expect(count("onnx/") == 120)
    #expect(count("oracle/") == 69)
    // With those of the optimizers that the public set has not.
    #expect(count("optim/") == 8 + 18)
  }
}

@Suite("Results of other systems, and the definition of batch norm")
struct OracleTests {
  @Test(
    "Batch norm, composed", arguments: Fixture.oracle("batch_norm"), [DType.float64, .float32])
  func composedBatchNorm(_ fixture: Fixture, _ dtype: DType) throws {
    // Composed in float32 the variance of this case underflows; the kernel holds it in float64.
    if fixture.name == "bn_train_tiny_var_eps0", dtype == .float32 { return }
    let composed = try OracleFunction(batchNorm: fixture, dtype, fused: false)
    for comparison in try fixture.comparisons(composed, dtype) {
      #expect(comparison.error <= comparison.mark, "\(fixture) \(comparison.array) \(dtype)")
    }
  }
}
