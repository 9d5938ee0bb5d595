import Adjoint

/// Inputs and their labels, or other targets.
public struct LabeledData: Sendable {
  /// The inputs, [N, …].
  public let inputs: Tensor
  /// The labels, int32[N]; or targets of any type, [N, …].
  public let labels: Tensor

  /// Makes a data set.
  /// - Precondition: there is a label or a target for each input.
  public init(inputs: Tensor, labels: Tensor) {
    require(
      inputs.rank >= 1 && labels.rank >= 1 && labels.shape[0] == inputs.shape[0],
      "LabeledData: the labels are \(labels.type), the inputs \(inputs.type); "
        + "give one label, or a row of targets, for each input")
    self.inputs = inputs
    self.labels = labels
  }

  /// The number of samples.
  public var count: Int { inputs.shape[0] }

  /// The samples at the given places.
  public func samples(_ places: Tensor) -> LabeledData {
    LabeledData(
      inputs: inputs.gather(places, along: 0), labels: labels.gather(places, along: 0))
  }

  /// Returns the samples in two parts, drawn at random: `share` of them held out, to the nearest, and
  /// the rest.
  /// - Precondition: the share is from 0 to 1.
  public func split(
    holdingOut share: Double, using generator: inout Philox
  ) -> (training: LabeledData, heldOut: LabeledData) {
    require(
      (0...1).contains(share), "split: the share is \(share); give a part of the whole, 0 to 1")
    let order = Tensor.permutation(count, using: &generator)
    let heldOut = Int((Double(count) * share).rounded())
    return (samples(order[heldOut..<count]), samples(order[0..<heldOut]))
  }

  /// Returns the samples in a random order, a batch at a time.
  ///
  /// A last batch that would be shorter is left out unless said otherwise: a batch norm cannot
  /// train on a batch of one, and short batches have noisy statistics.
  /// - Precondition: the size is positive.
  public func batches(
    of size: Int, droppingLast: Bool = true, using generator: inout Philox
  ) -> some Sequence<LabeledData> {
    let order = Tensor.permutation(count, using: &generator)
    return Batching(count: count, size: size, droppingLast: droppingLast).ranges.lazy
      .map { samples(order[$0]) }
  }

  /// Returns the samples in their order, a batch at a time, the last one shorter if need be.
  /// - Precondition: the size is positive.
  public func batchesInOrder(of size: Int) -> some Sequence<LabeledData> {
    Batching(count: count, size: size, droppingLast: false).ranges.lazy
      .map { LabeledData(inputs: inputs[$0], labels: labels[$0]) }
  }
}
