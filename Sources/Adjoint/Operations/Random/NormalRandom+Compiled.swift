internal import AdjointKernels

extension NormalRandom {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, draw, count) = unsafe (frame.kernels, frame.draw, frame.outputType(0).count)
    let (mean, deviation) = (frame.distributionNumber(0), frame.distributionNumber(1))
    if frame.dtype == .float64 {
      let y = unsafe frame.output(0, as: Double.self)
      inParallel(count, grain: Grain.randomNumbers, unit: 16) { range in
        let first = range.lowerBound
        unsafe kernels.pointee.normalDouble(
          draw.seed, draw.draw, UInt64(first / 2), range.count, mean, deviation, y + first)
      }
    } else {
      let y = unsafe frame.output(0, as: Float.self)
      inParallel(count, grain: Grain.randomNumbers, unit: 16) { range in
        let first = range.lowerBound
        unsafe kernels.pointee.normalFloat(
          draw.seed, draw.draw, UInt64(first / 2), range.count, mean, deviation, y + first)
      }
    }
  }
}

extension CompiledFrame {
  /// A number of the distribution in input 1.
  fileprivate func distributionNumber(_ place: Int) -> Double {
    inputType(1).dtype == .float64
      ? unsafe input(1, as: Double.self)[place] : unsafe Double(input(1, as: Float.self)[place])
  }
}
