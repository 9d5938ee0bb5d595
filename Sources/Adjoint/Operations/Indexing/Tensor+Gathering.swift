extension Tensor {
  /// Returns elements at given places along an axis; along the others each comes from where it goes.
  ///
  ///     x: [A, B, C], places: int32[A, P, C], along: 1   →   [A, P, C]
  ///
  /// yᵢⱼₖ = x at (i, placesᵢⱼₖ, k). The place −1 is the last. The other axes of the places may be shorter.
  /// Pullback: each ȳ is added where its element comes from.
  /// - Precondition: the places are int32, each within the axis.
  public func gatherElements(_ places: Tensor, along axis: Int) -> Tensor {
    let axis = resolved(axis, rank: rank, "gatherElements", type)
    let flat = ElementPlaces(caller: .gatherElements, axis: axis, shape: shape)(places)
    return reshaped(to: [count]).gather(flat, along: 0)
  }

  /// Returns the slices whose places along the first axes are given together.
  ///
  ///     x: [A, B, C], places: int32[P…, 2]   →   [P…, C]
  ///
  /// The first axes of both may be those of a batch: in each, places are along the next. The place −1 is the
  /// last. Pullback: each slice of ȳ is added where it comes from.
  /// - Precondition: the places are int32, each within its axis; there are no more than axes.
  public func gatherTuples(_ places: Tensor, batchAxes: Int = 0) -> Tensor {
    let split = tupleAxes(of: places, batchAxes, "gatherTuples")
    let flat = TuplePlaces(
      caller: .gatherTuples, extents: Array(shape[..<split]), batchRank: batchAxes)(places)
    let slices = reshaped(to: [shape[..<split].reduce(1, *)] + shape[split...])
    return slices.gather(flat, along: 0)
  }

  /// The number of axes that tuples of places are along, those of the batch included.
  func tupleAxes(of places: Tensor, _ batchAxes: Int, _ operation: String) -> Int {
    let width = places.shape.last ?? 0
    require(
      batchAxes >= 0 && places.rank > batchAxes && width + batchAxes <= rank,
      "\(operation): the places are \(places.type), with \(batchAxes) axes of a batch; last they have a "
        + "place for each axis, of which \(type) has \(rank)")
    return batchAxes + width
  }

  /// Returns the part of the last two axes on a diagonal: `offset` above the main one, or below.
  ///
  ///     x: [N…, A, B]   →   [N…, D]
  ///
  /// Pullback: x̄ = ȳ on the diagonal, 0 elsewhere.
  /// - Precondition: there are two axes or more.
  public func diagonal(offset: Int = 0) -> Tensor {
    require(rank >= 2, "diagonal: \(type) has fewer than 2 axes; give matrices")
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    // Beyond the corners there is nothing on any diagonal.
    let place = Swift.min(Swift.max(offset, -rows), columns)
    let (row, column) = (Swift.max(0, -place), Swift.max(0, place))
    let length = Swift.max(0, Swift.min(rows - row, columns - column))
    let places = (0..<length).map { ($0 + row) * columns + $0 + column }
    return flattened(from: rank - 2).gather(Tensor(places, shape: [length]), along: -1)
  }
}
