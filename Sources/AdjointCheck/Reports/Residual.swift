/// The error r = g − D of a gradient, and hypotheses on where it comes from.
///
/// Each is held against the residual, not against the gradient: a small error has as much of a pattern as a
/// large one. A hypothesis with few free numbers goes before one with many, which may fit anything.
struct Residual {
  private let g: [Double]
  private let d: [Double]
  private let x: [Double]
  private let shape: [Int]
  private let r: [Double]
  /// How much of an error a hypothesis has to explain to be named.
  private static let share = 0.999

  typealias Guess = (pattern: Diagnosis.Pattern, explanation: String)

  init(gradient: [Double], differences: [Double], x: [Double], shape: [Int]) {
    // Squares have to be numbers.
    let size = max(
      gradient.lazy.map(abs).max() ?? 0, differences.lazy.map(abs).max() ?? 0,
      .leastNormalMagnitude)
    g = gradient.map { $0 / size }
    d = differences.map { $0 / size }
    r = zip(g, d).map { $0 - $1 }
    let largest = max(x.lazy.map(abs).max() ?? 0, .leastNormalMagnitude)
    self.x = x.map { $0 / largest }
    self.shape = shape
  }

  /// What the error looks like; nil if it looks like nothing known.
  func guess() -> Guess? {
    wholeGradient() ?? order() ?? places() ?? termsOverAxes() ?? singlePrecision()
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Whether what is left is less than the unexplained share.
  private func explains(_ rest: [Double]) -> Bool {
    dot(rest, rest) < (1 - Residual.share) * dot(r, r)
  }

  // MARK: The gradient as a whole

  private func wholeGradient() -> Guess? {
    if g.allSatisfy({ $0 == 0 }) {
      return (.zero, "the gradient is 0: no cotangent is set, or it is stopped on the way")
    }
    guard dot(d, d) > 0 else { return nil }
    let k = dot(g, d) / dot(d, d)
    // More strictly than by the share: a factor has to hold for each element.
    let rest = zip(g, d).map { $0 - k * $1 }
    guard dot(rest, rest) < 1e-6 * dot(r, r) else { return nil }
    if abs(k + 1) < 1e-4 { return (.sign, "the sign is wrong") }
    return (.factor, "the gradient is \(name(ofFactor: k)) times the right one")
  }

  /// A factor with what it may come from: a count, or one more or less, or the root of it.
  private func name(ofFactor k: Double) -> String {
    func isNear(_ value: Double) -> Bool {
      abs(k / value - 1) < 1e-3 * min(1, abs(value - 1))
    }
    if isNear(2) { return "2" }
    if isNear(0.5) { return "1/2" }
    let axes = shape.indices.map { (shape[$0], "the extent of axis \($0)") }
    let inner = shape.count > 1 ? [(shape.dropFirst().reduce(1, *), "the size of a sample")] : []
    let counts = axes + inner + [(shape.reduce(1, *), "the number of elements")]
    for (count, what) in counts where count > 1 {
      let n = Double(count)
      let candidates = [
        (n, "n"), (1 / n, "1/n"), (n / (n - 1), "n/(n − 1)"), ((n - 1) / n, "(n − 1)/n"),
        (n.squareRoot(), "√n"), (1 / n.squareRoot(), "1/√n"),
        ((n / (n - 1)).squareRoot(), "√(n/(n − 1))"), (((n - 1) / n).squareRoot(), "√((n − 1)/n)"),
      ]
      for (value, formula) in candidates where isNear(value) {
        return "\(formula), n = \(count) (\(what)),"
      }
    }
    return "\(k)"
  }

  private func order() -> Guess? {
    guard d.count > 1 else { return nil }
    func equals(_ other: [Double]) -> Bool { explains(zip(g, other).map { $0 - $1 }) }
    if let last = shape.last, shape.count >= 2, shape[shape.count - 2] == last, last > 1 {
      let size = last * last
      let transposed = d.indices.map { place in
        let (block, i, j) = (place / size, place % size / last, place % last)
        return d[block * size + j * last + i]
      }
      if equals(transposed) { return (.order, "the last two axes are exchanged") }
    }
    if equals(d.reversed()) { return (.order, "the elements are in reverse") }
    for shift in [1, -1] where d.count > 2 {
      let moved = d.indices.map { d[($0 + shift + d.count) % d.count] }
      if equals(moved) { return (.order, "the elements are shifted by one") }
    }
    let (sorted, right) = (g.sorted(), d.sorted())
    if explains(zip(sorted, right).map { $0 - $1 }) {
      return (.order, "the elements are in another order")
    }
    return nil
  }

  /// Errors of either sign, all of the size of float32's rounding.
  private func singlePrecision() -> Guess? {
    let relative = zip(r, d).filter { $0.1 != 0 }.map { $0.0 / $0.1 }
    let affected = relative.filter { abs($0) > 1e-10 }
    guard affected.count > 1, 2 * affected.count > r.count,
      relative.allSatisfy({ abs($0) < 1e-5 }),
      affected.contains(where: { $0 > 0 }), affected.contains(where: { $0 < 0 })
    else { return nil }
    return (.singlePrecision, "the error is that of float32: something is computed or kept in it")
  }

  // MARK: Places

  private func places() -> Guess? {
    let scale = r.map(abs).max() ?? 0
    let wrong = r.indices.filter { abs(r[$0]) > 1e-6 * scale }
    guard wrong.count < r.count else { return nil }
    for axis in shape.indices where shape[axis] > 1 {
      let stride = shape[(axis + 1)...].reduce(1, *)
      let indices = Set(wrong.map { $0 / stride % shape[axis] })
      if indices == [shape[axis] - 1] {
        return (.border, "only the last slice along axis \(axis) is wrong")
      }
      if indices == [0] { return (.border, "only the first slice along axis \(axis) is wrong") }
      if indices.isSubset(of: [0, shape[axis] - 1]), shape[axis] > 2 {
        return (.border, "only the borders along axis \(axis) are wrong")
      }
    }
    guard 2 * wrong.count <= r.count else { return nil }
    return (
      .fewElements,
      "only \(wrong.count) of \(r.count) elements are wrong: a repeated index, a tie, or a range of values"
    )
  }

  // MARK: Terms over axes

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

  private func termsOverAxes() -> Guess? {
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
      others.isEmpty ? "" : " for each index of ax\(others.count == 1 ? "is" : "es") "
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
