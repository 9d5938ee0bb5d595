import AdjointCheck
import Testing
import WrongGradients

@Suite("Wrong gradients and right ones")
struct ScoreTests {
  @Test("Every wrong gradient is caught", arguments: GradientCase.wrong.indices)
  func wrong(_ index: Int) {
    let gradientCase = GradientCase.wrong[index]
    let report = gradientCase.check(3)
    #expect(gradientCase.outcome(of: report) == .failed, "\(gradientCase)\n\(report)")
    if let pattern = gradientCase.pattern {
      #expect(report.results.contains { $0.diagnosis?.pattern == pattern }, "\(report)")
    }
  }

  @Test("No right gradient is called wrong", arguments: GradientCase.right.indices)
  func right(_ index: Int) {
    let gradientCase = GradientCase.right[index]
    let report = gradientCase.check(3)
    let outcome = gradientCase.outcome(of: report)
    #expect(
      outcome == .passed || outcome == .undecided && gradientCase.isUndecidable,
      "\(gradientCase)\n\(report)")
  }

  @Test("Each case has a name of its own")
  func names() {
    let all = GradientCase.wrong + GradientCase.right
    let shared = Dictionary(grouping: all, by: \.name).filter { $0.value.count > 1 }
    #expect(shared.isEmpty, "\(shared.keys)")
  }
}
