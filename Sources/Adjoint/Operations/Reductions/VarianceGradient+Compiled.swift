internal import AdjointKernels

extension VarianceGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.scratchForMoments(over: axes, numbers: 2)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let type = frame.inputType(0)
    guard let layout = SumLayout(type, over: axes) else { return }
    let (kernels, means) = unsafe (frame.kernels, workspace.shared(as: Double.self))
    let factors = unsafe means + layout.count
    let partial = unsafe factors + layout.count
    let factor = factor(of: type)
    if frame.dtype == .float64 {
      let x = unsafe frame.input(0, as: Double.self)
      unsafe layout.writeMeans(of: x, to: means, in: partial, on: kernels)
      // What the mean has been rounded by.
      let rests = unsafe layout.moments(of: x, from: means, in: partial, on: kernels)
      for i in 0..<layout.count { unsafe means[i] += rests[i] / Double(layout.size) }
      let dy = unsafe frame.input(1, as: Double.self)
      for i in 0..<layout.count { unsafe factors[i] = factor * dy[i] }
      unsafe write(
        frame, layout, means, factors, kernels.pointee.scaledDeviationsDouble,
        kernels.pointee.scaledDeviationsOfRowsDouble)
    } else {
      let x = unsafe frame.input(0, as: Float.self)
      let sums = unsafe layout.sums(of: x, in: partial, on: kernels)
      let dy = unsafe frame.input(1, as: Float.self)
      for i in 0..<layout.count {
        unsafe means[i] = sums[i] / Double(layout.size)
        unsafe factors[i] = factor * Double(dy[i])
      }
      unsafe write(
        frame, layout, means, factors, kernels.pointee.scaledDeviationsFloat,
        kernels.pointee.scaledDeviationsOfRowsFloat)
    }
  }

  private func write<Scalar: RealScalar>(
    _ frame: borrowing CompiledFrame, _ layout: SumLayout,
    _ means: UnsafePointer<Double>, _ factors: UnsafePointer<Double>,
    _ run: (UnsafePointer<Scalar>?, Int, Double, Double, UnsafeMutablePointer<Scalar>?) -> Void,
    _ rows: (
      UnsafePointer<Scalar>?, Int, Int, UnsafePointer<Double>?, UnsafePointer<Double>?,
      UnsafeMutablePointer<Scalar>?
    ) -> Void
  ) {
    let x = unsafe frame.input(0, as: Scalar.self)
    let dx = unsafe frame.output(0, as: Scalar.self)
    let (outer, kept, inner) = (layout.outer, layout.kept, layout.inner)
    if inner == 1 {
      inParallel(layout.groups * outer, grain: Grain.count(of: kept)) { range in
        var row = range.lowerBound
        while row < range.upperBound {
          let end = min(range.upperBound, (row / outer + 1) * outer)
          let group = row / outer * kept
          unsafe rows(
            x + row * kept, end - row, kept, means + group, factors + group, dx + row * kept)
          row = end
        }
      }
      return
    }
    inParallel(layout.count * outer, grain: Grain.count(of: inner)) { range in
      for number in range {
        let result = number / (kept * outer) * kept + number % kept
        unsafe run(x + number * inner, inner, means[result], factors[result], dx + number * inner)
      }
    }
  }
}
