import Adjoint

extension Subject {
  /// What Φ = Σ ⟨cotangent, output⟩ may have for a derivative if each element of the outputs takes a slope between
  /// those to both sides.
  func slopes(
    to below: Evaluation, _ above: Evaluation, step: Double
  ) -> (least: Double, most: Double, size: Double) {
    var slopes = (least: 0.0, most: 0.0, size: 0.0)
    for (number, cotangent) in cotangents.enumerated() {
      guard let cotangent else { continue }
      let here = [Double](self.here.outputs[number])
      let (left, right) = ([Double](below.outputs[number]), [Double](above.outputs[number]))
      for (place, weight) in [Double](cotangent).enumerated() {
        let a = weight * (here[place] - left[place]) / step
        let b = weight * (right[place] - here[place]) / step
        slopes.least += min(a, b)
        slopes.most += max(a, b)
        slopes.size += max(abs(a), abs(b))
      }
    }
    return slopes
  }
}
