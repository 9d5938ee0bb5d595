internal import AdjointKernels

/// A convolution by the kernels in C, and which algorithm it takes.
///
/// Winograd's needs filters of 3 by 3 in the plane with stride and dilation 1, and pays from 8 channels
/// up, where its products are no longer bound by their transformations; the rest are products with
/// columns. Both are there for float32 and float64, which differ only in how many elements a register
/// has.
@safe
struct CompiledConvolution<Scalar: RealScalar> {
  typealias Source = UnsafePointer<Scalar>
  typealias Target = UnsafeMutablePointer<Scalar>

  private let shape: AdjointConvolution
  private let usesWinograd: Bool
  private let kernels: UnsafePointer<AdjointKernels>

  init(
    _ geometry: ConvolutionGeometry, _ precision: ConvolutionPrecision,
    on kernels: UnsafePointer<AdjointKernels>
  ) {
    unsafe self.kernels = kernels
    let windows = geometry.windows
    shape = AdjointConvolution(
      batch: geometry.batch, groups: geometry.groups, inputs: geometry.inputs,
      outputs: geometry.outputs, extents: Windows.threeAxes(geometry.image),
      counts: Windows.threeAxes(geometry.result), taps: Windows.threeAxes(windows.extents),
      strides: Windows.threeAxes(windows.strides), dilations: Windows.threeAxes(windows.dilations),
      before: Windows.threeAxes(windows.padding.map(\.before), filling: 0))
    usesWinograd =
      precision == .fast && windows.extents == [3, 3] && windows.strides == [1, 1]
      && windows.dilations == [1, 1] && geometry.groups == 1 && geometry.inputs >= 8
      && geometry.outputs >= 8 && windows.padding.allSatisfy { $0.before <= 2 && $0.after <= 2 }
  }

  /// y = x ∗ weight.
  func convolve(_ x: Source, _ weight: Source, into y: Target) {
    if usesWinograd, unsafe multiply(shape, x, weight, turned: false, into: y) { return }
    unsafe forImages(.columns, x, weight, into: y)
  }

  /// dx, of which every element of dy spreads over its window.
  func spread(_ dy: Source, _ weight: Source, into dx: Target) {
    if usesWinograd {
      // The same convolution the other way round, with the filters turned.
      var reversed = shape
      (reversed.inputs, reversed.outputs) = (shape.outputs, shape.inputs)
      (reversed.extents, reversed.counts) = (shape.counts, shape.extents)
      reversed.before = (0, 2 - shape.before.1, 2 - shape.before.2)
      if unsafe multiply(reversed, dy, weight, turned: true, into: dx) { return }
    }
    unsafe forImages(.inputColumns, dy, weight, into: dx)
  }

  /// Each image by way of its columns, on several threads, each with room for them.
  private func forImages(
    _ kernel: ConvolutionKernel, _ x: Source, _ weight: Source, into y: Target
  ) {
    let count = unsafe Scalar.convolutionScratch(shape, on: kernels)
    inParallel(shape.batch, grain: 1) { images in
      unsafe withScratch(Scalar.self, count: count) {
        unsafe Scalar.run(kernel, shape, images, x, weight, into: y, $0, on: kernels)
      }
    }
  }

  /// By Winograd's algorithm; false, and nothing done, if the weights are not finite or too large for
  /// it.
  private func multiply(
    _ shape: AdjointConvolution, _ x: Source, _ weight: Source, turned: Bool, into y: Target
  ) -> Bool {
    let blocks = unsafe Scalar.winogradBlocks(shape, on: kernels)
    let count = unsafe Scalar.winogradScratch(shape, on: kernels)
    return unsafe withScratch(Scalar.self, count: 45 * shape.inputs * shape.outputs) { filters in
      let isFinite = unsafe Scalar.winogradWeights(
        self.shape, weight, turned: turned, into: filters, on: kernels)
      guard isFinite else { return false }
      inParallel(blocks, grain: 1) { blocks in
        unsafe withScratch(Scalar.self, count: count) {
          unsafe Scalar.run(.winograd, shape, blocks, x, filters, into: y, $0, on: kernels)
        }
      }
      return true
    }
  }

  /// dw, the correlation of x with dy.
  ///
  /// Parts of the batch are added up on their own, and then in their order: as many as depend on the
  /// shape alone, so that the sum is the same for every number of threads.
  func correlate(_ x: Source, _ dy: Source, into dw: Target) {
    let pairs = shape.inputs * shape.outputs
    if usesWinograd {
      let blocks = unsafe Scalar.winogradBlocks(shape, on: kernels)
      let count = unsafe Scalar.winogradScratch(shape, on: kernels)
      let isFinite = unsafe withSums(.winogradGradient, blocks, 36 * pairs, count, x, dy) {
        unsafe Scalar.winogradWeightGradient(shape, $0, into: dw, on: kernels)
      }
      // What is not finite spoils more here than the sums that it belongs to.
      if isFinite { return }
    }
    let length = shape.groups * pairs * shape.taps.0 * shape.taps.1 * shape.taps.2
    let count = unsafe Scalar.convolutionScratch(shape, on: kernels)
    unsafe withSums(.weightColumns, shape.batch, length, count, x, dy) {
      unsafe dw.update(from: $0, count: length)
    }
  }

  /// Calls `finish` with the sums, so many, of what a kernel makes of `0 ..< count`, with so much
  /// scratch.
  private func withSums<Result>(
    _ kernel: ConvolutionKernel, _ count: Int, _ length: Int, _ scratch: Int, _ x: Source,
    _ dy: Source, finish: (Target) -> Result
  ) -> Result {
    let fitting = (1 << 23) / max(1, length)
    let parts = max(1, min(count, 8, fitting))
    return unsafe withScratch(Scalar.self, count: parts * length) { sums in
      unsafe UnsafeMutableRawPointer(sums).initializeMemory(
        as: UInt8.self, repeating: 0, count: parts * length * MemoryLayout<Scalar>.stride)
      inParallel(parts, grain: 1) {
        for part in $0 {
          let range = count * part / parts..<count * (part + 1) / parts
          unsafe withScratch(Scalar.self, count: scratch) {
            unsafe Scalar.run(
              kernel, shape, range, x, dy, into: sums + part * length, $0, on: kernels)
          }
        }
      }
      unsafe Scalar.addParts(parts, length, sums, on: kernels)
      return unsafe finish(sums)
    }
  }
}
