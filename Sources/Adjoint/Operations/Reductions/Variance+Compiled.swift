internal import AdjointKernels

extension Variance {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.scratchForMoments(over: axes)
  }

  /// Of float32, one pass for the sums of x − K, with K the first element of each, which are exact enough in
  /// float64 that no second pass has to centre them; of float64, a second one from the mean.
  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let (size, scratch) = (Double(layout.size), unsafe workspace.shared(as: Double.self))
    let divisor = size - Double(correction)
    func variance(_ sums: PartialSums, _ number: Int) -> Double {
      let sum = sums[number]
      let squares = sums[number, sum: 1] - sum / size * sum
      return (squares < 0 ? 0 : squares) / divisor
    }
    if frame.dtype == .float64 {
      let x = unsafe frame.input(0, as: Double.self)
      let partial = unsafe scratch + layout.count
      unsafe layout.writeMeans(of: x, to: scratch, in: partial, on: frame.kernels)
      let sums = unsafe layout.moments(of: x, from: scratch, in: partial, on: frame.kernels)
      frame.write(layout.count, toOutput: 0) { variance(sums, $0) }
    } else {
      let x = unsafe frame.input(0, as: Float.self)
      let sums = unsafe layout.moments(of: x, in: scratch, on: frame.kernels)
      frame.write(layout.count, toOutput: 0) { variance(sums, $0) }
    }
  }
}

extension CompiledFrame {
  /// The memory for two moments of input 0 and their centers; nil if there are no elements, or not in a
  /// layout for which there are kernels.
  func scratchForMoments(over axes: [Int], numbers: Int = 1) -> Scratch? {
    let type = inputType(0)
    guard type.count > 0, let layout = SumLayout(type, over: axes) else { return nil }
    return .shared(Double.self, count: numbers * layout.count + layout.partialCount(2))
  }
}

extension SumLayout {
  /// Writes the means, by way of the sums of x − K, with K the first element of each: the mean of equal
  /// elements is what they are.
  func writeMeans(
    of x: UnsafePointer<Double>, to means: UnsafeMutablePointer<Double>,
    in partial: UnsafeMutablePointer<Double>, on kernels: UnsafePointer<AdjointKernels>
  ) {
    let sums = unsafe moments(of: x, from: nil, in: partial, on: kernels)
    for i in 0..<count { unsafe means[i] = x[start(of: i)] + sums[i] / Double(size) }
  }
}
