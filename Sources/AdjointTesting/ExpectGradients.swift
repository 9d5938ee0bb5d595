import AdjointCheck
import Testing

/// Records an issue at the line of the call, with the whole report, unless the gradients are right.
///
/// ```swift
/// @Test func gradients() {
///   expectGradients(checkGradients(of: Swish(), at: [x, beta], order: 2))
/// }
/// ```
///
/// Returns whether they are. For tests with Swift Testing.
@discardableResult
public func expectGradients(
  _ report: GradientReport, sourceLocation: SourceLocation = #_sourceLocation
) -> Bool {
  if !report.passed {
    Issue.record(Comment(rawValue: "\(report)"), sourceLocation: sourceLocation)
  }
  return report.passed
}
