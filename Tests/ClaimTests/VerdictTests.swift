import Testing

@testable import ClaimExperiments

/// The rule of each verdict could have said no.
@Suite("Verdicts")
struct VerdictTests {
  @Test func everyClaimHoldsOnFavourableNumbersAndNotOnSwappedOnes() throws {
    let judged = try Favourable.all()
    #expect(Set(judged.map(\.claim.number)) == Set(1...18))
    for one in judged {
      #expect(one.verdict == .holds, "\(one.claim.name)")
      #expect(one.swapped == .doesNotHold, "\(one.claim.name)")
      #expect(one.few == .tooFewSeeds, "\(one.claim.name)")
    }
  }

  @Test func claimsAreNumberedInOrder() {
    #expect(allClaims.map(\.number) == Array(1...18))
  }

  @Test func someCasesMakeACondition() {
    let cases = [("a", true), ("b", false), ("c", true), ("d", true)]
    #expect(Verdict(seeds: 10, cases) == .holdsOnlyIf("a, c or d"))
    #expect(Verdict(seeds: 10, Array(cases.prefix(2))).description == "holds only if a")
    #expect(Verdict(seeds: 4, cases) == .tooFewSeeds)
    #expect(["it is red", "it is a cat", "it is big"].enumerated == "it is red, a cat or big")
    #expect(["it is", "it is so"].enumerated == "it is or is so")
  }

  /// Where running statistics will do from some step on, the verdict says from which.
  @Test func runningStatisticsHoldFromAStepOn() {
    let (good, bad) = ([Double](repeating: 0, count: 10), [Double](repeating: 0.2, count: 10))
    let results = RunningStatistics.Results(
      weights: [0.1, 0.001], stops: [10, 30, 100], lost: [[bad, good, good], [good, good, bad]])
    #expect(results.firstGoodStop(0) == 30)
    #expect(results.firstGoodStop(1) == nil)
    #expect(
      RunningStatistics().verdict(on: results)
        == .holdsOnlyIf("training takes at least 30 steps with a weight of 0.1"))
  }

  /// Who did not come to the loss is not compared; with fewer than five seeds left there is no verdict to give.
  @Test func onlySeedsAtTheTargetAreCompared() {
    func results(reached count: Int) -> GeneralizationAtEqualLoss.Results {
      let losses = (0..<10).map { $0 < count ? 0.04 : 0.06 }
      // Where the target was not reached, batch norm is far ahead.
      let with = (0..<10).map { $0 < count ? 0.8 : 1 }
      let without = (0..<10).map { $0 < count ? 0.9 : 0 }
      return .init(
        target: 0.05,
        cases: [
          .init(
            activation: .relu, accuracies: Sides(with: with, without: without),
            losses: Sides(with: losses, without: losses.map { _ in 0.04 }))
        ])
    }
    let claim = GeneralizationAtEqualLoss()
    #expect(claim.verdict(on: results(reached: 6)) == .doesNotHold)
    #expect(claim.figure(of: results(reached: 6)).contains("6 of 10 seeds"))
    #expect(claim.verdict(on: results(reached: 0)) == .doesNotHold)
    #expect(claim.figure(of: results(reached: 0)).contains("never both"))
    let few = results(reached: 4)
    let swapped = GeneralizationAtEqualLoss.Results(
      target: 0.05,
      cases: few.cases.map {
        .init(activation: .relu, accuracies: $0.accuracies.swapped, losses: $0.losses)
      })
    #expect(claim.verdict(on: swapped) == .doesNotHold)
  }

  /// A difference that chance explains is none.
  @Test func whatChanceExplainsDoesNotHold() {
    let values = (0..<10).map { 0.9 + 0.01 * Double($0 % 3) }
    let other = (0..<10).map { 0.9 + 0.01 * Double(($0 + 1) % 3) }
    let results = BeforeOrAfter.Results(
      cases: [.init(network: "one", before: values, after: other)])
    #expect(BeforeOrAfter().verdict(on: results) == .doesNotHold)
  }
}
