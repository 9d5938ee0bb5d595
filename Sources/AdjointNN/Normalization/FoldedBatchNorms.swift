import Adjoint

/// What became of the batch norms of a model that were to be folded.
public struct FoldedBatchNorms: Sendable, Equatable {
  /// The paths of those that another layer does the work of now, each with the path of that layer.
  public var folded: [Pair] = []
  /// The paths of those that stay: no layer right before them could do their work.
  public var left: [String] = []

  /// A batch norm and the layer that does its work.
  public struct Pair: Sendable, Equatable {
    /// The path of the batch norm.
    public let norm: String
    /// The path of the layer.
    public let layer: String
  }
}

extension Module {
  /// Folds every batch norm that follows a linear layer or a convolution into that layer, for inference.
  ///
  /// ```swift
  /// let report = model.foldBatchNorms { model in model(images, .inference) }
  /// ```
  ///
  /// The model then gives the same results in inference but for rounding, with less work: a batch norm that
  /// is folded has no parameters, and returns what it gets.
  ///
  /// Which layer is right before which batch norm `visit` does not say, so it is tried: for each batch norm
  /// the layers of the same module that are named before it, the nearest first, on a copy whose batch norms
  /// have random statistics. A layer is taken only if the result stays what it was, where other statistics of
  /// that batch norm would change it. So a layer that is used twice, or whose result goes elsewhere too, is
  /// left alone, and so are batch norms that use the statistics of each batch.
  ///
  /// - Parameter result: a result of the model in inference, on an input that reaches all its layers.
  /// - Returns: which were folded, and which are left.
  @discardableResult
  public mutating func foldBatchNorms(
    comparing result: (inout Self) -> Tensor
  ) -> FoldedBatchNorms {
    var report = FoldedBatchNorms()
    var trial = self
    trial.randomizeBatchNorms(seed: 1, keeping: nil)
    let places = foldingPlaces
    for norm in places.indices {
      guard case .norm(let channels) = places[norm].kind else { continue }
      var (other, plain) = (trial, trial)
      other.randomizeBatchNorms(seed: 2, keeping: { $0 != norm })
      let expected = result(&plain)
      // What a wrong place would change.
      let influence = expected.distance(to: result(&other))
      let layer = places.indices.reversed().first { layer in
        guard layer < norm, places[layer].kind == .layer(outputs: channels),
          places[layer].parent == places[norm].parent
        else { return false }
        var folded = trial
        folded.fold(norm, into: layer)
        return expected.distance(to: result(&folded)) < 0.01 * influence
      }
      guard let layer else {
        report.left.append(places[norm].path)
        continue
      }
      trial.fold(norm, into: layer)
      fold(norm, into: layer)
      report.folded.append(.init(norm: places[norm].path, layer: places[layer].path))
    }
    return report
  }
}

extension Layer {
  /// Returns the layer with its batch norms folded into the layers before them, for inference: as
  /// ``Module/foldBatchNorms(comparing:)`` with the results for an input.
  /// - Parameter x: an input that reaches all layers; its numbers do not matter.
  public func foldingBatchNorms(at x: Tensor) -> Self {
    var folded = self
    folded.foldBatchNorms { $0(x, .inference) }
    return folded
  }
}

/// A batch norm, or a layer that one may be folded into.
private struct FoldingPlace {
  enum Kind: Equatable {
    case layer(outputs: Int)
    case norm(channels: Int)
  }

  let path: String
  let kind: Kind
  /// The path of the module that it is in.
  var parent: Substring { path.lastIndex(of: ".").map { path[..<$0] } ?? "" }
}

extension Module {
  /// The batch norms, and the layers that they may be folded into, in the order of `visit`.
  private var foldingPlaces: [FoldingPlace] {
    var (copy, places): (Self, [FoldingPlace]) = (self, [])
    copy.forEachFoldingPlace { _, path, module in
      if let layer = module as? any BatchNormFolding {
        places.append(FoldingPlace(path: path, kind: .layer(outputs: layer.outputChannels)))
      } else if let norm = module as? BatchNorm {
        let channels = norm.isFolded || norm.statistics == .batch ? 0 : norm.runningMean.count
        places.append(FoldingPlace(path: path, kind: .norm(channels: channels)))
      }
    }
    return places
  }

  /// Calls `body` with the number, the path and the place of each batch norm, and of each layer that one may
  /// be folded into.
  private mutating func forEachFoldingPlace(_ body: (Int, String, inout any Module) -> Void) {
    var place = 0
    forEachModule { path, module in
      guard module is any BatchNormFolding || module is BatchNorm else { return }
      body(place, path, &module)
      place += 1
    }
  }

  private mutating func fold(_ normPlace: Int, into layerPlace: Int) {
    var norm: BatchNorm?
    forEachFoldingPlace { place, _, module in
      guard place == normPlace, var found = module as? BatchNorm else { return }
      norm = found
      found.markFolded()
      module = found
    }
    forEachFoldingPlace { place, _, module in
      guard place == layerPlace, let norm, let layer = module as? any BatchNormFolding,
        layer.channelAxes.contains(norm.axis)
      else { return }
      module = layer.folding(norm)
    }
  }

  /// Gives batch norms random scales, shifts and statistics, but some.
  private mutating func randomizeBatchNorms(seed: UInt64, keeping: ((Int) -> Bool)?) {
    var generator = Philox(seed: seed)
    forEachFoldingPlace { place, _, module in
      guard var norm = module as? BatchNorm, !norm.isFolded, keeping?(place) != true else { return }
      let mean = norm.runningMean
      func drawn() -> Tensor {
        .uniform(mean.shape, in: 0.5..<1.5, dtype: mean.dtype, using: &generator)
      }
      (norm.runningMean, norm.runningVariance) = (drawn(), drawn())
      if norm.scale != nil { norm.scale = drawn() }
      if norm.shift != nil { norm.shift = drawn() }
      module = norm
    }
  }
}

extension Tensor {
  /// The Euclidean distance to another tensor of the type, in float64.
  fileprivate func distance(to other: Tensor) -> Double {
    Double((cast(to: .float64) - other.cast(to: .float64)).norm())
  }
}
