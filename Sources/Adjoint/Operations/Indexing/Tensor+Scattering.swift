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
  /// Products are made in float64 and rounded once. Pullback: x̄ = ȳ where x still counts, ū = ȳ read from the places
  /// where it counts; by the derivatives of the product, or of the larger of two: of an element and its first
  /// update, of the next two updates, and so on, then of two of what these make.
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
    guard places.count > 0 else { return self }
    if combining == .add {
      let add = ScatterAdd(axis: 0, extent: extent)
      guard dtype == .int32 else { return self + add(updates, places) }
      // The sum of the updates alone need not fit an int32.
      return add(
        .concatenated([self, updates], along: 0),
        .concatenated([.range(0..<extent), places], along: 0))
    }
    // Places are read: which update comes when does not depend on what is differentiated.
    if combining == .set {
      var owners = Array(repeating: Int32(-1), count: extent)
      for (number, place) in [Int32](places).enumerated() { owners[Int(place)] = Int32(number) }
      return replacing(with: updates, owners)
    }
    return combined(with: updates, [Int32](places), combining)
  }

  /// The rows, with those of another in place of some.
  private func replacing(with rows: Tensor, _ owners: [Int32]) -> Tensor {
    let chosen = rows.gather(Tensor(owners.map { Swift.max($0, 0) }), along: 0)
    let isOwned = Tensor(owners.map { $0 >= 0 }, shape: [owners.count, 1])
    return chosen.select(where: isOwned, otherwise: self)
  }

  /// The rows, each made one with the updates at its place.
  ///
  /// A row and its updates are made one by pairs of neighbours, then by pairs of what these make: the rounds are
  /// as many as the largest number of them has binary digits.
  private func combined(
    with updates: Tensor, _ places: [Int32], _ combining: Scattering
  ) -> Tensor {
    let extent = shape[0]
    require(
      places.count <= Int(Int32.max) - extent,
      "scattering: \(extent) places and \(places.count) updates are more than int32 can number; take a part"
    )
    var members = Array(repeating: [Int32](), count: extent)
    for (number, place) in places.enumerated() {
      members[Int(place)].append(Int32(extent + number))
    }
    let touched = (0..<extent).filter { !members[$0].isEmpty }
    var groups = touched.map { [Int32($0)] + members[$0] }
    // Products of parts may leave the range that those of all are in.
    let wide = combining == .multiply ? DType.float64 : dtype
    var rows = Tensor.concatenated([self, updates], along: 0).cast(to: wide)
    while groups.contains(where: { $0.count > 1 }) {
      let pairCount = groups.reduce(0) { $0 + $1.count / 2 }
      var (left, right, single): ([Int32], [Int32], [Int32]) = ([], [], [])
      for (number, group) in groups.enumerated() {
        var next: [Int32] = []
        for place in stride(from: 0, to: group.count - 1, by: 2) {
          next.append(Int32(left.count))
          left.append(group[place])
          right.append(group[place + 1])
        }
        if !group.count.isMultiple(of: 2) {
          next.append(Int32(pairCount + single.count))
          single.append(group[group.count - 1])
        }
        groups[number] = next
      }
      let (a, b) = (
        rows.gather(Tensor(left), along: 0), rows.gather(Tensor(right), along: 0)
      )
      let pairs: Tensor =
        combining == .multiply
        ? a * b : combining == .maximum ? .maximum(a, b) : .minimum(a, b)
      rows =
        single.isEmpty
        ? pairs : .concatenated([pairs, rows.gather(Tensor(single), along: 0)], along: 0)
    }
    var owners = Array(repeating: Int32(-1), count: extent)
    for (place, group) in zip(touched, groups) { owners[place] = group[0] }
    return replacing(with: rows.cast(to: dtype), owners)
  }
}
