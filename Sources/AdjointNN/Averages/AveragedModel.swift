import Adjoint

/// The average of a model's parameters over the steps of its training, which is often the better model.
///
/// ```swift
/// var average = AveragedModel(model, .exponential(decay: 0.999))
/// for batch in batches {
///   …
///   optimizer.update(&model, along: gradient)
///   average.update(with: model)
/// }
/// average.model.recomputeStatistics(over: batches) { model, batch in _ = model(batch.inputs, .training) }
/// ```
///
/// Buffers are those of the model that came last. Running statistics are not those of the averaged weights:
/// ``Module/recomputeStatistics(over:_:forward:)`` makes them so.
public struct AveragedModel<Model: Module>: Sendable {
  /// How models are weighted.
  public enum Weighting: Sendable, Hashable {
    /// average ← average + (1 − decay)·(model − average): the last 1/(1 − decay) steps or so.
    case exponential(decay: Double)
    /// All models alike: stochastic weight averaging, of models from the end of training, a constant or cyclic
    /// learning rate apart.
    ///
    /// Source: Izmailov, Podoprikhin, Garipov, Vetrov & Wilson, "Averaging weights leads to wider optima and better
    /// generalization" (2018), algorithm 1.
    case equal
  }

  /// The average so far, which is the first model until there is another.
  public var model: Model
  /// How models are weighted.
  public let weighting: Weighting
  /// The number of models averaged.
  public private(set) var count = 0

  /// Makes an average of no models yet; `model` stands for it until then.
  /// - Precondition: a decay is at least 0 and below 1.
  public init(_ model: Model, _ weighting: Weighting) {
    if case .exponential(let decay) = weighting { requireShare(decay, "AveragedModel: the decay") }
    (self.model, self.weighting) = (model, weighting)
  }

  /// Takes a model into the average; the first is the average.
  /// - Precondition: it has the parameters of the others, in the same shapes.
  public mutating func update(with other: Model) {
    let weight =
      switch weighting {
      case _ where count == 0: 1.0
      case .exponential(let decay): 1 - decay
      case .equal: 1 / Double(count + 1)
      }
    count += 1
    let repeats = other.repeatedPlaces
    var (copy, tensors): (Model, [Tensor]) = (other, [])
    copy.leaves(besides: repeats) { _, tensor in tensors.append(tensor.detached) }
    var next = tensors.makeIterator()
    model.leaves(besides: repeats) { role, average in
      guard let new = next.next(), new.type == average.type else {
        stop(
          "AveragedModel: the model has not the tensor \(average.type) of those before; give one model as it is "
            + "trained")
      }
      average = role == .buffer || weight == 1 ? new : average.moved(towards: new, by: weight)
    }
  }
}

extension Tensor {
  /// x + w·(new − x), between the two even where their difference overflows. Looks at the values.
  func moved(towards new: Tensor, by weight: Double) -> Tensor {
    let moved = self + (new - self) * weight
    // The sum, in one pass, is finite if all are, as nearly always.
    guard !Double(moved.sum()).isFinite else { return moved }
    return averaged(with: new, weight: Tensor(weight, dtype: dtype))
  }
}
