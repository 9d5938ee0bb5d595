internal import AdjointKernels

// The compiled kernels of both directions: each group of a sample is passed over twice.

extension GroupNormalization {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let layout = SampleGroups(frame.inputType(0), groups)
    let (kernels, epsilon) = unsafe (frame.realKernels, frame.number(0, ofInput: 3))
    let (x, scale, shift) = unsafe (frame.rawInput(0), frame.rawInput(1), frame.rawInput(2))
    let (y, mean) = unsafe (frame.rawOutput(0), frame.rawOutput(1))
    let inverse = unsafe frame.rawOutput(2)
    inParallel(layout.count, grain: Grain.count(of: layout.size)) {
      unsafe kernels.pointee.groupNorm(
        layout.shape, groups, $0.lowerBound, $0.upperBound, x, scale, shift, epsilon, y, mean,
        inverse)
    }
    guard epsilon == 0 || frame.dtype == .float64 else { return }
    for number in 0..<layout.count {
      if frame.dtype == .float64,
        !isInverseDeviation(frame.number(number, ofOutput: 2), epsilon)
      {
        normalizeInUnits(number, layout, epsilon, frame)
      }
      requireDeviation(frame.number(number, ofOutput: 2), number, frame.inputType(0))
    }
  }
}

extension GroupNormalization {
  /// Normalizes a group of float64 whose squares have overflowed or vanished, unless an element is no number.
  private func normalizeInUnits(
    _ number: Int, _ layout: SampleGroups, _ epsilon: Double, _ frame: borrowing CompiledFrame
  ) {
    let (x, y) = unsafe (
      frame.input(0, as: Double.self), frame.output(0, as: Double.self)
    )
    let positions = layout.positions(number)
    let (mean, remainder, inverse) = spread(of: positions, epsilon: epsilon) { unsafe x[$0] }
    guard mean.isFinite else { return }
    for i in positions {
      let channel = layout.channel(i)
      let normalized = unsafe (x[i] - mean - remainder) * inverse
      unsafe y[i] =
        normalized * frame.number(channel, ofInput: 1) + frame.number(channel, ofInput: 2)
    }
    unsafe frame.output(1, as: Double.self)[number] = mean
    unsafe frame.output(2, as: Double.self)[number] = inverse
  }
}

extension GroupNormalizationGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    guard type.count > 0 else { return nil }
    let layout = SampleGroups(type, groups)
    return .shared(Double.self, count: 3 * layout.channels * layout.parts.count)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (layout, kernels) = unsafe (SampleGroups(frame.inputType(0), groups), frame.realKernels)
    let (x, scale, mean) = unsafe (frame.rawInput(0), frame.rawInput(1), frame.rawInput(2))
    let (inverse, dy) = unsafe (frame.rawInput(3), frame.rawInput(4))
    let (dx, projection) = unsafe (frame.rawOutput(0), frame.rawOutput(3))
    let (sums, length) = unsafe (workspace.shared(as: Double.self), 3 * layout.channels)
    inParallel(layout.parts.count, grain: 1) {
      for part in $0 {
        let samples = layout.parts[part]
        let start = unsafe sums + length * part
        unsafe start.update(repeating: 0, count: length)
        unsafe kernels.pointee.groupNormGradient(
          layout.shape, groups, samples.lowerBound, samples.upperBound, x, dy, scale, mean, inverse,
          dx, projection, start)
      }
    }
    unsafe frame.kernels.pointee.realDouble.addParts(layout.parts.count, length, sums)
    frame.write(layout.channels, toOutput: 1) { unsafe sums[$0] }
    frame.write(layout.channels, toOutput: 2) { unsafe sums[layout.channels + $0] }
  }
}

extension SampleGroups {
  /// The samples for the kernels in C.
  fileprivate var shape: AdjointBatchShape {
    AdjointBatchShape(outer: samples, channels: channels, inner: inner)
  }

  /// The samples that are added up together.
  fileprivate var parts: RowParts { RowParts(rows: samples, size: channels * inner) }
}
