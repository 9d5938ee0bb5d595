internal import AdjointKernels

extension NormalRandom {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, draw, count) = unsafe (
      frame.realKernels, frame.draw, frame.outputType(0).count
    )
    let (mean, deviation) = (frame.distributionNumber(0), frame.distributionNumber(1))
    let y = frame.elements(ofOutput: 0)
    inParallel(count, grain: Grain.randomNumbers, unit: 16) { range in
      let first = range.lowerBound
      unsafe kernels.pointee.normal(
        draw.seed, draw.draw, UInt64(first / 2), range.count, mean, deviation, y.from(first))
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
