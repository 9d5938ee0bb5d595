/// The Euclidean norm √Σx² over axes.
///
///     x: [A, B, C], axes: [0, 2]   →   [1, B, 1]
///
/// Squares of float32 are added up in float64, which holds them; those of float64 are scaled first where they
/// would overflow or vanish. Pullback: x̄ = ȳ·(x/y); where y is 0 it has no derivative, and 0, a subgradient, is
/// taken. Where y is infinite, ∞/∞ is unknown.
///
/// Source: Blue, "A portable Fortran program to find the Euclidean norm of a vector" (1978), for the scaling.
struct Norm: Operation {
  var name: String { "norm" }
  let axes: [Int]
  var reads: Reads { .inputs(0).and(.outputs(0)) }
  var attributes: String { "axes: \(axes)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return [inputs[0].reduced(over: axes, keepingAxes: true)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, runs) = (frame.input(0), frame.inputType(0).runs(reducing: axes))
    var largest = Array(repeating: 0.0, count: frame.outputType(0).count)
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        let size = Double(x[run.position + i].magnitude)
        if !(size <= largest[group]) { largest[group] = size }
      }
    }
    let units = largest.map { SquareUnit(for: $0) }
    var squares = Array(repeating: CompensatedSum(), count: largest.count)
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        let relative = Double(x[run.position + i]) * units[group].inverse
        squares[group] += relative * relative
      }
    }
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(squares[i].value.squareRoot() * units[i].value) }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, y, g) = (rule.input(0), rule.output(), rule.cotangent)
    // Where all elements are 0, so is what they are divided by ∞ for, with all its derivatives.
    let length = y.select(where: y .!= 0, otherwise: y.scalar(.infinity))
    rule.set(0, to: g.scaled(by: x / length))
  }

  static var samples: [Sample] {
    [
      Sample("rows", Norm(axes: [1]), [.sample([3, 4])]),
      Sample("columns", Norm(axes: [0]), [.sample([4, 3])]),
      Sample("all", Norm(axes: [0, 1]), [.sample([2, 3])]),
      Sample("two axes", Norm(axes: [0, 2]), [.sample([2, 3, 2])]),
      Sample("large", Norm(axes: [0]), [.sample([3], deviation: 1e200)], isSmooth: false),
      Sample("of nothing", Norm(axes: [0]), [.sample([0, 2])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("norm: int32[2] is not floating-point; cast(to: .float32) or .float64 first") {
        _ = Tensor([3, 4] as [Int32]).norm()
      }
    ]
  }
}

/// A power of two that numbers are divided by, so that their squares neither overflow nor vanish: 1 for those
/// of which they do not.
struct SquareUnit {
  let value: Double
  var inverse: Double { 1 / value }

  /// The unit for numbers of which this is the largest magnitude.
  init(for largest: Double) {
    value = largest > SquareUnit.large ? 0x1p600 : largest < SquareUnit.small ? 0x1p-600 : 1
  }

  /// From here on 10¹⁶ squares may overflow, or the digits of a square may vanish, in float64.
  static let (large, small) = (1e145, 1e-130)

  /// Sums of squares of which none has overflowed, and not so many digits vanished that it shows.
  static let sums = 1e-240...1e307
}

extension Tensor {
  /// Returns √x of a sum of squares, whose derivative at 0 is taken as 0.
  func rootOfSquares() -> Tensor { Unary<RootOfSquares>()(self) }

  /// The unit by which float64 elements may be divided before they are squared, over axes: a constant.
  func squareUnit(over axes: [Int]) -> Tensor {
    let largest = magnitude().max(over: axes, keepingAxes: true).stoppingGradient()
    let unit = scalar(0x1p600).select(where: largest .> SquareUnit.large, otherwise: scalar(1))
    return scalar(0x1p-600).select(where: largest .< SquareUnit.small, otherwise: unit)
  }

  /// Returns the Euclidean norm √Σx² over axes, over all if none are given.
  ///
  ///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
  ///
  /// No square overflows or vanishes. Pullback: x̄ = ȳ·(x/y); where y is 0 it has no derivative, and 0, a
  /// subgradient, is taken. NaN where x/y is, as of ∞.
  /// - Precondition: `axes` are distinct and within the rank.
  ///
  /// Source: Blue, "A portable Fortran program to find the Euclidean norm of a vector" (1978), for the
  /// scaling.
  public func norm(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let axes = resolvedAxes(axes, "norm")
    let norm = Norm(axes: axes)(self)
    return keepingAxes
      ? norm : norm.reshaped(to: type.reduced(over: axes, keepingAxes: false).shape)
  }
}
