// How much softmax and log Σ eˣ change, to all digits that the changes of the logits have.
//
// Both are the same for all logits less one number: with the change of the largest logit taken off, the
// others' du and their shares p, log Σ eˣ changes by d = log(1 + Σ p·(e^du − 1)) more than the largest
// one. What is left of that one itself is 0, and the sum has no digits of it to lose.

/// The changes of logits less that of the largest, and what log Σ eˣ changes by more than that.
private struct LogitChanges {
  /// Along each run: the logits' shares.
  var shares: [Double]
  /// The change of each logit, less that of the largest of its group.
  var relative: [Double]
  /// The change of the largest logit of each group, and how much more log Σ eˣ changes.
  var (largest, more): ([Double], [Double])
  private let runs: StridedRuns

  init(_ x: Tensor, by change: Tensor, over axes: [Int]) {
    runs = x.type.runs(reducing: axes)
    let count = x.type.reduced(over: axes, keepingAxes: true).count
    let (logits, changes) = ([Double](x), [Double](change))
    var maxima = Array(repeating: -Double.infinity, count: count)
    largest = Array(repeating: 0, count: count)
    more = largest
    (shares, relative) = (logits, changes)
    var sums = more
    visit { place, group in
      guard logits[place] > maxima[group] else { return }
      (maxima[group], largest[group]) = (logits[place], changes[place])
    }
    visit { place, group in
      shares[place] = .exp(logits[place] - maxima[group])
      relative[place] -= largest[group]
      sums[group] += shares[place]
    }
    visit { place, group in
      shares[place] /= sums[group]
      // What has no share adds nothing, though it be −∞ and its change unknown.
      if shares[place] > 0 { more[group] += shares[place] * .expm1(relative[place]) }
    }
    for group in more.indices { more[group] = .log1p(more[group]) }
  }

  /// Calls `body` with each place and the number of its group.
  func visit(_ body: (Int, Int) -> Void) {
    for run in runs {
      for i in 0..<runs.length { body(run.position + i, run.offset + i * runs.stride) }
    }
  }
}

extension Softmax: ExactlyChangingOperation {
  /// Δp = p·(e^(du − d) − 1), and Δ log p = du − d.
  package func change(
    from before: [Tensor], to after: [Tensor], by changes: [Tensor]
  ) -> Tensor? {
    let logits = LogitChanges(before[0], by: changes[0], over: [axis])
    var result = logits.relative
    logits.visit { place, group in
      let logarithm = logits.relative[place] - logits.more[group]
      result[place] = isLogarithm ? logarithm : logits.shares[place] * .expm1(logarithm)
    }
    return Tensor(result, shape: before[0].shape, dtype: before[0].dtype)
  }
}

extension LogSumExp: ExactlyChangingOperation {
  /// The change of the largest logit, and d.
  package func change(
    from before: [Tensor], to after: [Tensor], by changes: [Tensor]
  ) -> Tensor? {
    let logits = LogitChanges(before[0], by: changes[0], over: axes)
    let result = zip(logits.largest, logits.more).map { $0 + $1 }
    let type = outputTypes(for: [before[0].type])[0]
    return Tensor(result, shape: type.shape, dtype: type.dtype)
  }
}
