import Adjoint

/// The error r = g − D of a gradient, and hypotheses on where it comes from.
///
/// Each is held against the residual, not against the gradient: a small error has as much of a pattern as a
/// large one. A hypothesis with few free numbers goes before one with many, which may fit anything.
struct Residual {
  let g: [Double]
  let d: [Double]
  let x: [Double]
  let shape: [Int]
  let r: [Double]
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

  func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Whether what is left is less than the unexplained share.
  func explains(_ rest: [Double]) -> Bool {
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
    guard abs(k - 1) > 1e-12 else { return nil }
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
    return abs(k - 1) < 1e-3 ? "1 \(k < 1 ? "−" : "+") \(abs(k - 1).brief)" : "\(Float(k))"
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
    for axis in shape.indices where shape[axis] > 2 {
      let stride = shape[(axis + 1)...].reduce(1, *)
      let indices = Set(wrong.map { $0 / stride % shape[axis] })
      // A slice is wrong if most of it is; one element may lie anywhere.
      let size = r.count / shape[axis]
      guard 2 * wrong.count > indices.count * size else { continue }
      if indices == [shape[axis] - 1] {
        return (.border, "only the last slice along axis \(axis) is wrong")
      }
      if indices == [0] { return (.border, "only the first slice along axis \(axis) is wrong") }
      if indices == [0, shape[axis] - 1] {
        return (.border, "only the borders along axis \(axis) are wrong")
      }
    }
    guard 2 * wrong.count <= r.count else { return nil }
    let type = TensorType(.float64, shape)
    let places = wrong.prefix(4).map { "\(type.indices(of: $0))" }.joined(separator: ", ")
    return (
      .fewElements,
      "only \(wrong.count) of \(r.count) elements \(wrong.count == 1 ? "is" : "are") wrong, "
        + "\(places)\(wrong.count > 4 ? ", …" : ""): a repeated index, a tie, or a range of values"
    )
  }
}
