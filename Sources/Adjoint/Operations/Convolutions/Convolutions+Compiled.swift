// The compiled kernels of a convolution and of its two gradients.

extension Convolution {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.scratch(for: geometry(operands), kind.precision, isWeightGradient: false)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    unsafe CompiledConvolution(geometry(frame), kind.precision, for: frame)
      .convolve(frame.rawInput(0), frame.rawInput(1), into: frame.rawOutput(0), workspace)
  }

  private func geometry(_ frame: borrowing CompiledFrame) -> ConvolutionGeometry {
    ConvolutionGeometry(
      windows, groups, frame.inputType(0), frame.inputType(1), frame.outputType(0))
  }
}

extension ConvolutionInputGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.scratch(for: geometry(operands), kind.precision, isWeightGradient: false)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    unsafe CompiledConvolution(geometry(frame), kind.precision, for: frame)
      .spread(frame.rawInput(0), frame.rawInput(1), into: frame.rawOutput(0), workspace)
  }

  private func geometry(_ frame: borrowing CompiledFrame) -> ConvolutionGeometry {
    ConvolutionGeometry(
      windows, groups, frame.outputType(0), frame.inputType(1), frame.inputType(0))
  }
}

extension ConvolutionWeightGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.scratch(for: geometry(operands), kind.precision, isWeightGradient: true)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    unsafe CompiledConvolution(geometry(frame), kind.precision, for: frame)
      .correlate(frame.rawInput(0), frame.rawInput(1), into: frame.rawOutput(0), workspace)
  }

  private func geometry(_ frame: borrowing CompiledFrame) -> ConvolutionGeometry {
    ConvolutionGeometry(
      windows, groups, frame.inputType(0), frame.outputType(0), frame.inputType(1))
  }
}

extension CompiledFrame {
  /// What a convolution of its element type works in.
  fileprivate func scratch(
    for geometry: ConvolutionGeometry, _ precision: ConvolutionPrecision, isWeightGradient: Bool
  ) -> Scratch {
    let convolution = CompiledConvolution(geometry, precision, for: self)
    return isWeightGradient ? convolution.scratchForSums : convolution.scratchForImages
  }
}
