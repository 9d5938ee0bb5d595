/// What becomes of an element and of what is scattered to its place.
public enum Scattering: String, Sendable, CaseIterable {
  /// What is scattered takes the place; of several, the last.
  case set
  /// All are added.
  case add
  /// All are multiplied.
  case multiply
  /// The largest stays.
  case maximum
  /// The smallest stays.
  case minimum
}

extension Tensor {
  /// Returns the tensor with elements of another at given places along an axis; along the others each goes where
  /// it comes from.
  ///
  ///     x: [A, B, C], updates: [A, P, C], places: int32[A, P, C], along: 1   →   [A, B, C]
  ///
  /// The place −1 is the last; a place may occur several times. The other axes of the places may be shorter.
  /// Pullback: x̄ = ȳ where x still counts, ū = ȳ read from the places where it counts; by the derivatives of
  /// the product, or of the larger of two, from left to right.
  /// - Precondition: the places are int32, each within the axis, one for each update.
  public func scatteringElements(
    of updates: Tensor, at places: Tensor, along axis: Int, combining: Scattering = .set
  ) -> Tensor {
    let axis = resolved(axis, rank: rank, "scatteringElements", type)
    requireUpdates(updates, TensorType(dtype, places.shape), "scatteringElements")
    let flat = ElementPlaces(caller: .scatteringElements, axis: axis, shape: shape)(places)
    return reshaped(to: [count, 1]).scattering(
      updates.reshaped(to: [updates.count, 1]), flat.reshaped(to: [flat.count]), combining
    ).reshaped(to: shape)
  }

  /// Returns the tensor with slices of another at given places along an axis.
  ///
  ///     x: [A, B, C], updates: [A, P…, C], places: int32[P…], along: 1   →   [A, B, C]
  ///
  /// The place −1 is the last; a place may occur several times. Pullback: as of ``scatteringElements(of:at:along:combining:)``.
  /// - Precondition: the places are int32, each within the axis, with one slice for each.
  public func scattering(
    _ updates: Tensor, at places: Tensor, along axis: Int, combining: Scattering = .set
  ) -> Tensor {
    let axis = resolved(axis, rank: rank, "scattering", type)
    let type = self.type.with(
      shape: Array(shape[..<axis]) + places.shape + shape[(axis + 1)...])
    requireUpdates(updates, type, "scattering")
    let order = [axis] + shape.indices.filter { $0 != axis }
    let ends = axis..<axis + places.rank
    let updateOrder = Array(ends) + updates.shape.indices.filter { !ends.contains($0) }
    let flat = TuplePlaces(caller: .scattering, extents: [shape[axis]], batchRank: 0)(
      places.reshaped(to: [places.count, 1]))
    let moved = transposed(order)
    let rest = moved.shape.dropFirst().reduce(1, *)
    return moved.reshaped(to: [shape[axis], rest]).scattering(
      updates.transposed(updateOrder).reshaped(to: [places.count, rest]), flat, combining
    ).reshaped(to: moved.shape).transposed(order.indices.sorted { order[$0] < order[$1] })
  }

  /// Returns the tensor with slices of another whose places along the first axes are given together.
  ///
  ///     x: [A, B, C], updates: [P…, C], places: int32[P…, 2]   →   [A, B, C]
  ///
  /// The place −1 is the last; a place may occur several times. Pullback: as of ``scatteringElements(of:at:along:combining:)``.
  /// - Precondition: the places are int32, each within its axis, with one slice for each tuple.
  public func scatteringTuples(
    _ updates: Tensor, at places: Tensor, combining: Scattering = .set
  ) -> Tensor {
    let split = tupleAxes(of: places, 0, "scatteringTuples")
    requireUpdates(
      updates, type.with(shape: places.shape.dropLast() + shape[split...]), "scatteringTuples")
    let flat = TuplePlaces(
      caller: .scatteringTuples, extents: Array(shape[..<split]), batchRank: 0)(places)
    let rest = shape[split...].reduce(1, *)
    return reshaped(to: [shape[..<split].reduce(1, *), rest]).scattering(
      updates.reshaped(to: [flat.count, rest]), flat.reshaped(to: [flat.count]), combining
    ).reshaped(to: shape)
  }

  private func requireUpdates(_ updates: Tensor, _ type: TensorType, _ operation: String) {
    require(
      updates.type == type,
      "\(operation): the updates are \(updates.type); \(self.type) and these places need \(type)")
  }

  /// The rows [N, D] with rows [M, D] at places int32[M], none of them negative.
  private func scattering(_ updates: Tensor, _ places: Tensor, _ combining: Scattering) -> Tensor {
    let extent = shape[0]
    if combining == .add { return self + ScatterAdd(axis: 0, extent: extent)(updates, places) }
    // Places are read: which update comes when does not depend on what is differentiated.
    if combining == .set {
      var owners = Array(repeating: Int32(-1), count: extent)
      for (number, place) in [Int32](places).enumerated() { owners[Int(place)] = Int32(number) }
      return replacing(with: updates, owners) { _, new in new }
    }
    let rounds = Tensor.rounds([Int32](places), extent)
    return rounds.reduce(self) { rows, owners in
      rows.replacing(with: updates, owners) { old, new in
        switch combining {
        case .multiply: old * new
        case .maximum: .maximum(old, new)
        case .minimum: .minimum(old, new)
        case .set, .add: new
        }
      }
    }
  }

  /// The rows, combined with those of another where there are some.
  private func replacing(
    with updates: Tensor, _ owners: [Int32], _ combine: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    let chosen = updates.gather(Tensor(owners.map { Swift.max($0, 0) }), along: 0)
    let isOwned = Tensor(owners.map { $0 >= 0 }, shape: [owners.count, 1])
    return combine(self, chosen).select(where: isOwned, otherwise: self)
  }

  /// For each turn the update that each place gets, or −1: the first updates of all places, then the second ones.
  private static func rounds(_ places: [Int32], _ extent: Int) -> [[Int32]] {
    var rounds: [[Int32]] = []
    var seen = Array(repeating: 0, count: extent)
    for (number, place) in places.enumerated() {
      let turn = seen[Int(place)]
      seen[Int(place)] += 1
      if turn == rounds.count { rounds.append(Array(repeating: -1, count: extent)) }
      rounds[turn][Int(place)] = Int32(number)
    }
    return rounds
  }
}
