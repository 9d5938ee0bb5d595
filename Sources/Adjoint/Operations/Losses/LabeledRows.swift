/// Logits whose classes lie together, with a label for each row, for the kernels in C.
@safe
struct LabeledRows {
  let count: Int
  let width: Int
  let labels: UnsafePointer<Int32>

  /// The rows of input 0 with the labels of input 1, which must be classes; nil if the classes lie
  /// along another axis than the last.
  init?(_ frame: inout KernelFrame<Float>, axis: Int, _ operation: String) {
    let type = frame.inputType(0)
    guard axis == type.rank - 1, type.count > 0 else { return nil }
    frame.requireClasses(axis: axis, operation)
    width = type.shape[axis]
    count = type.count / width
    unsafe labels = UnsafePointer(
      frame.inputs[1].rawPointer.assumingMemoryBound(to: Int32.self))
  }

  /// The least number of rows that is worth a thread.
  var grain: Int { Grain.count(of: width, in: Grain.exponentials) }
}

extension KernelFrame {
  /// The labels in input 1, each of which must be a class along an axis of input 0.
  func labels(axis: Int, _ operation: String) -> [Int] {
    requireClasses(axis: axis, operation)
    let labels = input(1, as: Int32.self)
    return labels.indices.map { Int(labels[$0]) }
  }

  /// Stops if a label in input 1 is no class along an axis of input 0.
  fileprivate func requireClasses(axis: Int, _ operation: String) {
    let (labels, type) = (input(1, as: Int32.self), inputType(0))
    for sample in labels.indices {
      require(
        (0..<type.shape[axis]).contains(Int(labels[sample])),
        "\(operation): the label \(labels[sample]) is no class of \(type); "
          + "give 0 to \(type.shape[axis] - 1)")
    }
  }
}

/// The place of the largest of some elements, and Σ e^(x − largest) over the others, which next to
/// its 1 would lose their digits.
func exponentialsApart<Scalar: RealScalar>(
  of x: Span<Scalar>, from start: Int, stride: Int, count: Int
) -> (largest: Int, rest: Double) {
  var largest = 0
  for k in 1..<max(count, 1) where x[start + k * stride] > x[start + largest * stride] {
    largest = k
  }
  let maximum = Double(x[start + largest * stride])
  var rest = 0.0
  for k in 0..<count where k != largest {
    rest += Double.exp(Double(x[start + k * stride]) - maximum)
  }
  return (largest, rest)
}
