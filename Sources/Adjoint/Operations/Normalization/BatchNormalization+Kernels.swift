internal import AdjointKernels

// How the kernels in C are applied to a batch: which of the two layouts they are for, what each thread
// does, and where results go past the caches.

/// Results of this size and more leave the caches before anyone reads them: they are written past
/// them, which spares reading what is overwritten.
private let streamingBytes = 1 << 24

extension Channels {
  fileprivate var streams: Int32 {
    size * count * MemoryLayout<Float>.stride >= streamingBytes ? 1 : 0
  }

  /// Whether the channels alternate, as in a matrix or with channels last.
  fileprivate var alternate: Bool { inner == 1 }

  /// Adds up the rows in parts, where channels alternate, makes coefficients of the sums, and applies
  /// those to the rows.
  ///
  /// There are so many sums and coefficients for each channel. The rows that were added up last are
  /// still in the caches, and come first when the coefficients are applied.
  fileprivate func inParts(
    sums: Int, coefficients: Int,
    add: (Range<Int>, UnsafeMutablePointer<Double>) -> Void,
    finish: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Float>) -> Void,
    apply: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let size = sums * count
    unsafe withScratch(Double.self, count: size * partCount) { sums in
      inParallel(partCount, grain: 1) {
        for part in $0 {
          let start = unsafe sums + size * part
          unsafe start.update(repeating: 0, count: size)
          unsafe add(rows(of: part), start)
        }
      }
      unsafe withScratch(Float.self, count: coefficients * count) { coefficients in
        unsafe finish(sums, coefficients)
        inParallel(partCount, grain: 1) {
          for part in $0.reversed() { unsafe apply(rows(of: part), coefficients) }
        }
      }
    }
  }

  /// The number of rows that are added up as one part, where channels alternate.
  ///
  /// At most 16 parts, each worth a thread. They depend on the shape alone, so that sums are the same
  /// for every number of threads.
  fileprivate var partHeight: Int { max((outer + 15) / 16, Grain.count(of: count)) }

  fileprivate var partCount: Int { (outer + partHeight - 1) / partHeight }

  fileprivate func rows(of part: Int) -> Range<Int> {
    part * partHeight..<min((part + 1) * partHeight, outer)
  }
}

extension BatchNormalization {
  func apply(
    _ kernels: UnsafePointer<AdjointKernels>, _ channels: Channels, _ epsilon: Double,
    _ frame: borrowing KernelFrame<Float>
  ) {
    let (x, scale, shift) = unsafe (frame.source(0), frame.source(1), frame.source(2))
    let (y, mean) = unsafe (frame.target(0), frame.target(1))
    let (variance, inverse) = unsafe (frame.target(2), frame.target(3))
    let streams = channels.streams
    guard channels.alternate else {
      inParallel(channels.count, grain: Grain.count(of: channels.size), pieces: 1) {
        unsafe kernels.pointee.batchNormPlanes(
          channels.shape, $0.lowerBound, $0.upperBound, x, scale, shift, epsilon, y, mean, variance,
          inverse, streams)
      }
      return
    }
    let (count, outer, parts) = (channels.count, channels.outer, channels.partCount)
    unsafe channels.inParts(sums: 2, coefficients: 4) { rows, sums in
      unsafe kernels.pointee.batchNormRowSums(
        count, rows.lowerBound, rows.upperBound, x, sums, sums + count)
    } finish: { sums, coefficients in
      unsafe kernels.pointee.batchNormRowFinish(
        count, outer, parts, sums, x, scale, shift, epsilon, mean, variance, inverse, coefficients)
    } apply: { rows, coefficients in
      unsafe kernels.pointee.batchNormRowApply(
        count, rows.lowerBound, rows.upperBound, coefficients, x, y, streams)
    }
  }
}

extension BatchNormalizationGradient {
  func apply(
    _ kernels: UnsafePointer<AdjointKernels>, _ channels: Channels,
    _ frame: borrowing KernelFrame<Float>
  ) {
    let (x, scale, mean) = unsafe (frame.source(0), frame.source(1), frame.source(2))
    let (inverse, dy) = unsafe (frame.source(3), frame.source(4))
    let (dx, dscale, dshift) = unsafe (frame.target(0), frame.target(1), frame.target(2))
    let streams = channels.streams
    guard channels.alternate else {
      inParallel(channels.count, grain: Grain.count(of: channels.size), pieces: 1) {
        unsafe kernels.pointee.batchNormGradientPlanes(
          channels.shape, $0.lowerBound, $0.upperBound, x, dy, scale, mean, inverse, dx, dscale,
          dshift, streams)
      }
      return
    }
    let (count, outer, parts) = (channels.count, channels.outer, channels.partCount)
    unsafe channels.inParts(sums: 3, coefficients: 5) { rows, sums in
      unsafe kernels.pointee.batchNormGradientRowSums(
        count, rows.lowerBound, rows.upperBound, x, dy, mean, sums)
    } finish: { sums, coefficients in
      unsafe kernels.pointee.batchNormGradientRowFinish(
        count, outer, parts, sums, scale, mean, inverse, dscale, dshift, coefficients)
    } apply: { rows, coefficients in
      unsafe kernels.pointee.batchNormGradientRowApply(
        count, rows.lowerBound, rows.upperBound, coefficients, x, dy, dx, streams)
    }
  }
}
