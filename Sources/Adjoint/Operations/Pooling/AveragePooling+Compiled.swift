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
  }
}
