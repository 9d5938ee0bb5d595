import Adjoint

/// Checks a hand-written kernel and pullback against the composition that defines it.
///
/// Both must agree with finite differences, and the outputs with each other: they may differ by ten
/// times what rounding of the inputs makes of them, and by 64 units in the last place of the
/// largest element.
public func checkGradients(
  ofFused operation: some FusedOperation, at inputs: [Tensor], order: Int = 1, seed: UInt64 = 0
) -> GradientReport {
  let fused = checkGradients(of: operation, at: inputs, order: order, seed: seed)
  let composed = checkGradients(
    at: inputs, order: order, seed: seed, name: operation.name,
    inputNames: inputs.indices.map { "input \($0) of the composition" }, of: operation.composed)
  let differences = differences(of: operation, at: inputs, seed: seed)
  return GradientReport(
    name: operation.name, seed: seed,
    findings: fused.findings + composed.findings + differences,
    results: fused.results + composed.results, notes: fused.notes + composed.notes,
    evaluations: fused.evaluations + composed.evaluations)
}

/// The outputs in which a kernel and its composition differ by more than rounding explains.
private func differences(
  of operation: some FusedOperation, at inputs: [Tensor], seed: UInt64
) -> [Finding] {
  let inputs = inputs.map { $0.taken(in: .float64).detached }
  var generator = Philox(seed: seed &+ 3)
  let moved = operation.composed(inputs.map { $0.perturbed(using: &generator) })
  let (fused, composed) = (operation.outputs(of: inputs), operation.composed(inputs))
  return fused.indices.compactMap { number in
    let expected = [Double](composed[number])
    let error = distance([Double](fused[number]), expected)
    let largest = expected.map(abs).filter(\.isFinite).max() ?? 0
    let tolerance =
      10 * distance([Double](moved[number]), expected) + 64 * Double.ulpOfOne * largest
    guard !(error <= tolerance) else { return nil }
    return Finding(
      verdict: .structural,
      message: "output \(number) of the kernel differs from its composition by \(error.brief), "
        + "where rounding explains \(tolerance.brief)")
  }
}
