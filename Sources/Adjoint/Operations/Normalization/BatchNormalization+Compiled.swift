internal import AdjointKernels

// The compiled kernels of both directions: one pass for the sums, one for the result. Sums of x − K, with K the
// first value of the channel, are exact enough in float64 that no second pass has to centre them.

extension BatchNormalization {
  public func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    Channels(operands.inputType(0), axis).scratch(sums: 2, coefficients: 3)
  }

  public func compiledKernel(
    _ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace
  ) {
    let channels = Channels(frame.inputType(0), axis)
    let (kernels, epsilon) = unsafe (frame.realKernels, frame.number(0, ofInput: 3))
    let (x, scale, shift) = unsafe (frame.rawInput(0), frame.rawInput(1), frame.rawInput(2))
    let (y, mean) = unsafe (frame.rawOutput(0), frame.rawOutput(1))
    let (variance, inverse) = unsafe (frame.rawOutput(2), frame.rawOutput(3))
    let streams = channels.streams(frame.dtype)
    if channels.alternate {
      let (count, outer, parts) = (channels.count, channels.outer, channels.parts.count)
      unsafe channels.inParts(sums: 2, workspace) { rows, sums in
        unsafe kernels.pointee.batchNormRowSums(
          count, rows.lowerBound, rows.upperBound, x, sums, sums + count)
      } finish: { sums, coefficients in
        unsafe kernels.pointee.batchNormRowFinish(
          count, outer, parts, sums, x, scale, shift, epsilon, mean, variance, inverse,
          coefficients)
      } apply: { rows, coefficients in
        unsafe kernels.pointee.batchNormRowApply(
          count, rows.lowerBound, rows.upperBound, coefficients, x, y, streams)
      }
    } else {
      inParallel(channels.count, grain: Grain.count(of: channels.size), pieces: 1) {
        unsafe kernels.pointee.batchNormPlanes(
          channels.shape, $0.lowerBound, $0.upperBound, x, scale, shift, epsilon, y, mean,
          variance, inverse, streams)
      }
    }
    guard epsilon == 0 || frame.dtype == .float64 else { return }
    for channel in 0..<channels.count {
      if frame.dtype == .float64,
        !isInverseDeviation(frame.number(channel, ofOutput: 3), epsilon)
      {
        normalizeInUnits(channel, channels, epsilon, frame)
      }
      requireDeviation(frame.number(channel, ofOutput: 3), channel, frame.inputType(0))
    }
  }
}

extension BatchNormalization {
  /// Normalizes a channel of float64 whose squares have overflowed or vanished, unless an element is no number.
  private func normalizeInUnits(
    _ channel: Int, _ channels: Channels, _ epsilon: Double, _ frame: borrowing CompiledFrame
  ) {
    let (x, y) = unsafe (
      frame.input(0, as: Double.self), frame.output(0, as: Double.self)
    )
    let places = channels.blocks(of: channel).flatMap(Array.init)
    let (mean, remainder, inverse) = spread(of: places, epsilon: epsilon) { unsafe x[$0] }
    guard mean.isFinite else { return }
    let (scale, shift) = (
      frame.number(channel, ofInput: 1), frame.number(channel, ofInput: 2)
    )
    for i in places { unsafe y[i] = (x[i] - mean - remainder) * inverse * scale + shift }
    unsafe frame.output(1, as: Double.self)[channel] = mean
    unsafe frame.output(3, as: Double.self)[channel] = inverse
  }
}

extension BatchNormalizationGradient {
  public func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    Channels(operands.inputType(0), axis).scratch(sums: 3, coefficients: 5)
  }

  public func compiledKernel(
    _ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace
  ) {
    let (kernels, channels) = unsafe (frame.realKernels, Channels(frame.inputType(0), axis))
    let (x, scale, mean) = unsafe (frame.rawInput(0), frame.rawInput(1), frame.rawInput(2))
    let (inverse, dy) = unsafe (frame.rawInput(3), frame.rawInput(4))
    let (dx, dscale, dshift) = unsafe (
      frame.rawOutput(0), frame.rawOutput(1), frame.rawOutput(2)
    )
    let streams = channels.streams(frame.dtype)
    guard channels.alternate else {
      inParallel(channels.count, grain: Grain.count(of: channels.size), pieces: 1) {
        unsafe kernels.pointee.batchNormGradientPlanes(
          channels.shape, $0.lowerBound, $0.upperBound, x, dy, scale, mean, inverse, dx,
          dscale, dshift, streams)
      }
      return
    }
    let (count, outer, parts) = (channels.count, channels.outer, channels.parts.count)
    // Behind the sums and four coefficients for each channel.
    let centers = unsafe workspace.shared(as: Double.self) + (3 * parts + 4) * count
    unsafe kernels.pointee.batchNormCenters(count, Double(outer), mean, inverse, centers)
    unsafe channels.inParts(sums: 3, workspace) { rows, sums in
      unsafe kernels.pointee.batchNormGradientRowSums(
        count, rows.lowerBound, rows.upperBound, x, dy, centers, sums)
    } finish: { sums, coefficients in
      unsafe kernels.pointee.batchNormGradientRowFinish(
        count, outer, parts, sums, scale, centers, inverse, dscale, dshift, coefficients)
    } apply: { rows, coefficients in
      unsafe kernels.pointee.batchNormGradientRowApply(
        count, rows.lowerBound, rows.upperBound, coefficients, x, dy, dx, streams)
    }
  }
}

/// Results of this size and more leave the caches before anyone reads them: they are written past
/// them, which spares reading what is overwritten.
private let streamingBytes = 1 << 24

extension Channels {
  fileprivate func streams(_ dtype: DType) -> Int32 {
    size * count * dtype.byteCount >= streamingBytes ? 1 : 0
  }

  /// Whether the channels alternate, as in a matrix or with channels last.
  fileprivate var alternate: Bool { inner == 1 }

  /// The memory for so many sums and coefficients for each channel, the sums once for each part; nil for an
  /// empty batch, which has no statistics.
  fileprivate func scratch(sums: Int, coefficients: Int) -> Scratch? {
    guard size * count > 0 else { return nil }
    guard alternate else { return Scratch() }
    return .shared(Double.self, count: (sums * parts.count + coefficients) * count)
  }

  /// Adds up the rows in parts, where channels alternate, makes coefficients of the sums, and applies
  /// those to the rows.
  ///
  /// The rows that were added up last are still in the caches, and come first when the coefficients are
  /// applied.
  fileprivate func inParts(
    sums: Int, _ workspace: borrowing Workspace,
    add: (Range<Int>, UnsafeMutablePointer<Double>) -> Void,
    finish: (UnsafeMutablePointer<Double>, UnsafeMutableRawPointer) -> Void,
    apply: (Range<Int>, UnsafeMutableRawPointer) -> Void
  ) {
    let size = sums * count
    let sums = unsafe workspace.shared(as: Double.self)
    inParallel(parts.count, grain: 1) {
      for part in $0 {
        let start = unsafe sums + size * part
        unsafe start.update(repeating: 0, count: size)
        unsafe add(parts[part], start)
      }
    }
    let coefficients = unsafe UnsafeMutableRawPointer(sums + size * parts.count)
    unsafe finish(sums, coefficients)
    inParallel(parts.count, grain: 1) {
      for part in $0.reversed() { unsafe apply(parts[part], coefficients) }
    }
  }

  /// The rows that are added up together, where channels alternate.
  fileprivate var parts: RowParts { RowParts(rows: outer, size: count) }
}
