internal import AdjointKernels

extension UniformRandom {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, draw, count) = unsafe (frame.kernels, frame.draw, frame.outputType(0).count)
    if frame.dtype == .float64 {
      let y = unsafe frame.output(0, as: Double.self)
      inParallel(count, grain: Grain.randomNumbers, unit: 16) { range in
        let first = range.lowerBound
        unsafe kernels.pointee.uniformDouble(
          draw.seed, draw.draw, UInt64(first / 2), range.count, y + first)
      }
    } else {
      let y = unsafe frame.output(0, as: Float.self)
      inParallel(count, grain: Grain.randomNumbers, unit: 16) { range in
        let first = range.lowerBound
        unsafe kernels.pointee.uniformFloat(
          draw.seed, draw.draw, UInt64(first / 2), range.count, y + first)
      }
    }
  }
}

extension CompiledFrame {
  /// The draw that the key in input 0 stands for.
  var draw: Philox {
    let key = unsafe input(0, as: Int32.self)
    return unsafe Philox(words: key[0], key[1], key[2], key[3])
  }
}
