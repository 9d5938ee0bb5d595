/// Axes as a user gives them: negative ones count from the last.
func resolved(_ axes: [Int], rank: Int, _ operation: String, _ type: TensorType) -> [Int] {
  let resolved = axes.map { Adjoint.resolved($0, rank: rank, operation, type) }
  require(
    resolved.indices.allSatisfy { !resolved[..<$0].contains(resolved[$0]) },
    "\(operation): the axes \(axes) name one twice; give each axis of \(type) once")
  return resolved.sorted()
}

/// An axis as a user gives it: a negative one counts from the last.
func resolved(_ axis: Int, rank: Int, _ operation: String, _ type: TensorType) -> Int {
  let resolved = axis < 0 ? axis + rank : axis
  require(
    (0..<rank).contains(resolved),
    "\(operation): the axis \(axis) is not within \(type); "
      + (rank == 0 ? "it has no axes" : "give one from \(-rank) to \(rank - 1)"))
  return resolved
}

/// A sum of numbers that are not negative, or the largest number, which is no extent, where it does not fit.
package func clampedSum(_ numbers: Int...) -> Int {
  numbers.reduce(0) { sum, number in
    let (next, overflow) = sum.addingReportingOverflow(number)
    return overflow ? .max : next
  }
}

/// A product of numbers that are not negative, or the largest number, which is no extent, where it does not fit.
package func clampedProduct(_ numbers: Int...) -> Int { clampedProduct(of: numbers) }

/// The product of numbers in a sequence.
package func clampedProduct(of numbers: some Sequence<Int>) -> Int {
  var product = 1
  for number in numbers {
    if number == 0 { return 0 }
    let (next, overflow) = product.multipliedReportingOverflow(by: number)
    product = overflow ? .max : next
  }
  return product
}

extension TensorType {
  /// The type of a reduction over `axes`, which keep extent 1 or go.
  func reduced(over axes: [Int], keepingAxes: Bool) -> TensorType {
    var shape: [Int] = []
    for (axis, extent) in self.shape.enumerated() {
      if !axes.contains(axis) {
        shape.append(extent)
      } else if keepingAxes {
        shape.append(1)
      }
    }
    return with(shape: shape)
  }

  /// The elements of this type, each with the place of what it is reduced to.
  func runs(reducing axes: [Int]) -> StridedRuns {
    var strides = reduced(over: axes, keepingAxes: true).strides
    for axis in axes { strides[axis] = 0 }
    return StridedRuns(shape: shape, strides: strides)
  }

  /// The number of elements that a reduction over `axes` makes one of.
  func count(over axes: [Int]) -> Int { axes.reduce(1) { $0 * shape[$1] } }
}
