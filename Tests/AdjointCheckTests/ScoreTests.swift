import AdjointCheck
import Testing
import WrongGradients

/// Two of each kind: `checker-score` tries all of them, in a release build.
@Suite("Wrong gradients and right ones")
struct ScoreTests {
  static let wrongCases = sample(GradientCase.wrong)
  static let rightCases = sample(GradientCase.right)

  private static func sample(_ cases: [GradientCase]) -> [GradientCase] {
    Dictionary(grouping: cases, by: \.kind).sorted { $0.key < $1.key }.flatMap { _, cases in
      let stride = max(1, (cases.count + 1) / 2)
      return cases.indices.filter { $0 % stride == 0 }.map { cases[$0] }
    }
  }

  @Test("Wrong gradients are caught", arguments: wrongCases.indices)
  func wrong(_ index: Int) {
    let gradientCase = Self.wrongCases[index]
    let report = gradientCase.check(3)
    #expect(gradientCase.outcome(of: report) == .failed, "\(gradientCase)\n\(report)")
    if let pattern = gradientCase.pattern {
      #expect(report.results.contains { $0.diagnosis?.pattern == pattern }, "\(report)")
    }
  }

  @Test("No right gradient is called wrong", arguments: rightCases.indices)
  func right(_ index: Int) {
    let gradientCase = Self.rightCases[index]
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
