// How much functions change, to all digits that the changes of their arguments have. Where an argument
// changes so much that results are far from each other, their difference is as exact, and these say NaN.

/// A function of numbers with a formula for how much it changes.
protocol ExactlyChangingFunction {
  /// The change of f(a), or of f(a, b), when the arguments change by da and db.
  static func change(_ a: Double, _ b: Double, by da: Double, _ db: Double) -> Double
}

extension ExactlyChangingFunction {
  /// The changes of all elements; of a function of one number there is one tensor each.
  static func change(from before: [Tensor], by changes: [Tensor]) -> Tensor {
    let (first, last) = (before[0], before[before.count - 1])
    let (a, b) = ([Double](first), [Double](last))
    let (da, db) = ([Double](changes[0]), [Double](changes[changes.count - 1]))
    let results = a.indices.map { change(a[$0], b[$0], by: da[$0], db[$0]) }
    return Tensor(results, shape: first.shape, dtype: first.dtype)
  }
}

extension Exponential: ExactlyChangingFunction {
  /// Δeᵃ = eᵃ·(e^Δa − 1).
  static func change(_ a: Double, _: Double, by da: Double, _: Double) -> Double {
    abs(da) <= 1 ? .exp(a) * .expm1(da) : .nan
  }
}

extension NaturalLogarithm: ExactlyChangingFunction {
  /// Δ log a = log(1 + Δa/a).
  static func change(_ a: Double, _: Double, by da: Double, _: Double) -> Double {
    abs(da) <= 0.5 * abs(a) ? .log1p(da / a) : .nan
  }
}

extension Sigmoid: ExactlyChangingFunction {
  /// Δσ(a) = σ(a + Δa)·σ(−a)·(1 − e^−Δa).
  static func change(_ a: Double, _: Double, by da: Double, _: Double) -> Double {
    value(a + da) * value(-a) * -.expm1(-da)
  }
}

extension HyperbolicTangent: ExactlyChangingFunction {
  /// Δ tanh a = sinh Δa/(cosh a·cosh(a + Δa)).
  static func change(_ a: Double, _: Double, by da: Double, _: Double) -> Double {
    .sinh(da) / (.cosh(a) * .cosh(a + da))
  }
}

extension Square: ExactlyChangingFunction {
  /// Δa² = (2a + Δa)·Δa.
  static func change(_ a: Double, _: Double, by da: Double, _: Double) -> Double {
    (2 * a + da) * da
  }
}

extension SquareRoot: ExactlyChangingFunction {
  /// Δ√a = Δa/(√a + √(a + Δa)).
  static func change(_ a: Double, _: Double, by da: Double, _: Double) -> Double {
    da / (a.squareRoot() + (a + da).squareRoot())
  }
}

extension Reciprocal: ExactlyChangingFunction {
  /// Δ(1/a) = −Δa/(a·(a + Δa)).
  static func change(_ a: Double, _: Double, by da: Double, _: Double) -> Double {
    -da / a / (a + da)
  }
}

extension Divide: ExactlyChangingFunction {
  /// Δ(a/b) = (Δa − (a/b)·Δb)/(b + Δb).
  static func change(_ a: Double, _ b: Double, by da: Double, _ db: Double) -> Double {
    (da - a / b * db) / (b + db)
  }
}

extension ArcTangentOfRatio: ExactlyChangingFunction {
  /// Δ atan2(y, x) is the angle between both points, atan2(x·Δy − y·Δx, x·(x + Δx) + y·(y + Δy)), unless the cut along
  /// the negative x-axis may lie between them.
  static func change(_ y: Double, _ x: Double, by dy: Double, _ dx: Double) -> Double {
    if y.sign != (y + dy).sign, min(x, x + dx) <= 0 { return .nan }
    // No square overflows.
    let size = max(abs(x), abs(y))
    let (a, b, da, db) = (x / size, y / size, dx / size, dy / size)
    let (sine, cosine) = (a * db - b * da, a * (a + da) + b * (b + db))
    return sine.isFinite && cosine.isFinite ? .atan2(sine, cosine) : .nan
  }
}
