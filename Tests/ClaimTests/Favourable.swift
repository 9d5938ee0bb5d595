@testable import ClaimExperiments

/// Results of ten seeds in which each claim holds, and the same with the sides swapped.
enum Favourable {
  static let high = (0..<10).map { 0.9 + 0.001 * Double($0) }
  static let low = (0..<10).map { 0.5 + 0.002 * Double($0) }
  static let sides = Sides(with: high, without: low)

  /// A claim, and its verdicts on both.
  struct Judged {
    let claim: any Claim
    let verdict: Verdict
    let swapped: Verdict
    /// What is drawn of the results.
    let finding: Finding
    let few: Verdict
  }

  private static func judge<Tried: Claim>(
    _ claim: Tried, _ make: (Bool, Int) -> Tried.Results
  ) throws -> Judged {
    Judged(
      claim: claim, verdict: claim.verdict(on: make(false, 10)),
      swapped: claim.verdict(on: make(true, 10)),
      finding: try Finding(claim, make(false, 10), [Timing(name: "a step", seconds: 1e-4)]),
      few: claim.verdict(on: make(false, 3)))
  }

  private static func sides(_ isSwapped: Bool, _ count: Int) -> Sides<[Double]> {
    let sides = sides.map { Array($0.prefix(count)) }
    return isSwapped ? sides.swapped : sides
  }

  static func all() throws -> [Judged] { try training() + statistics() + comparisons() }

  private static func training() throws -> [Judged] {
    let rates = Sides(with: 0.1, without: 0.03)
    return [
      try judge(FasterConvergence()) { isSwapped, count in
        let steps = sides(!isSwapped, count).map { $0.map { $0 * 100 } }
        let cases = [Activation.relu, .sigmoid].map {
          FasterConvergence.Results.Case(
            activation: $0, rates: rates, steps: steps,
            losses: steps.map { $0.map { [2, 100 / $0] } })
        }
        return .init(budget: 200, cases: cases)
      },
      try judge(HigherLearningRates()) { isSwapped, count in
        let losses = sides(isSwapped, count).map { side in
          side.map { [0.5, 0.5, $0 > 0.8 ? 0.5 : 2.3] }
        }
        return .init(rates: [0.01, 0.1, 1], losses: losses)
      },
      try judge(LessCareInInitialization()) { isSwapped, count in
        let accuracies = sides(isSwapped, count).map { side in [side, side, side] }
        // Those without batch norm vary twice as much.
        return .init(
          cases: [.init(scheme: "He normal", factors: [0.1, 1, 10], accuracies: accuracies)],
          usual: sides(isSwapped, count))
      },
      try judge(SteadyGradients()) { isSwapped, count in
        let norms = sides(isSwapped, count).map { side in
          side.map { $0 > 0.8 ? [1, 2, $0] : [1e-6, 1, $0] }
        }
        let cases = Activation.allCases.map {
          SteadyGradients.Results.Case(activation: $0, depth: 3, start: norms, trained: norms)
        }
        return .init(cases: cases)
      },
      try judge(FewerSaturatedUnits()) { isSwapped, count in
        let shares = sides(!isSwapped, count)
        let cases = [Activation.sigmoid, .tanh].map {
          FewerSaturatedUnits.Results.Case(
            activation: $0, losses: sides(isSwapped, count), start: shares, trained: shares,
            layers: shares.map { [$0, $0] })
        }
        return .init(cases: cases)
      },
      try judge(CovariateShift()) { isSwapped, count in
        let shift = sides(!isSwapped, count)
        return .init(
          rates: rates, movement: shift, change: shift, variation: shift,
          changes: shift.map { $0.map { [$0, $0] } })
      },
    ]
  }

  private static func statistics() throws -> [Judged] {
    [
      try judge(Company()) { isSwapped, count in
        let sides = sides(isSwapped, count)
        let deviations = sides.with.map { isSwapped ? 0 : $0 }
        return .init(
          sizes: [8, 32], deviations: [deviations, deviations],
          norms: ["batch norm", "none", "group norm"],
          shuffled: (0..<3).map { _ in Array(high.prefix(count)) },
          sorted: [sides.without, sides.with, sides.with])
      },
      try judge(Inference()) { isSwapped, count in
        let difference = sides(isSwapped, count).with.map { isSwapped ? $0 : $0 * 1e-7 }
        let changed = difference.map { isSwapped ? $0 : 0 }
        let cases = ["perceptron", "convolutional"].map {
          Inference.Results.Case(
            network: $0, folding: difference, changedByFolding: changed, changedByBatch: difference)
        }
        return .init(cases: cases)
      },
      try judge(RunningStatistics()) { isSwapped, count in
        let lost = sides(isSwapped, count).with.map { isSwapped ? $0 : $0 * 1e-3 }
        return .init(
          weights: [0.1, 0.01], stops: [10, 100], lost: [[lost, lost], [lost, lost]])
      },
      try judge(ShiftedInputs()) { isSwapped, count in
        let sides = sides(isSwapped, count)
        let cases = ["none", "brightness", "contrast", "noise"].map {
          ShiftedInputs.Results.Case(
            shift: $0, running: sides.without, again: sides.with, without: sides.without)
        }
        return .init(cases: cases)
      },
      try judge(Numerics()) { isSwapped, count in
        let errors = sides(isSwapped, count).with.map { isSwapped ? $0 : $0 * 1e-7 }
        return .init(inputs: ["0 ± 1"], ways: ["a", "b"], errors: [[errors], [errors]])
      },
    ]
  }

  private static func comparisons() throws -> [Judged] {
    [
      try judge(Regularization()) { isSwapped, count in
        let sides = sides(isSwapped, count)
        let full = sides.with.map { _ in 1.0 }
        let arms = [sides.without, sides.without, sides.with, sides.with].enumerated().map {
          Regularization.Results.Arm(
            name: ["neither", "dropout", "batch norm", "both"][$0], training: full, test: $1)
        }
        return .init(cases: [.init(data: "few", arms: arms), .init(data: "wrong", arms: arms)])
      },
      try judge(GeneralizationAtEqualLoss()) { isSwapped, count in
        let sides = sides(isSwapped, count)
        let losses = sides.map { $0.map { $0 / 20 } }
        return .init(
          target: 0.05, cases: [.init(activation: .relu, accuracies: sides, losses: losses)])
      },
      try judge(BatchSize()) { isSwapped, count in
        let sides = sides(!isSwapped, count)
        let equal = Array(high.prefix(count))
        return .init(
          sizes: [2, 4, 64], norms: ["batch norm", "group norm"],
          accuracies: [[sides.with, sides.with, equal], [sides.without, sides.without, equal]])
      },
      try judge(ScalesOfFeatures()) { isSwapped, count in
        let sides = sides(isSwapped, count)
        return .init(
          raw: [sides.without, sides.with, sides.with], standardised: [sides.with, sides.with])
      },
      try judge(BeforeOrAfter()) { isSwapped, count in
        let sides = sides(isSwapped, count)
        return .init(cases: [.init(network: "one", before: sides.with, after: sides.without)])
      },
      try judge(Depth()) { isSwapped, count in
        let sides = sides(isSwapped, count)
        let cases = PerceptronShape.Wiring.allCases.map {
          Depth.Results.Case(
            wiring: $0, depths: [10, 100], accuracies: sides.map { [$0, $0] })
        }
        return .init(cases: cases, transformer: [sides.with, sides.without, sides.without])
      },
      try judge(Activations()) { isSwapped, count in
        let kinds = Sides(
          with: [high, high, high], without: [low, high, high])
        let cut = kinds.map { $0.map { Array($0.prefix(count)) } }
        return .init(activations: Activation.allCases, accuracies: isSwapped ? cut.swapped : cut)
      },
    ]
  }
}
