import AdjointCheck
import Testing

@testable import Adjoint

/// A sample of the table, as an argument of a test.
struct TableSample: CustomTestStringConvertible, Sendable {
  let type: any Operation.Type
  let sample: Sample

  var testDescription: String { "\(sample.operation.name): \(sample.label)" }

  static let all = Operations.all.flatMap { type in
    type.samples.map { TableSample(type: type, sample: $0) }
  }
  static let smooth = all.filter(\.sample.isSmooth)
}

@Suite("The table of operations")
struct OperationTableTests {
  @Test("The pullback agrees with finite differences, in first and second order", arguments: TableSample.smooth)
  func pullback(_ row: TableSample) {
    let report = checkGradients(of: row.sample.operation, at: row.sample.inputs, order: 2)
    let problems = report.problems.filter { $0.verdict != .vacuous }
    #expect(problems.isEmpty, "\(row.testDescription)\n\(report)")
    #expect(report.results.count > 0)
  }

  @Test("Float32 agrees with float64", arguments: TableSample.all)
  func singlePrecision(_ row: TableSample) {
    let operation = row.sample.operation
    let report = checkSinglePrecision(at: row.sample.inputs, name: row.testDescription) {
      operation.outputs(of: $0)
    }
    #expect(report.passed, "\(report)")
  }
}
