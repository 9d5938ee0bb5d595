import Adjoint
import AdjointNN
import AdjointTraining

/// Claim 4: gradients that neither vanish nor explode.
struct SteadyGradients: Claim {
  let number = 4
  let name = "Steady gradients"
  let sentence = "With batch norm gradients neither vanish nor explode in deep networks."
  let cost = 60.0
  let method = Method(
    compared: """
      Networks of 5, 10, 20 and 50 hidden layers of 32 units with and without batch norm, of \
      sigmoids and tanhs started by Glorot's scheme and of ReLUs by He's.
      """,
    measured: """
      The norm of the loss's gradient with respect to each hidden layer's weights, at the start \
      and after 60 steps with each one's own best of three learning rates from 0.003 to 0.3; taken \
      is the largest norm over the smallest.
      """,
    rule: """
      It holds for a kind of unit if in networks of every depth, at the start and after training, \
      that ratio is smaller with batch norm, by an interval of the quotient above 1, and below 100 \
      at the median.
      """)

  struct Results: Measured {
    struct Case: Codable {
      let activation: Activation
      let depth: Int
      /// The norms at the start, by seeds and layers.
      var start: Sides<[[Double]]>
      /// The norms after training.
      var trained: Sides<[[Double]]>

      /// Whether batch norm keeps the gradients together.
      var holds: Bool {
        [start, trained].allSatisfy { norms in
          let spreads = norms.map { $0.map(SteadyGradients.spread) }
          return spreads.ratio.low > 1 && spreads.with.median < 100
        }
      }
    }

    var cases: [Case]
    var seedCount: Int { cases[0].start.with.count }
  }

  /// The largest norm over the smallest.
  static func spread(_ norms: [Double]) -> Double { (norms.max() ?? 1) / (norms.min() ?? 1) }

  /// A norm below this, as float32 has of nothing, counts as this.
  private static let smallest = 1e-30

  /// The ratio at the median over the seeds, as it is written.
  private static func typical(_ norms: [[Double]]) -> String {
    let isBound = norms.map { $0.min() ?? 1 }.median <= smallest
    return (isBound ? "more than " : "") + significant(norms.map(spread).median)
  }

  func measure(_ setting: Setting) -> Results {
    let depths = setting.budget([5, 10, 20, 50], quick: [5, 10])
    let kinds = Activation.allCases.flatMap { activation in depths.map { (activation, $0) } }
    let shapes = kinds.flatMap { activation, depth in
      let sides = PerceptronShape(depth: depth, activation: activation).sides
      return [sides.with, sides.without]
    }
    let steps = setting.budget(60, quick: 10)
    let runs = setting.tuned(
      sides: shapes.count, rates: setting.budget([0.003, 0.03, 0.3], quick: [0.03]), score: \.loss
    ) { side, rate, seed -> ProbedOutcome in
      let (training, _) = setting.data.split(seed)
      var model = setting.perceptron(shapes[side], seed)
      let probe = training.samples(at: Array(0..<128))
      func norms() -> [Double] {
        var copy = model
        let (_, gradient) = valueAndGradient(of: &copy) { model in
          softmaxCrossEntropy(model(probe.inputs, .training), probe.labels)
        }
        return gradient.hidden.map {
          let norm = Double($0.linear.weight.norm())
          return norm.isFinite ? max(norm, SteadyGradients.smallest) : 1 / SteadyGradients.smallest
        }
      }
      let start = norms()
      let losses = Training(data: training, steps: steps, rate: rate, seed: seed)(&model)
      return ProbedOutcome(loss: losses.meanOfLast(10), start: start, trained: norms())
    }
    return Results(
      cases: kinds.enumerated().map { number, kind in
        let sides = Sides(with: runs[2 * number], without: runs[2 * number + 1])
        return Results.Case(
          activation: kind.0, depth: kind.1, start: sides.map { $0.results.map(\.start) },
          trained: sides.map { $0.results.map(\.trained) })
      })
  }

  func verdict(on results: Results) -> Verdict {
    Verdict(
      seeds: results.seedCount,
      Activation.allCases.flatMap { activation in
        let cases = results.cases.filter { $0.activation == activation }
        let depths = cases.filter(\.holds).map { "\($0.depth)" }
        let name = "the units are \(activation.rawValue)s"
        return [
          (
            depths.count == cases.count ? name : "\(name), in \(depths.enumerated) layers",
            !depths.isEmpty
          ),
          // What holds at some depths does not hold at all.
          ("", depths.count == cases.count),
        ].filter { !$0.0.isEmpty || !$0.1 }
      })
  }

  func figure(of results: Results) -> String {
    let deepest = results.cases.filter { $0.depth == results.cases.map(\.depth).max() }
    let spreads = deepest.map { one in
      let spreads = one.start.map(SteadyGradients.typical)
      return "\(one.activation.rawValue) \(spreads.with) and \(spreads.without)"
    }
    return """
      largest over smallest norm at the start, in \(deepest[0].depth) layers, with and without: \
      \(spreads.joined(separator: ", "))
      """
  }

  func plots(of results: Results) -> [any Figure] {
    let deepest = results.cases.filter { $0.depth == results.cases.map(\.depth).max() }
    return [
      LinePlot(
        title: "Gradient by layer at the start: median and range of \(results.seedCount) seeds",
        x: Axis("layer, 1 next to the inputs"),
        y: Axis("norm of the gradient", scale: .logarithmic),
        lines: deepest.flatMap { one in
          [("with batch norm", one.start.with), ("without", one.start.without)].map { side, norms in
            .medians(
              "\(one.activation.rawValue) \(side)", x: norms[0].indices.map { Double($0 + 1) },
              norms)
          }
        })
    ]
  }

  func advice(from results: Results) -> String {
    let deepest = results.cases.filter { $0.depth == results.cases.map(\.depth).max() }
    func units(_ isMended: (Interval) -> Bool) -> String {
      deepest.filter { isMended($0.start.map { $0.map(SteadyGradients.spread) }.ratio) }
        .map { $0.activation.rawValue + "s" }.joined(separator: " and ")
    }
    let (closer, apart) = (units { $0.low > 1 }, units { $0.high < 1 })
    return """
      In the deepest networks, at the start, batch norm brings the gradients of the layers closer \
      together for \(closer.isEmpty ? "no units" : closer), and further apart for \
      \(apart.isEmpty ? "no units" : apart). It does not replace a scheme of initialization that \
      suits the units, and a deep plain network has to be helped by other means as well, such as \
      residual connections.
      """
  }
}
