import Adjoint

extension LabeledData {
  /// Returns the samples in two parts, drawn at random, with the same share of each class held out, to the nearest.
  /// - Precondition: the share is from 0 to 1, and the labels are int32[N].
  public func stratifiedSplit(
    holdingOut share: Double, using generator: inout Philox
  ) -> (training: LabeledData, heldOut: LabeledData) {
    require(
      (0...1).contains(share), "split: the share is \(share); give a part of the whole, 0 to 1")
    let (order, classes) = (order(using: &generator), classes("split"))
    var counts: [Int32: Int] = [:]
    for label in classes { counts[label, default: 0] += 1 }
    var left = counts.mapValues { Int((Double($0) * share).rounded()) }
    var parts: (training: [Int], heldOut: [Int]) = ([], [])
    for place in order {
      if let some = left[classes[place]], some > 0 {
        left[classes[place]] = some - 1
        parts.heldOut.append(place)
      } else {
        parts.training.append(place)
      }
    }
    return (samples(at: parts.training), samples(at: parts.heldOut))
  }

  /// Returns the samples cut into k parts at random, each of them held out once, and the others to train on.
  ///
  /// ```swift
  /// for (training, heldOut) in data.folds(5, using: &generator) { … }
  /// ```
  ///
  /// The parts differ by one sample at most. If they are stratified, so do their samples of each class.
  /// - Precondition: k is from 2 to the number of samples; stratified, the labels are int32[N].
  public func folds(
    _ count: Int, stratified: Bool = false, using generator: inout Philox
  ) -> some Sequence<(training: LabeledData, heldOut: LabeledData)> {
    require(
      count >= 2 && count <= self.count,
      "folds: \(self.count) samples are not cut into \(count) parts; give 2 to \(max(self.count, 2))"
    )
    var order = order(using: &generator)
    if stratified {
      let classes = classes("folds")
      // Class by class, at random within each: dealt out like cards.
      order = order.enumerated().sorted {
        (classes[$0.element], $0.offset) < (classes[$1.element], $1.offset)
      }.map(\.element)
    }
    return (0..<count).lazy.map { [order] fold in
      var parts: (training: [Int], heldOut: [Int]) = ([], [])
      for (number, place) in order.enumerated() {
        if number % count == fold {
          parts.heldOut.append(place)
        } else {
          parts.training.append(place)
        }
      }
      return (samples(at: parts.training), samples(at: parts.heldOut))
    }
  }

  private func order(using generator: inout Philox) -> [Int] {
    [Int32](Tensor.permutation(count, using: &generator)).map(Int.init)
  }

  private func classes(_ name: String) -> [Int32] {
    require(
      labels.dtype == .int32 && labels.rank == 1,
      "\(name): the labels are \(labels.type), which are no classes; give int32[N]")
    return [Int32](labels)
  }
}
