import Adjoint

extension Structure {
  /// A missing cotangent counts as a zero one, whichever are missing: for rules that handle some combinations
  /// apart.
  mutating func checkCotangentSubsets() {
    let places = subject.cotangents.indices.filter { subject.cotangents[$0] != nil }
    guard places.count > 1 else { return }
    for kept in subsets(of: places) {
      var (missing, zero) = (subject.cotangents, subject.cotangents)
      for place in places where !kept.contains(place) {
        missing[place] = nil
        zero[place] = zero[place].map { .zeros(like: $0) }
      }
      let without = subject.gradients(Subject.Request(cotangents: missing))
      let with = subject.gradients(Subject.Request(cotangents: zero))
      let all = subject.gradients(Subject.Request(cotangents: complement(of: kept)))
      for index in gradients.indices {
        guard let a = without[index], let b = with[index] else { continue }
        let list = kept.sorted().map { "output \($0)" }.joined(separator: ", ")
        if let size = excess(a, b, index) {
          find(
            .structural,
            "the gradient of \(names[index]) differs by \(size.brief) between cotangents of \(list) alone "
              + "and zeros for the other outputs")
          return
        }
        if let rest = all[index], let together = gradients[index],
          let size = excess(zip(a, rest).map { $0 + $1 }, together, index)
        {
          find(
            .structural,
            "the gradient of \(names[index]) for all cotangents differs by \(size.brief) from the sum of "
              + "that for \(list) alone and that for the others")
          return
        }
      }
    }
  }

  /// The cotangents of the outputs that are not among some.
  private func complement(of kept: Set<Int>) -> [Tensor?] {
    subject.cotangents.enumerated().map { kept.contains($0.offset) ? nil : $0.element }
  }

  /// Any inputs asked for without the others have the same gradients as when all are.
  mutating func checkInputSubsets() {
    let places = gradients.indices.filter { gradients[$0] != nil }
    guard places.count > 1 else { return }
    let all = subsets(of: places)
    // The first once more, as others have been asked for since then.
    for wanted in all + all.prefix(1) {
      let alone = subject.gradients(Subject.Request(wanted: wanted))
      for index in wanted {
        guard let together = gradients[index],
          let size = excess(together, alone[index] ?? [], index)
        else { continue }
        let others = wanted.subtracting([index]).sorted().map { names[$0] }
        find(
          .structural,
          "the gradient of \(names[index]) differs by \(size.brief) when it is asked for "
            + (others.isEmpty ? "alone" : "with \(others.joined(separator: ", ")) only"))
        return
      }
    }
  }

  /// All parts of few places; of many the single ones first, as far as they go, all but one, then some at random.
  private mutating func subsets(of places: [Int]) -> [Set<Int>] {
    if !isThorough { return places.prefix(6).map { [$0] } }
    if places.count <= 4 {
      return (1..<(1 << places.count) - 1).map { bits in
        Set(places.indices.filter { bits >> $0 & 1 == 1 }.map { places[$0] })
      }
    }
    let draw = generator.nextDraw()
    let order = places.indices.sorted { draw.uniform($0) < draw.uniform($1) }
    let single = order.prefix(12).map { Set([places[$0]]) }
    let mixed = (1...8).map { number in
      Set(
        places.indices.filter { draw.uniform(number * places.count + $0) < 0.5 }.map { places[$0] })
    }
    let allButOne = single.map { Set(places).subtracting($0) }
    return single + allButOne + mixed.filter { !$0.isEmpty }
  }

  /// The same tensor passed as two inputs has the sum of their gradients.
  mutating func checkSharing() {
    let inputs = subject.inputs
    for (i, j) in twins {
      var same = inputs
      same[j] = inputs[i]
      let apart = subject.gradients(Subject.Request(inputs: same))
      let shared = subject.gradients(Subject.Request(inputs: same, shared: (i, j)))
      guard let a = apart[i], let b = apart[j], let sum = shared[i],
        (a + b + sum).allSatisfy(\.isFinite), let size = excess(zip(a, b).map { $0 + $1 }, sum, i)
      else { continue }
      find(
        .structural,
        "one tensor passed as \(names[i]) and as \(names[j]) has a gradient that differs by "
          + "\(size.brief) from the sum of theirs: one of them is lost or overwritten")
      return
    }
  }

  /// Three inputs or more of one type, of each type that has so many.
  var alike: [[Int]] {
    let places = subject.inputs.indices.filter { gradients[$0] != nil }
    let groups = Dictionary(grouping: places) { subject.inputs[$0].type }
    return groups.values.filter { $0.count > 2 }.sorted { $0[0] < $1[0] }
  }

  /// Pairs of inputs of one type, no more than six: neighbours first.
  var twins: [(Int, Int)] {
    let inputs = subject.inputs
    let pairs = inputs.indices.flatMap { i in
      inputs.indices.filter {
        $0 > i && inputs[$0].type == inputs[i].type && gradients[i] != nil && gradients[$0] != nil
      }.map { (i, $0) }
    }
    return Array(pairs.sorted { $0.1 - $0.0 < $1.1 - $1.0 }.prefix(6))
  }
}
