import AdjointTraining

/// What came of a claim: its numbers, and all that follows from them.
package struct Finding: Sendable {
  package let claim: any Claim
  package let verdict: Verdict
  /// What was found in one figure.
  package let figure: String
  /// What it means for who trains networks.
  let advice: String
  let plots: [any Figure]
  /// The numbers as JSON.
  let numbers: String
  /// How long things took on this machine.
  let timings: [Timing]

  init<Tried: Claim>(_ claim: Tried, _ results: Tried.Results, _ timings: [Timing]) throws {
    self.claim = claim
    verdict = claim.verdict(on: results)
    figure = claim.figure(of: results)
    advice = claim.advice(from: results)
    plots = claim.plots(of: results)
    numbers = try JSON.text(of: results)
    self.timings = timings
  }

  /// Runs the experiment of a claim.
  package static func measuring(_ claim: some Claim, _ setting: Setting) throws -> Finding {
    let results = claim.measure(setting)
    return try Finding(claim, results, claim.time(setting, results))
  }

  /// The name of the file of a plot, from 0.
  func fileName(_ plot: Int) -> String {
    "claim-\(claim.number < 10 ? "0" : "")\(claim.number)" + (plot == 0 ? "" : "-\(plot + 1)")
      + ".svg"
  }
}
