internal import AdjointKernels

extension AveragePooling {
  /// Room for the divisors.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    .shared(Double.self, count: operands.outputType(0).shape[2...].reduce(1, *))
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let shape = frame.inputType(0).shape
    let (extents, counts) = (Array(shape[2...]), Array(frame.outputType(0).shape[2...]))
    let (size, count) = (extents.reduce(1, *), counts.reduce(1, *))
    let (x, y) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    let divisors = unsafe workspace.shared(as: Double.self)
    unsafe Pooling.write(windows, extents, counts, divisor: divisor, to: divisors)
    let pooling = Pooling.shape(windows, extents, counts)
    inParallel(shape[0] * shape[1], grain: Pooling.grain(windows, counts)) {
      let first = $0.lowerBound
      unsafe frame.realKernels.pointee.averagePool(
        pooling, $0.count, x.from(first * size), divisors, y.from(first * count))
    }
    if frame.dtype == .float64, divisor != .one {
      unsafe scaleMeans(frame, size, count, divisors)
    }
  }

  /// Makes the means again, in smaller units, of what float64 does not hold the sums of.
  private func scaleMeans(
    _ frame: borrowing CompiledFrame, _ size: Int, _ count: Int,
    _ divisors: UnsafeMutablePointer<Double>
  ) {
    let (x, y) = unsafe (frame.input(0, as: Double.self), frame.output(0, as: Double.self))
    let (shape, counts) = (frame.inputType(0).shape, frame.outputType(0).shape[2...])
    for plane in 0..<shape[0] * shape[1] {
      let means = unsafe y + plane * count
      guard (0..<count).contains(where: { unsafe !means[$0].isFinite }) else { continue }
      var sums = Array(repeating: 0.0, count: count)
      windows.forEachTap(over: Array(shape[2...]), counts: Array(counts)) { window, _, element in
        unsafe sums[window] += x[plane * size + element] * Mean.unit
      }
      for window in 0..<count where unsafe !means[window].isFinite {
        unsafe means[window] = sums[window] / (divisors[window] * Mean.unit)
      }
    }
  }
}
