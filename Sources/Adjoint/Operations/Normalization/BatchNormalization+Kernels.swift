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
    let (count, parts) = (channels.count, channels.partCount)
    unsafe withScratch(Double.self, count: 2 * count * parts) { sums in
      inParallel(parts, grain: 1) {
        for part in $0 {
          let (start, rows) = unsafe (sums + 2 * count * part, channels.rows(of: part))
          unsafe start.update(repeating: 0, count: 2 * count)
          unsafe kernels.pointee.batchNormRowSums(
            count, rows.lowerBound, rows.upperBound, x, start, start + count)
        }
      }
      unsafe withScratch(Float.self, count: 4 * count) { coefficients in
        unsafe kernels.pointee.batchNormRowFinish(
          count, channels.outer, parts, sums, x, scale, shift, epsilon, mean, variance, inverse,
          coefficients)
        inParallel(parts, grain: 1) {
          for part in $0.reversed() {
            let rows = channels.rows(of: part)
            unsafe kernels.pointee.batchNormRowApply(
              count, rows.lowerBound, rows.upperBound, coefficients, x, y, streams)
          }
        }
      }
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
    let (count, parts) = (channels.count, channels.partCount)
    unsafe withScratch(Double.self, count: 3 * count * parts) { sums in
      inParallel(parts, grain: 1) {
        for part in $0 {
          let (start, rows) = unsafe (sums + 3 * count * part, channels.rows(of: part))
          unsafe start.update(repeating: 0, count: 3 * count)
          unsafe kernels.pointee.batchNormGradientRowSums(
            count, rows.lowerBound, rows.upperBound, x, dy, mean, start)
        }
      }
      unsafe withScratch(Float.self, count: 5 * count) { coefficients in
        unsafe kernels.pointee.batchNormGradientRowFinish(
          count, channels.outer, parts, sums, scale, mean, inverse, dscale, dshift, coefficients)
        inParallel(parts, grain: 1) {
          for part in $0.reversed() {
            let rows = channels.rows(of: part)
            unsafe kernels.pointee.batchNormGradientRowApply(
              count, rows.lowerBound, rows.upperBound, coefficients, x, dy, dx, streams)
          }
        }
      }
    }
  }
}
