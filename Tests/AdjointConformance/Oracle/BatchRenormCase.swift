import Adjoint
import AdjointFixtures
import AdjointNN

extension Fixture {
  /// Three steps of batch renormalization, and inference after them.
  func batchRenorm(_ dtype: DType) throws -> [Comparison] {
    func array(_ name: String) throws -> Tensor { try self(name).cast(to: dtype) }
    func number(_ name: String) -> Double { parameters[name]?.number ?? 0 }
    var layer = BatchRenorm(
      try array("gamma").count, epsilon: number("eps"), weightOfNew: number("alpha"),
      largestRatio: number("rmax"), largestOffset: number("dmax"), dtype: dtype)
    (layer.scale, layer.shift) = (try array("gamma"), try array("beta"))
    (layer.runningMean, layer.runningDeviation) = (try array("mu0"), try array("sigma0"))

    let tape = Tape()
    var recorded = layer
    let inputs = [try array("x"), layer.scale, layer.shift].map { tape.watch($0) }
    (recorded.scale, recorded.shift) = (inputs[1], inputs[2])
    let y = recorded(inputs[0], .training)
    let gradients = tape.gradients(of: [y], seeds: [try array("dy")], with: inputs)
    var comparisons = [try comparison(y, "y")]
    for (gradient, name) in zip(gradients, ["dx", "dgamma", "dbeta"]) {
      comparisons.append(try comparison(gradient, name))
    }

    var (means, deviations) = ([Tensor](), [Tensor]())
    for (step, name) in ["x", "x_step2", "x_step3"].enumerated() {
      let y = layer(try array(name), .training)
      if step > 0 { comparisons.append(try comparison(y, "y_step\(step + 1)")) }
      means.append(layer.runningMean)
      deviations.append(layer.runningDeviation)
    }
    comparisons.append(try comparison(.stacked(means), "mu_steps"))
    comparisons.append(try comparison(.stacked(deviations), "sigma_steps"))
    comparisons.append(try comparison(layer(try array("x"), .inference), "y_eval_after3"))
    return comparisons
  }
}
