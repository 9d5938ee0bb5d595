import Adjoint
import AdjointData

/// What all experiments of a run have in common.
package struct Setting: Sendable {
  /// Whether budgets are so small that all claims take less than a minute.
  package let isQuick: Bool
  /// How many seeds each side is run with.
  package let seedCount: Int
  let data: ImageData
  /// Is told of each training that has ended.
  let progress: @Sendable () -> Void

  package init(
    isQuick: Bool, seedCount: Int, data: ImageData, progress: @escaping @Sendable () -> Void = {}
  ) {
    (self.isQuick, self.seedCount, self.data, self.progress) = (isQuick, seedCount, data, progress)
  }

  /// What follows from a seed: the images that are held out, the weights at the start, the order of
  /// the batches.
  var seeds: [UInt64] { (1...seedCount).map(UInt64.init) }

  /// Seeds that learning rates are chosen by, of which no figure is made.
  var tuningSeeds: [UInt64] { isQuick ? [1001] : [1001, 1002] }

  /// The learning rates that every side chooses from.
  var rates: [Double] { isQuick ? [0.03, 0.3] : [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] }

  /// The smaller of two budgets if the run is quick.
  func budget<Value>(_ full: Value, quick: Value) -> Value { isQuick ? quick : full }
}

/// What comes of a training.
struct Outcome: Sendable {
  /// The training loss at the end.
  let loss: Double
  /// The share of held-out images that are classified rightly.
  let accuracy: Double
  /// The share of held-out images that are not.
  var error: Double { 1 - accuracy }
}

/// What is seen in each layer of a network, before and after its training.
struct ProbedOutcome: Sendable {
  /// The training loss at the end.
  let loss: Double
  let start: [Double]
  let trained: [Double]
}

/// What comes of a side with the learning rate that suits it.
struct Tuned<Result: Sendable>: Sendable {
  /// The best rate.
  let rate: Double
  /// What comes of each seed.
  let results: [Result]
}

extension Setting {
  /// Chooses for each of several sides the best of the same learning rates, and runs the side with
  /// it for each seed.
  ///
  /// - Parameters:
  ///   - sides: how many there are.
  ///   - rates: those to choose from.
  ///   - score: what is wanted low, on average over the seeds for tuning.
  ///   - run: trains a side, from its number, a rate and a seed.
  func tuned<Result: Sendable>(
    sides: Int, rates: [Double]? = nil, score: KeyPath<Result, Double> & Sendable,
    _ run: @Sendable (_ side: Int, _ rate: Double, _ seed: UInt64) -> Result
  ) -> [Tuned<Result>] {
    let (rates, trials, seeds) = (rates ?? self.rates, tuningSeeds, seeds)
    let scores = inParallel(sides * rates.count * trials.count, progress) { place in
      let rest = place / trials.count
      let trial = trials[place % trials.count]
      return run(rest / rates.count, rates[rest % rates.count], trial)[keyPath: score]
    }
    let best = (0..<sides).map { side in
      let means = rates.indices.map { rate in
        let start = (side * rates.count + rate) * trials.count
        return Array(scores[start..<start + trials.count]).mean
      }
      return rates[means.indices.min { means[$0] < means[$1] } ?? 0]
    }
    let results = inParallel(sides * seeds.count, progress) { place in
      run(place / seeds.count, best[place / seeds.count], seeds[place % seeds.count])
    }
    return best.enumerated().map { side, rate in
      Tuned(rate: rate, results: Array(results[side * seeds.count..<(side + 1) * seeds.count]))
    }
  }

  /// Runs each of several sides for each seed.
  func forEachSeed<Result: Sendable>(
    sides: Int, _ run: @Sendable (_ side: Int, _ seed: UInt64) -> Result
  ) -> [[Result]] {
    let seeds = seeds
    let results = inParallel(sides * seeds.count, progress) { place in
      run(place / seeds.count, seeds[place % seeds.count])
    }
    return (0..<sides).map { Array(results[$0 * seeds.count..<($0 + 1) * seeds.count]) }
  }
}
