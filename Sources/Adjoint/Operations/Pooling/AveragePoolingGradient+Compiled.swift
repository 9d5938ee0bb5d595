internal import AdjointKernels

extension AveragePoolingGradient {
  /// Room for the divisors, and for the sums of one plane.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    var scratch = Scratch.perThread(Double.self, count: extents.reduce(1, *))
    scratch.shared =
      operands.inputType(0).shape[2...].reduce(MemoryLayout<Double>.stride, *)
    return scratch
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let shape = frame.inputType(0).shape
    let counts = Array(shape[2...])
    let (size, count) = (extents.reduce(1, *), counts.reduce(1, *))
    let (dy, dx) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    let divisors = unsafe workspace.shared(as: Double.self)
    unsafe Pooling.write(windows, extents, counts, divisor: divisor, to: divisors)
    let pooling = Pooling.shape(windows, extents, counts)
    inParallel(shape[0] * shape[1], grain: Pooling.grain(windows, counts)) {
      let (first, planes) = ($0.lowerBound, $0.count)
      unsafe workspace.withPart(as: Double.self) { sums in
        unsafe frame.realKernels.pointee.averagePoolGradient(
          pooling, planes, dy.from(first * count), divisors, dx.from(first * size), sums)
      }
    }
  }
}
