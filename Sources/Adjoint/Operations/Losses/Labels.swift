extension KernelFrame {
  /// The labels in input 1, each of which must be a class along an axis of input 0.
  func labels(axis: Int, _ operation: String) -> [Int] {
    let (labels, type) = (input(1, as: Int32.self), inputType(0))
    return labels.indices.map { sample in
      let label = Int(labels[sample])
      guard (0..<type.shape[axis]).contains(label) else {
        stopAtLabel(labels[sample], type, axis: axis, operation)
      }
      return label
    }
  }
}

/// Stops at a label that is no class.
func stopAtLabel(_ label: Int32, _ type: TensorType, axis: Int, _ operation: String) -> Never {
  stop(
    "\(operation): the label \(label) is no class of \(type); "
      + "give 0 to \(type.shape[axis] - 1)")
}

/// The place of the largest of some elements, and Σ e^(x − largest) over the others, which next to
/// its 1 would lose their digits. The sum is unknown where the largest is infinite, as all shares are.
func exponentialsApart<Scalar: RealScalar>(
  of x: KernelInput<Scalar>, from start: Int, stride: Int, count: Int
) -> (largest: Int, rest: Double) {
  var largest = 0
  for k in 1..<max(count, 1)
  where x[start + k * stride].supersedes(x[start + largest * stride], asMaximum: true) {
    largest = k
  }
  let maximum = Double(x[start + largest * stride])
  guard !maximum.isInfinite else { return (largest, .nan) }
  var rest = CompensatedSum()
  for k in 0..<count where k != largest {
    rest += Double.exp(Double(x[start + k * stride]) - maximum)
  }
  return (largest, rest.value)
}
