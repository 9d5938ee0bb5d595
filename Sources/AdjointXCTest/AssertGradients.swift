import AdjointCheck
import XCTest

/// Fails the test at the line of the call, with the whole report, unless the gradients are right.
///
/// ```swift
/// func testGradients() {
///   assertGradients(checkGradients(of: Swish(), at: [x, beta], order: 2))
/// }
/// ```
///
/// Returns whether they are. For tests with XCTest.
@discardableResult
public func assertGradients(
  _ report: GradientReport, file: StaticString = #filePath, line: UInt = #line
) -> Bool {
  if !report.passed { XCTFail("\(report)", file: file, line: line) }
  return report.passed
}
