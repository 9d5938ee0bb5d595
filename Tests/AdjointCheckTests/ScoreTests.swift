import AdjointCheck
import Testing
import WrongGradients

@Suite("Wrong gradients and right ones")
struct ScoreTests {
  @Test("Every wrong gradient is caught", arguments: GradientCase.wrong.indices)
  func wrong(_ index: Int) {
    let gradientCase = GradientCase.wrong[index]
    let report = gradientCase.check(3)
    #expect(!report.passed, "\(gradientCase)\n\(report)")
    #expect(!report.verdicts.isDisjoint(with: [.fail, .structural, .nondeterministic]))
    if let pattern = gradientCase.pattern {
      #expect(report.results.contains { $0.diagnosis?.pattern == pattern }, "\(report)")
    }
  }

  @Test("No right gradient is called wrong", arguments: GradientCase.right.indices)
  func right(_ index: Int) {
    let gradientCase = GradientCase.right[index]
    let report = gradientCase.check(3)
    #expect(report.passed, "\(gradientCase)\n\(report)")
  }
}
