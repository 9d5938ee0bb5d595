internal import AdjointKernels

extension UniformRandom {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, draw, count) = unsafe (
      frame.realKernels, frame.draw, frame.outputType(0).count
    )
    let y = frame.elements(ofOutput: 0)
    inParallel(count, grain: Grain.randomNumbers, unit: 16) { range in
      let first = range.lowerBound
      unsafe kernels.pointee.uniform(
        draw.seed, draw.draw, UInt64(first / 2), range.count, y.from(first))
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
