import Adjoint

/// How often samples of each class were taken for which: what accuracy, precision, recall and F₁ are read from.
///
/// ```swift
/// var confusion = ConfusionMatrix(classCount: 10)
/// for batch in test { confusion.add(model.predict(batch.inputs), batch.labels) }
/// print(confusion.accuracy, confusion.f1(of: 3))
/// ```
///
/// What is a share of nothing is NaN: the precision of a class that nothing was taken for.
public struct ConfusionMatrix: Sendable, Equatable, CustomStringConvertible {
  /// The number of classes.
  public let classCount: Int
  /// The counts, a row for each true class, a column for each that was predicted.
  public private(set) var counts: [[Int]]
  /// How many samples had a NaN among their logits: they count as misses of their class.
  public private(set) var unknownCounts: [Int]

  /// The counts of more classes would take more than 34 GB.
  private static let mostClasses = 1 << 16

  /// Makes a matrix of zeros.
  /// - Precondition: there are 1 to 65536 classes.
  public init(classCount: Int) {
    require(
      (1...ConfusionMatrix.mostClasses).contains(classCount),
      "ConfusionMatrix: there are \(classCount) classes; give 1 or more, at most "
        + "\(ConfusionMatrix.mostClasses)")
    self.classCount = classCount
    counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
    unknownCounts = Array(repeating: 0, count: classCount)
  }

  /// Adds samples: the class with the largest logit was predicted, the first of several.
  ///
  ///     logits: [N, C, A…], labels: int32[N, A…]
  ///
  /// - Precondition: the logits have as many classes, and the labels are classes.
  public mutating func add(_ logits: Tensor, _ labels: Tensor) {
    require(
      logits.rank >= 2 && logits.shape[1] == classCount && labels.dtype == .int32
        && labels.shape == Array(logits.shape[..<1] + logits.shape[2...]),
      "ConfusionMatrix: the logits are \(logits.type), the labels \(labels.type); give logits [N, \(classCount), …] "
        + "and labels int32[N, …]")
    requireClasses(labels, below: classCount, "ConfusionMatrix")
    let largest = logits.max(over: [1])
    let known = [Bool](largest .== largest)
    let (predicted, right) = ([Int32](logits.argMax(over: 1)), [Int32](labels))
    for place in right.indices {
      let label = Int(right[place])
      if known[place] {
        counts[label][Int(predicted[place])] += 1
      } else {
        unknownCounts[label] += 1
      }
    }
  }

  /// The number of samples.
  public var count: Int { (0..<classCount).reduce(0) { $0 + count(of: $1) } }

  /// The share of samples whose class was predicted.
  public var accuracy: Double {
    share((0..<classCount).reduce(0) { $0 + counts[$1][$1] }, of: count)
  }

  /// The share of those predicted to be of a class that are.
  /// - Precondition: there is the class.
  public func precision(of label: Int) -> Double {
    requireClass(label, "precision")
    return share(counts[label][label], of: counts.reduce(0) { $0 + $1[label] })
  }

  /// The share of a class's samples that were predicted to be of it.
  /// - Precondition: there is the class.
  public func recall(of label: Int) -> Double {
    requireClass(label, "recall")
    return share(counts[label][label], of: count(of: label))
  }

  /// The harmonic mean of precision and recall.
  /// - Precondition: there is the class.
  public func f1(of label: Int) -> Double {
    requireClass(label, "f1")
    let predicted = counts.reduce(0) { $0 + $1[label] }
    return share(2 * counts[label][label], of: predicted + count(of: label))
  }

  /// The mean of F₁ over the classes that have samples, or were predicted.
  public var macroF1: Double {
    let scores = (0..<classCount).map(f1).filter { !$0.isNaN }
    return scores.isEmpty ? .nan : scores.reduce(0, +) / Double(scores.count)
  }

  private func requireClass(_ label: Int, _ what: String) {
    require(
      (0..<classCount).contains(label),
      "ConfusionMatrix: \(what) of class \(label) is asked for; give one from 0 to below \(classCount)"
    )
  }

  private func count(of label: Int) -> Int {
    counts[label].reduce(0, +) + unknownCounts[label]
  }

  private func share(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? .nan : Double(part) / Double(whole)
  }

  /// The counts as a table.
  public var description: String {
    let width = "\(counts.joined().max() ?? 0)".count
    return counts.map { row in
      row.map { count in
        String(repeating: " ", count: width - "\(count)".count) + "\(count)"
      }.joined(separator: " ")
    }.joined(separator: "\n")
  }
}
