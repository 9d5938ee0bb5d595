import AdjointTraining

/// A claim about batch norm, and the experiment that it stands or falls by.
///
/// All that is said of it follows from the numbers that were measured: verdict, figure, plots and
/// advice are functions of them alone.
package protocol Claim: Sendable {
  /// What is measured.
  associatedtype Results: Measured
  /// Its number, from 1.
  var number: Int { get }
  /// The claim in a few words.
  var name: String { get }
  /// The claim in one sentence, as articles make it.
  var sentence: String { get }
  /// What is compared, how it is measured, and the rule of the verdict.
  var method: Method { get }
  /// About how many seconds of one processor the whole experiment takes, for the time left.
  var cost: Double { get }

  /// Runs the experiment.
  func measure(_ setting: Setting) -> Results
  /// Times what the claim is about, on this machine; the verdict does not depend on it.
  func time(_ setting: Setting, _ results: Results) -> [Timing]
  /// Judges what was measured, by the rule.
  func verdict(on results: Results) -> Verdict
  /// What was found in one figure.
  func figure(of results: Results) -> String
  /// What was measured, drawn.
  func plots(of results: Results) -> [any Figure]
  /// What it means for who trains networks.
  func advice(from results: Results) -> String
}

extension Claim {
  package func time(_ setting: Setting, _ results: Results) -> [Timing] { [] }
}

/// The numbers of an experiment.
package protocol Measured: Codable, Sendable {
  /// How many seeds they are of.
  var seedCount: Int { get }
}

/// How a claim is tried, in three sentences.
package struct Method: Sendable {
  /// What is compared.
  let compared: String
  /// How it is measured.
  let measured: String
  /// When the claim holds.
  let rule: String

  /// The three sentences.
  package var text: String { "\(compared) \(measured) \(rule)" }
}

/// How long something took on this machine.
package struct Timing: Codable, Sendable, Equatable {
  /// What was timed.
  let name: String
  /// Its seconds.
  let seconds: Double
}

/// All claims, by their numbers.
package let allClaims: [any Claim] = [
  FasterConvergence(), HigherLearningRates(), LessCareInInitialization(), SteadyGradients(),
  FewerSaturatedUnits(), CovariateShift(), Regularization(), GeneralizationAtEqualLoss(),
  BatchSize(), Company(), Inference(), RunningStatistics(), ScalesOfFeatures(), ShiftedInputs(),
  BeforeOrAfter(), Depth(), Activations(), Numerics(),
]
