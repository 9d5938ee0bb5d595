internal import AdjointKernels

extension VarianceGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.scratchForMoments(over: axes, numbers: 2)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let type = frame.inputType(0)
    guard let layout = SumLayout(type, over: axes) else { return }
    let means = unsafe workspace.shared(as: Double.self)
    let factors = unsafe means + layout.count
    let partial = unsafe factors + layout.count
    let factor = factor(of: type)
    if frame.dtype == .float64 {
      let x = unsafe frame.input(0, as: Double.self)
      unsafe layout.writeMeans(of: x, to: means, in: partial, on: frame.kernels)
      // What the mean has been rounded by.
      let rests = unsafe layout.moments(of: x, from: means, in: partial, on: frame.kernels)
      for i in 0..<layout.count { unsafe means[i] += rests[i] / Double(layout.size) }
      let dy = unsafe frame.input(1, as: Double.self)
      for i in 0..<layout.count { unsafe factors[i] = factor * dy[i] }
    } else {
      let sums = unsafe layout.sums(of: frame, in: partial)
      let dy = unsafe frame.input(1, as: Float.self)
      for i in 0..<layout.count {
        unsafe means[i] = sums[i] / Double(layout.size)
        unsafe factors[i] = factor * Double(dy[i])
      }
    }
    unsafe write(frame, layout, means, factors)
  }

  private func write(
    _ frame: borrowing CompiledFrame, _ layout: SumLayout,
    _ means: UnsafePointer<Double>, _ factors: UnsafePointer<Double>
  ) {
    let kernels = unsafe frame.realKernels
    let (x, dx) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    let (outer, kept, inner) = (layout.outer, layout.kept, layout.inner)
    if inner == 1 {
      inParallel(layout.groups * outer, grain: Grain.count(of: kept)) { range in
        var row = range.lowerBound
        while row < range.upperBound {
          let end = min(range.upperBound, (row / outer + 1) * outer)
          let group = row / outer * kept
          unsafe kernels.pointee.scaledDeviationsOfRows(
            x.from(row * kept), end - row, kept, means + group, factors + group,
            dx.from(row * kept))
          row = end
        }
      }
      return
    }
    inParallel(layout.count * outer, grain: Grain.count(of: inner)) { range in
      for number in range {
        let (start, result) = (number * inner, number / (kept * outer) * kept + number % kept)
        if unsafe factors[result] == 0 {
          unsafe dx.from(start).initializeMemory(
            as: UInt8.self, repeating: 0, count: inner * frame.dtype.byteCount)
          continue
        }
        unsafe kernels.pointee.scaledDeviations(
          x.from(start), inner, means[result], factors[result], dx.from(start))
      }
    }
  }
}
