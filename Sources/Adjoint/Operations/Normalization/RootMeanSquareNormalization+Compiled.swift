internal import AdjointKernels

extension RootMeanSquareNormalization {
  /// Room for the inverses, and for the sums of each thread.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    guard type.count > 0 else { return nil }
    let size = MemoryLayout<Double>.size
    return Scratch(shared: type.shape[0] * size, perThread: 2 * size)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (rows, width) = (frame.inputType(0).shape[0], frame.inputType(0).shape[1])
    let (kernels, epsilon) = unsafe (frame.realKernels, frame.number(0, ofInput: 1))
    let (x, y) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    let inverses = unsafe workspace.shared(as: Double.self)
    inParallel(rows, grain: Grain.count(of: width)) { rows in
      unsafe workspace.withPart(as: Double.self) { sums in
        for row in rows {
          // Σ x and Σ x².
          unsafe kernels.pointee.moments(x.from(row * width), width, 0, sums)
          unsafe inverses[row] = 1 / (sums[1] / Double(width) + epsilon).squareRoot()
          if frame.dtype == .float64, unsafe !SquareUnit.sums.contains(sums[1]) {
            let x = unsafe frame.input(0, as: Double.self) + row * width
            unsafe inverses[row] = inverse(of: 0..<width, epsilon) { unsafe x[$0] }
          }
          unsafe kernels.pointee.scaledDeviations(
            x.from(row * width), width, 0, inverses[row], y.from(row * width))
        }
      }
    }
    frame.write(rows, toOutput: 1) { unsafe inverses[$0] }
  }
}
