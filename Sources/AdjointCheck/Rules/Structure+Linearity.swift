import Adjoint

extension Structure {
  /// The pullback is linear in the cotangent: 0 for 0, and sums and multiples for sums and multiples.
  mutating func checkLinearity() {
    checkZero()
    guard findings.isEmpty else { return }
    checkHomogeneity()
    guard findings.isEmpty else { return }
    let count = subject.cotangents.count { $0 != nil }
    let kinds =
      isThorough ? CotangentKind.allCases.filter { count > 1 || !$0.isOfSeveral } : [.random]
    for kind in kinds where findings.isEmpty { checkAdditivity(kind) }
  }

  private mutating func checkZero() {
    let zero = subject.gradients(
      Subject.Request(cotangents: subject.cotangents.map { $0.map { .zeros(like: $0) } }))
    for (index, name) in names.enumerated() {
      // What is infinite has no multiple that is 0.
      guard gradients[index]?.contains(where: { !$0.isFinite }) != true,
        let gradient = zero[index], let worst = gradient.max(by: { abs($0) < abs($1) }), worst != 0
      else {
        continue
      }
      find(
        .structural,
        "the gradient of \(name) is \(worst) for a cotangent of zeros; a pullback is linear in "
          + "the cotangent")
      return
    }
  }

  /// A power of two times the cotangent gives the same multiple of the gradient, from very small ones to very
  /// large ones.
  private mutating func checkHomogeneity() {
    for exponent in isThorough ? [-50, -20, 4, 20, 50] : [20] {
      let factor = Double(sign: .plus, exponent: exponent, significand: 1)
      let scaled = subject.gradients(
        Subject.Request(cotangents: subject.cotangents.map { $0.map { $0 * factor } }))
      for (index, gradient) in scaled.enumerated() {
        guard let here = gradients[index], let gradient else { continue }
        let back = gradient.map { $0 / factor }
        // Not where the numbers themselves end.
        guard back.allSatisfy(\.isFinite), let size = excess(here, back, index) else { continue }
        let smallest = here.lazy.map(abs).filter { $0 > 0 }.min() ?? 0
        if smallest * factor < 1e6 * .leastNormalMagnitude { continue }
        find(
          .structural,
          "the gradient of \(names[index]) is not linear in the cotangent: \(factor.brief) times the "
            + "cotangent does not give as many times the gradient; divided by that, it is off by "
            + "\(size.brief) of \((here.map(abs).max() ?? 0).brief)")
        return
      }
    }
  }

  /// Cotangents that a rule might treat apart.
  private enum CotangentKind: String, CaseIterable {
    case random = "another random one"
    case ones = "ones"
    case minusOnes = "ones that are negative"
    case oneHot = "one with a single element"
    case negative = "negative ones"
    case positive = "positive ones"
    case alternating = "one with every other element 0"
    case graded = "one with elements of very different size"
    case falling = "one that is smaller for each output than for the one before"
    case rising = "one that is larger for each output than for the one before"

    /// Whether it is another one only where there are several outputs.
    var isOfSeveral: Bool { self == .falling || self == .rising }
  }

  /// A cotangent of a kind for an output with a number.
  private mutating func cotangent(
    _ kind: CotangentKind, _ cotangent: Tensor, _ number: Int
  ) -> Tensor {
    let normal = Tensor.normal(cotangent.shape, dtype: .float64, using: &generator)
    let count = cotangent.count
    let hot = count == 0 ? 0 : Int(generator.next() % UInt64(count))
    func chosen(_ isChosen: (Int) -> Bool) -> Tensor {
      let values = [Double](normal)
      return Tensor(
        values.indices.map { isChosen($0) ? values[$0] : 0 }, shape: cotangent.shape,
        dtype: .float64)
    }
    let values =
      switch kind {
      case .random: normal
      case .ones: Tensor.ones(cotangent.shape, dtype: .float64)
      case .minusOnes: -Tensor.ones(cotangent.shape, dtype: .float64)
      case .oneHot: chosen { $0 == hot }
      case .negative: -normal.magnitude()
      case .positive: normal.magnitude()
      case .alternating: chosen { $0 % 2 == 0 }
      case .graded: normal * graded(cotangent.shape)
      case .falling: normal * Double(sign: .plus, exponent: -13 * min(number, 3), significand: 1)
      case .rising: normal * Double(sign: .plus, exponent: 13 * min(number, 3), significand: 1)
      }
    return values.cast(to: cotangent.dtype)
  }

  /// Powers of two from 1 down to 2⁻³⁰, in no order.
  private mutating func graded(_ shape: [Int]) -> Tensor {
    let draw = generator.nextDraw()
    let count = shape.reduce(1, *)
    return Tensor(
      (0..<count).map {
        Double(sign: .plus, exponent: -Int(30 * draw.uniform($0)), significand: 1)
      },
      shape: shape, dtype: .float64)
  }

  /// The gradient of 2u − v/2 is that of 2u less that of v/2, for v of a kind.
  private mutating func checkAdditivity(_ kind: CotangentKind) {
    let u = subject.cotangents
    let v = u.enumerated().map { number, u in u.map { cotangent(kind, $0, number) } }
    let other = subject.gradients(Subject.Request(cotangents: v))
    let mixture = zip(u, v).map { u, v in u.flatMap { u in v.map { u * 2 - $0 * 0.5 } } }
    let mixed = subject.gradients(Subject.Request(cotangents: mixture))
    // Rounding is as large as the cotangents that it is of.
    let growth = max(1, Structure.largest(v) / max(largestCotangent, .leastNormalMagnitude))
    for index in gradients.indices {
      guard let a = gradients[index], let b = other[index], let c = mixed[index] else { continue }
      let sum = zip(a, b).map { 2 * $0 - $1 / 2 }
      let largest = (a + b + c).map(abs).max() ?? 0
      let error = distance(sum, c)
      let rounding = (40 * roundings[index] + 4 * leastError) * growth
      guard error > cancellation * largest + rounding else { continue }
      find(
        .structural,
        "the gradient of \(names[index]) is not linear in the cotangent: for a sum with \(kind.rawValue) "
          + "it is off by \(error.brief) of \(largest.brief)")
      return
    }
  }
}
