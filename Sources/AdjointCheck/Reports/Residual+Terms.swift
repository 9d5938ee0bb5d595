extension Residual {
  /// What may be missing in each of the groups that the elements fall into when some axes are reduced.
  private enum Term: CaseIterable {
    case constant, centred, constantAndCentred, factor, factorAndCentred

    var freedom: Int {
      switch self {
      case .constant, .centred, .factor: 1
      case .constantAndCentred, .factorAndCentred: 2
      }
    }
  }

  /// Terms that are missing, or factors that are wrong, in groups of elements.
  func termsOverAxes() -> Guess? {
    guard (1...5).contains(shape.count) else { return nil }
    var best: (freedom: Int, guess: Guess)?
    for bits in 1..<(1 << shape.count) {
      let axes = shape.indices.filter { bits >> $0 & 1 == 1 }
      let groups = groups(reducing: Set(axes))
      let (count, size) = (groups.count, groups.first?.count ?? 0)
      for term in Term.allCases {
        // A line through a few points explains too much, and one factor for all was tried before.
        guard size > (term.freedom > 1 ? 5 : 1),
          !(term == .factor && count == 1), count * term.freedom < best?.freedom ?? .max,
          explains(rest(groups, term))
        else { continue }
        best = (count * term.freedom, guess(term, over: axes))
      }
    }
    return best?.guess
  }

  private func guess(_ term: Term, over axes: [Int]) -> Guess {
    let others = shape.indices.filter { !axes.contains($0) }
    let each =
      others.isEmpty
      ? ""
      : " for each index of ax\(others.count == 1 ? "is" : "es") "
        + others.map { "\($0)" }.joined(separator: ", ")
    switch term {
    case .constant:
      return (
        .meanTerm,
        "the residual is constant along axes \(axes): the −mean(dy) term is missing or wrong"
      )
    case .centred:
      return (
        .varianceTerm,
        "the residual is a multiple of x − mean(x) over axes \(axes): the −x̂·mean(dy·x̂) term is missing or "
          + "wrong"
      )
    case .constantAndCentred:
      return (
        .meanAndVarianceTerm,
        "the residual is a constant and a multiple of x − mean(x) over axes \(axes): mean and variance are "
          + "taken for constants"
      )
    case .factor:
      return (
        .channelFactor,
        "the gradient is another multiple of the right one\(each): a scale or deviation is forgotten, or "
          + "counted twice"
      )
    case .factorAndCentred:
      return (
        .channelFactor,
        "the residual is a multiple of the gradient and of x − mean(x)\(each): the deviation is another one: "
          + "its ε, or its count"
      )
    }
  }

  /// The places of the elements of each group.
  private func groups(reducing axes: Set<Int>) -> [[Int]] {
    var groups: [[Int]] = []
    for place in d.indices {
      var (rest, group, stride) = (place, 0, 1)
      for axis in shape.indices.reversed() {
        let index = rest % shape[axis]
        rest /= shape[axis]
        if axes.contains(axis) { continue }
        group += index * stride
        stride *= shape[axis]
      }
      while groups.count <= group { groups.append([]) }
      groups[group].append(place)
    }
    return groups
  }

  /// What is left of the error after the best multiples of a term's parts are taken off in each group.
  private func rest(_ groups: [[Int]], _ term: Term) -> [Double] {
    groups.flatMap { group -> [Double] in
      let values = group.map { r[$0] }
      let mean = group.reduce(0) { $0 + x[$1] } / Double(group.count)
      let centred = group.map { x[$0] - mean }
      let ones = group.map { _ in 1.0 }
      let right = group.map { d[$0] }
      let parts =
        switch term {
        case .constant: [ones]
        case .centred: [centred]
        case .constantAndCentred: [ones, centred]
        case .factor: [right]
        case .factorAndCentred: [right, centred]
        }
      return rest(of: values, after: parts)
    }
  }

  /// Gram–Schmidt: what is left of values after their shares of one or two vectors are taken off.
  private func rest(of values: [Double], after parts: [[Double]]) -> [Double] {
    var (values, basis) = (values, [[Double]]())
    for part in parts {
      let vector = basis.reduce(part) { without($0, $1) }
      values = without(values, vector)
      basis.append(vector)
    }
    return values
  }

  private func without(_ values: [Double], _ vector: [Double]) -> [Double] {
    let square = dot(vector, vector)
    guard square > 0 else { return values }
    let share = dot(values, vector) / square
    return zip(values, vector).map { $0 - share * $1 }
  }
}
