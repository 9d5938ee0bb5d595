import Adjoint

extension Diagnosis {
  /// How much of an error a hypothesis has to explain to be named.
  private static let share = 0.999

  /// What a wrong gradient looks like, from its error r = g − D; nil if it looks like nothing
  /// known.
  init?(
    gradient: [Double], comparisons: [InputResult.Comparison], x: [Double], shape: [Int]
  ) {
    // Mixtures and samples of a large input do not show patterns over its axes.
    guard comparisons.count == gradient.count, comparisons.allSatisfy({ $0.numeric.isFinite })
    else {
      return nil
    }
    let residual = Residual(gradient, comparisons.map(\.numeric), x, shape)
    let found =
      residual.wholeGradient() ?? residual.order() ?? residual.singlePrecision()
      ?? residual.places() ?? residual.termsOverAxes() ?? residual.channelFactor()
    guard let (pattern, explanation) = found else { return nil }
    self.init(pattern: pattern, explanation: explanation)
  }

  fileprivate typealias Guess = (Pattern, String)

  /// The error of a gradient, and hypotheses on it.
  private struct Residual {
    let g: [Double]
    let d: [Double]
    let x: [Double]
    let shape: [Int]
    let r: [Double]
    let total: Double

    init(_ g: [Double], _ d: [Double], _ x: [Double], _ shape: [Int]) {
      (self.g, self.d, self.x, self.shape) = (g, d, x, shape)
      r = zip(g, d).map { $0 - $1 }
      total = r.reduce(0) { $0 + $1 * $1 }
    }

    /// Whether what is left is less than the unexplained share.
    private func explains(_ rest: [Double]) -> Bool {
      rest.reduce(0) { $0 + $1 * $1 } < (1 - Diagnosis.share) * total
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    // MARK: The gradient as a whole

    func wholeGradient() -> Guess? {
      if g.allSatisfy({ $0 == 0 }) {
        return (.zero, "the gradient is 0: no cotangent is set, or it is stopped on the way")
      }
      guard dot(d, d) > 0 else { return nil }
      let k = dot(g, d) / dot(d, d)
      // More strictly than by the share: a factor has to hold for each element.
      let rest = zip(g, d).map { $0 - k * $1 }
      guard dot(rest, rest) < 1e-8 * dot(g, g), abs(k - 1) > 1e-5 else { return nil }
      if abs(k + 1) < 1e-4 { return (.sign, "the sign is wrong") }
      return (.factor, "the gradient is \(name(ofFactor: k)) times the right one")
    }

    /// A factor with what it may come from: a count, or one more or less.
    private func name(ofFactor k: Double) -> String {
      let axes = shape.indices.map { (shape[$0], "the extent of axis \($0)") }
      let inner = shape.count > 1 ? [(shape.dropFirst().reduce(1, *), "the size of a sample")] : []
      let counts = axes + inner + [(shape.reduce(1, *), "the number of elements")]
      for (count, what) in counts.map({ (Double($0.0), $0.1) }) where count > 1 {
        let (n, text) = (count, "n = \(Int(count)) (\(what))")
        let candidates = [
          (n, "n"), (1 / n, "1/n"), (n / (n - 1), "n/(n − 1)"), ((n - 1) / n, "(n − 1)/n"),
        ]
        for (value, formula) in candidates
        where abs(k / value - 1) < 1e-4 && value != 2 && value != 0.5 {
          return "\(formula), \(text),"
        }
      }
      if abs(k - 2) < 1e-4 { return "2" }
      if abs(k - 0.5) < 1e-4 { return "1/2" }
      return "\(k)"
    }

    func order() -> Guess? {
      func equals(_ other: [Double]) -> Bool {
        let rest = zip(g, other).map { $0 - $1 }
        return dot(rest, rest) < 1e-10 * dot(g, g)
      }
      if let last = shape.last, shape.count >= 2, shape[shape.count - 2] == last {
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
      let same = abs(dot(g, g) - dot(d, d)) < 1e-8 * dot(d, d)
      if same, zip(g.sorted(), d.sorted()).allSatisfy({ abs($0 - $1) <= 1e-6 * max(abs($1), 1e-3) })
      {
        return (.order, "the elements are in another order")
      }
      return nil
    }

    func singlePrecision() -> Guess? {
      let scale = d.map(abs).max() ?? 0
      let largest = r.map(abs).max() ?? 0
      guard largest > 1e-10 * scale, largest < 1e-5 * scale else { return nil }
      let relative = zip(r, d).filter { $0.1 != 0 }.map { abs($0.0 / $0.1) }
      let affected = relative.filter { $0 > 1e-10 }.count
      guard 2 * affected > r.count, relative.allSatisfy({ $0 < 1e-5 }) else { return nil }
      return (.singlePrecision, "the error is that of float32: something is computed or kept in it")
    }

    // MARK: Terms over axes

    /// The index of the group of each element when `axes` are reduced.
    private func groups(reducing axes: Set<Int>) -> [Int] {
      d.indices.map { place in
        var (rest, group, stride) = (place, 0, 1)
        for axis in shape.indices.reversed() {
          let index = rest % shape[axis]
          rest /= shape[axis]
          if axes.contains(axis) { continue }
          group += index * stride
          stride *= shape[axis]
        }
        return group
      }
    }

    /// What is left of the error after the best a + b·(x − mean x) of each group is taken off.
    private func rest(_ groups: [Int], constant: Bool, centred: Bool) -> [Double] {
      let count = (groups.max() ?? 0) + 1
      func sums(_ values: (Int) -> Double) -> [Double] {
        groups.indices.reduce(into: Array(repeating: 0.0, count: count)) { sums, place in
          sums[groups[place]] += values(place)
        }
      }
      let sizes = sums { _ in 1 }
      let means = zip(sums { x[$0] }, sizes).map { $0 / $1 }
      func c(_ place: Int) -> Double { x[place] - means[groups[place]] }
      let constants = constant ? zip(sums { r[$0] }, sizes).map { $0 / $1 } : sizes.map { _ in 0 }
      let squares = sums { c($0) * c($0) }
      let slopes =
        centred
        ? zip(sums { c($0) * r[$0] }, squares).map { $1 > 0 ? $0 / $1 : 0 } : sizes.map { _ in 0 }
      return r.indices.map { r[$0] - constants[groups[$0]] - slopes[groups[$0]] * c($0) }
    }

    func termsOverAxes() -> Guess? {
      guard shape.count <= 5 else { return nil }
      let sets = (1..<(1 << shape.count)).map { bits in
        Set(shape.indices.filter { bits >> $0 & 1 == 1 })
      }.sorted { $0.count > $1.count }
      for axes in sets {
        let groups = groups(reducing: axes)
        let size = d.count / max((groups.max() ?? 0) + 1, 1)
        let list = "\(axes.sorted())"
        // A line through two or three points explains too much.
        if size > 1, explains(rest(groups, constant: true, centred: false)) {
          let text =
            "the residual is constant along axes \(list): the −mean(dy) term is missing or wrong"
          return (.meanTerm, text)
        }
        if size > 2, explains(rest(groups, constant: false, centred: true)) {
          let text = "the residual is a multiple of x − mean(x) over axes \(list): "
          return (.varianceTerm, text + "the −x̂·mean(dy·x̂) term is missing or wrong")
        }
        if size > 3, explains(rest(groups, constant: true, centred: true)) {
          let text = "the residual is a constant and a multiple of x − mean(x) over axes \(list): "
          return (.meanAndVarianceTerm, text + "mean and variance are taken for constants")
        }
      }
      return nil
    }

    // MARK: Places

    func places() -> Guess? {
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

    func channelFactor() -> Guess? {
      for axis in shape.indices where shape[axis] > 1 && d.count > shape[axis] {
        let groups = groups(reducing: Set(shape.indices.filter { $0 != axis }))
        var (products, squares) = (
          Array(repeating: 0.0, count: shape[axis]), Array(repeating: 0.0, count: shape[axis])
        )
        for place in d.indices {
          products[groups[place]] += g[place] * d[place]
          squares[groups[place]] += d[place] * d[place]
        }
        let factors = zip(products, squares).map { $1 > 0 ? $0 / $1 : 1 }
        let rest = d.indices.map { g[$0] - factors[groups[$0]] * d[$0] }
        if dot(rest, rest) < 1e-8 * dot(g, g) {
          let text =
            "the gradient is another multiple of the right one for each index of axis \(axis)"
          return (.channelFactor, text + ": a scale or deviation is forgotten, or counted twice")
        }
      }
      return nil
    }
  }
}
