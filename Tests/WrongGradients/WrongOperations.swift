import Adjoint
import AdjointCheck
import Synchronization

extension GradientCase {
  /// Every wrong gradient: none of them may pass.
  public static let wrong = wrongBatchNorms + wrongSums + wrongProducts + wrongPieces + wrongState

  private static let square: @Sendable ([Tensor]) -> Tensor = { $0[0].squared() }

  /// Mistakes of counting and adding up.
  private static let wrongSums: [GradientCase] = [
    GradientCase(
      RuleOperation("factor 2", { $0[0].sin() }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * x.cos() * 2)
      }, [[3, 4]], looksLike: .factor),
    GradientCase(
      RuleOperation("wrong sign", { $0[0].sin() }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: -g * x.cos())
      }, [[3, 4]], looksLike: .sign),
    GradientCase(
      RuleOperation("no gradient", { $0[0].sin() }) { _ in }, [[3, 4]], looksLike: .zero),
    GradientCase(
      RuleOperation(
        "wrong count in a mean", types: { [$0[0].with(shape: [$0[0].shape[1]])] },
        { $0[0].squared().mean(over: [0]) }
      ) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: (g * 2 * x) / Double(x.shape[1]))
      }, [[6, 3]], looksLike: .factor),
    GradientCase(
      RuleOperation("a variable used twice, overwritten", square) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * x)
      }, [[3, 4]], looksLike: .factor),
    GradientCase(
      RuleOperation("a broadcast reduced over the wrong axis of a square", { $0[0] * $0[1] }) {
        rule in
        let (x, row, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * row)
        rule.set(1, to: (g * x).sum(over: [1]))
      }, [[4, 4], [4]]),
    GradientCase(
      RuleOperation("a broadcast reduced by the mean", { $0[0] * $0[1] }) { rule in
        let (x, row, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * row)
        rule.set(1, to: (g * x).mean(over: [0]))
      }, [[5, 4], [4]], looksLike: .factor),
    GradientCase(
      RuleOperation("a broadcast not reduced at all", { $0[0] * $0[1] }) { rule in
        let (x, row, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * row)
        rule.set(1, to: g * x)
      }, [[5, 4], [4]]),
    GradientCase("a duplicate index of gather, overwritten", looksLike: .border) { seed in
      let places = Tensor([0, 2, 2] as [Int32])
      let operation = RuleOperation(
        "gather", types: { [$0[0].with(shape: [3, 2])] }, { $0[0].gather($0[1], along: 0) }
      ) { rule in
        let g = rule.cotangent
        // Row 2 gets the last of its two cotangents only.
        let rows = [g[0], Tensor.zeros(like: g[0]), g[2]]
        rule.set(0, to: .stacked(rows))
      }
      var generator = Philox(seed: seed)
      let x = Tensor.normal([3, 2], dtype: .float64, using: &generator)
      return checkGradients(of: operation, at: [x, places], seed: seed)
    },
    GradientCase(
      RuleOperation("a border skipped", blur) { rule in
        let g = rule.cotangent
        let inner = transposedBlur(g)
        rule.set(
          0,
          to: inner.slice(0..<inner.shape[1] - 1, along: 1)
            .padded(before: [0, 0], after: [0, 1]))
      }, [[2, 6]], looksLike: .border),
    GradientCase(
      RuleOperation("errors beside gradients of 1e6", { $0[0] * 1e6 + $0[1].sin() }) { rule in
        let (b, g) = (rule.input(1), rule.cotangent)
        rule.set(0, to: g * 1e6)
        rule.set(1, to: g * b.cos() * 1.01)
      }, [[3, 2], [3, 2]], looksLike: .factor),
    GradientCase(
      RuleOperation("errors at a scale of 1e-6", { ($0[0] * 1e6).sin() * 1e-6 }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * (x * 1e6).cos() * 1.001)
      }, [[3, 2]], looksLike: .factor, scale: 1e-6),
  ]

  /// (x₋₁ + 2·x₀ + x₁)/4 along axis 1, with zeros outside.
  private static let blur: @Sendable ([Tensor]) -> Tensor = { transposedBlur($0[0]) }

  /// The blur is symmetric: its own transpose.
  @Sendable
  private static func transposedBlur(_ x: Tensor) -> Tensor {
    let extent = x.shape[1]
    let padded = x.padded(before: [0, 1], after: [0, 1])
    func shifted(_ by: Int) -> Tensor { padded.slice(by..<by + extent, along: 1) }
    return (shifted(0) + shifted(1) * 2 + shifted(2)) * 0.25
  }

  /// Mistakes in products, and in functions of rows.
  private static let wrongProducts: [GradientCase] = [
    GradientCase(
      RuleOperation("a transposed product of squares", { $0[0].matMul($0[1]) }) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g.matMul(b))
        rule.set(1, to: a.matMul(g, transposingSelf: true))
      }, [[3, 3], [3, 3]]),
    GradientCase(
      RuleOperation("the gradient of a square is transposed", { $0[0].matMul($0[1]) }) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g.matMul(b, transposingOther: true).transposed())
        rule.set(1, to: a.matMul(g, transposingSelf: true))
      }, [[3, 3], [3, 3]], looksLike: .order),
    GradientCase(
      RuleOperation("softmax without its coupling term", { $0[0].softmax() }) { rule in
        let (y, g) = (rule.output(), rule.cotangent)
        rule.set(0, to: g * y)
      }, [[3, 4]]),
    GradientCase(
      RuleOperation("the derivative of geluTanh for gelu", { $0[0].gelu() }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * gradient(at: x) { $0.gelu(approximate: true).sum() })
      }, [[3, 4]]),
    GradientCase(
      RuleOperation("float32 inside float64", { $0[0].tanh() }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        let single = x.cast(to: .float32).tanh().cast(to: g.dtype)
        rule.set(0, to: g * (1 - single.squared()))
      }, [[3, 4]], looksLike: .singlePrecision),
    GradientCase(
      RuleOperation("layer norm without its mean term", layerNorm) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        let centred = x - x.mean(over: [1], keepingAxes: true)
        let inverse = (x.variance(over: [1], keepingAxes: true) + 1e-5).rsqrt()
        let y = centred * inverse
        rule.set(0, to: inverse * (g - y * (g * y).mean(over: [1], keepingAxes: true)))
      }, [[3, 6]], looksLike: .meanTerm),
    GradientCase(
      RuleOperation("right at first order, wrong at second", { $0[0].power(3) }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * 3 * x * x.stoppingGradient())
      }, [[2, 3]], order: 2),
    GradientCase(
      RuleOperation(
        "a variance whose mean is detached", types: { [$0[0].with(shape: [])] },
        {
          $0[0].variance()
        }
      ) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * (2 / Double(x.count)) * (x - x.mean().stoppingGradient()))
      }, [[5]], order: 2),
    GradientCase(
      RuleOperation("a linear function off by 1e-12", { $0[0] * 2 }) { rule in
        let g = rule.cotangent
        rule.set(0, to: g * (2 * (1 + 1e-12)))
      }, [[3, 4]]),
    GradientCase(
      RuleOperation("wrong in float32 only", { $0[0].exp() }) { rule in
        let (y, g) = (rule.output(), rule.cotangent)
        rule.set(0, to: g.dtype == .float32 ? g * y * 1.001 : g * y)
      }, [[3, 4]]),
  ]

  private static let layerNorm: @Sendable ([Tensor]) -> Tensor = { inputs in
    let x = inputs[0]
    let centred = x - x.mean(over: [1], keepingAxes: true)
    return centred * (x.variance(over: [1], keepingAxes: true) + 1e-5).rsqrt()
  }

  /// Mistakes at kinks, and between pieces.
  private static let wrongPieces: [GradientCase] = [
    GradientCase("a tie counted twice") { seed in
      let operation = RuleOperation(
        "max", types: { [$0[0].with(shape: [])] }, { $0[0].max() }
      ) { rule in
        let (x, y, g) = (rule.input(0), rule.output(), rule.cotangent)
        rule.set(0, to: (x .== y).cast(to: x.dtype) * g)
      }
      let x = Tensor([1, 0.5, 1, -1] as [Double])
      return checkGradients(of: operation, at: [x], seed: seed)
    },
    GradientCase("a slope of relu outside 0...1 at 0") { seed in
      let operation = RuleOperation("relu", { $0[0].relu() }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        let slope = (x .> 0).cast(to: x.dtype) + (x .== 0).cast(to: x.dtype) * 1.5
        rule.set(0, to: g * slope)
      }
      let x = Tensor([1, 0, -1, 2] as [Double])
      return checkGradients(of: operation, at: [x], seed: seed)
    },
    GradientCase("a clamp that leaks", looksLike: .fewElements) { seed in
      let operation = RuleOperation("clamp", { $0[0].clamped(to: -1...1) }) { rule in
        let g = rule.cotangent
        rule.set(0, to: g)
      }
      let x = Tensor([0.5, 0.2, -0.3, 2, 0.7, -0.9, 0.1, 0.4] as [Double])
      return checkGradients(of: operation, at: [x], seed: seed)
    },
    GradientCase("a clamp that leaks a little", looksLike: .fewElements) { seed in
      let operation = RuleOperation("clamp", { $0[0].clamped(to: -1...1) }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        let inside = (x.magnitude() .<= 1).cast(to: x.dtype)
        rule.set(0, to: g * (inside + (1 - inside) * 1e-5))
      }
      let x = Tensor([0.5, 0.2, -0.3, 2, 0.7, -0.9, 0.1, 0.4] as [Double])
      return checkGradients(of: operation, at: [x], seed: seed)
    },
  ]

  /// Mistakes of state, which no finite difference shows.
  private static let wrongState: [GradientCase] = [
    GradientCase("a saved value changed in place") { seed in
      let calls = Calls()
      let operation = RuleOperation("sin", { $0[0].sin() }) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        // Each call scales what the first one saved.
        let factor = Double(calls.next())
        rule.set(0, to: g * x.cos() * factor)
      }
      let x = Tensor([0.5, 0.2, -0.3] as [Double])
      return checkGradients(of: operation, at: [x], seed: seed)
    },
    GradientCase("dropout without a fixed key") { seed in
      let calls = Calls()
      let x = Tensor([0.5, 0.2, -0.3, 1] as [Double])
      return checkGradients(at: [x], seed: seed, name: "dropout") { inputs in
        var generator = Philox(seed: UInt64(calls.next()))
        let uniform = Tensor.uniform([4], dtype: .float64, using: &generator)
        return [inputs[0] * (uniform .>= 0.5).cast(to: .float64) * 2]
      }
    },
    GradientCase("a kernel for float32 only") { seed in
      checkGradients(of: SingleSine(), at: [Tensor([0.5, 0.2])], seed: seed)
    },
  ]
}

/// Counts calls.
private final class Calls: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

/// The sine, for float32 alone.
private struct SingleSine: Operation {
  var name: String { "singleSine" }
  var elementTypes: ElementTypes { .float32 }
  func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
  func kernel(_ frame: inout KernelFrame<Float>) {
    let x = frame.input(0)
    var y = frame.output(0)
    for i in x.indices { y[i] = Float.sin(x[i]) }
  }
  func pullback(_ rule: inout Pullback) {
    let (x, g) = (rule.input(0), rule.cotangent)
    rule.set(0, to: g * x.cos())
  }
}
