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
      Networks of 5 to 50 hidden layers of 32 units with and without batch norm, of sigmoids and \
      tanhs started by Glorot's scheme and ReLUs by He's.
      """,
    measured: """
      The norm of the loss's gradient by each hidden layer's weights, at the start and after \
      training with each one's own best learning rate; taken is the largest norm over the \
      smallest.
      """,
    rule: """
      It holds for a network if both at the start and after training that ratio is smaller with \
      batch norm, by an interval of the quotient above 1, and below 100 at the median.
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
    return "largest over smallest norm in \(deepest[0].depth) layers, with and without: "
      + deepest.map { one in
        let spreads = one.start.map { significant($0.map(SteadyGradients.spread).median) }
        return "\(one.activation.rawValue) \(spreads.with) and \(spreads.without)"
      }.joined(separator: ", ")
  }

  func plots(of results: Results) -> [any Figure] {
    let deepest = results.cases.filter { $0.depth == results.cases.map(\.depth).max() }
    return [
      LinePlot(
        title: "Gradient by layer at the start: median and range of \(results.seedCount) seeds",
        x: Axis("layer, 1 next to the inputs"),
        y: Axis("norm of the gradient", scale: .logarithmic),
        lines: deepest.flatMap { one in
          [("with", one.start.with), ("without", one.start.without)].map { side, norms in
            .medians(
              "\(one.activation.rawValue), \(side)", x: norms[0].indices.map { Double($0 + 1) },
              norms)
          }
        })
    ]
  }

  func advice(from results: Results) -> String {
    let relu = results.cases.last { $0.activation == .relu }
    let start = relu?.start.map { $0.map(SteadyGradients.spread).median }
    let growth =
      start.map { spreads in
        let grows = spreads.with > spreads.without ? "further apart" : "closer together"
        return """
          in the deepest network of ReLUs it brings them \(grows) at the start, from \
          \(significant(spreads.without)) to \(significant(spreads.with))
          """
      } ?? ""
    return """
      Batch norm mends what a bad choice of units does, above all the vanishing gradients of \
      sigmoids. It does not replace a scheme of initialization that suits the units: \(growth). A \
      deep plain network has to be helped by other means, such as residual connections.
      """
  }
}
