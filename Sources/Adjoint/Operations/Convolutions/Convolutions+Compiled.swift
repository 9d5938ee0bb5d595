// The compiled kernels of a convolution and of its two gradients.

extension Convolution {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.scratch(for: geometry(operands), kind.precision, isWeightGradient: false)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let geometry = geometry(frame)
    func run<Scalar: RealScalar>(_: Scalar.Type) {
      unsafe CompiledConvolution<Scalar>(geometry, kind.precision, on: frame.kernels)
        .convolve(frame.input(0), frame.input(1), into: frame.output(0), workspace)
    }
    if frame.dtype == .float64 { run(Double.self) } else { run(Float.self) }
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
    let geometry = geometry(frame)
    func run<Scalar: RealScalar>(_: Scalar.Type) {
      unsafe CompiledConvolution<Scalar>(geometry, kind.precision, on: frame.kernels)
        .spread(frame.input(0), frame.input(1), into: frame.output(0), workspace)
    }
    if frame.dtype == .float64 { run(Double.self) } else { run(Float.self) }
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
    let geometry = geometry(frame)
    func run<Scalar: RealScalar>(_: Scalar.Type) {
      unsafe CompiledConvolution<Scalar>(geometry, kind.precision, on: frame.kernels)
        .correlate(frame.input(0), frame.input(1), into: frame.output(0), workspace)
    }
    if frame.dtype == .float64 { run(Double.self) } else { run(Float.self) }
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
    func scratch<Scalar: RealScalar>(_: Scalar.Type) -> Scratch {
      let convolution = unsafe CompiledConvolution<Scalar>(geometry, precision, on: kernels)
      return isWeightGradient ? convolution.scratchForSums : convolution.scratchForImages
    }
    return dtype == .float64 ? scratch(Double.self) : scratch(Float.self)
  }
}
