internal import AdjointKernels

/// A convolution by the kernels in C, and which algorithm it takes.
///
/// Winograd's needs filters of 3 by 3 in the plane with stride and dilation 1, and pays from 8 channels
/// up, where its products are no longer bound by their transformations; the rest are products with
/// columns. Both are there for float32 and float64, which differ only in how many elements a register
/// has.
@safe
struct CompiledConvolution {
  typealias Source = UnsafeRawPointer
  typealias Target = UnsafeMutableRawPointer
  /// What is run for some images, or blocks of tiles, of two operands, with scratch.
  private typealias Kernel =
    @convention(c) (AdjointConvolution, Int, Int, Source?, Source?, Target?, Target?) -> Void

  private let shape: AdjointConvolution
  private let usesWinograd: Bool
  private let kernels: UnsafePointer<AdjointRealKernels>
  /// The size of an element.
  private let size: Int

  init(
    _ geometry: ConvolutionGeometry, _ precision: ConvolutionPrecision,
    for frame: borrowing CompiledFrame
  ) {
    unsafe kernels = frame.realKernels
    size = frame.dtype.byteCount
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

  /// The same convolution the other way round, by which Winograd's algorithm makes dx.
  private var reversed: AdjointConvolution {
    var reversed = shape
    (reversed.inputs, reversed.outputs) = (shape.outputs, shape.inputs)
    (reversed.extents, reversed.counts) = (shape.counts, shape.extents)
    reversed.before = (0, 2 - shape.before.1, 2 - shape.before.2)
    return reversed
  }

  private var pairs: Int { shape.inputs * shape.outputs }

  // MARK: Scratch

  /// What y and dx are made in: the transformed filters, and for each thread a block or columns.
  var scratchForImages: Scratch {
    scratch(shared: usesWinograd ? filterCount : 0)
  }

  /// What dw is made in: the sums of the parts, and for each thread a block or columns.
  var scratchForSums: Scratch {
    let columns = partCount(shape.batch, columnSumCount) * columnSumCount
    guard usesWinograd else { return scratch(shared: columns) }
    let blocks = unsafe kernels.pointee.winogradBlocks(shape)
    return scratch(shared: max(columns, partCount(blocks, blockSumCount) * blockSumCount))
  }

  /// So many elements for all threads, and for each what either algorithm needs: what comes out of
  /// Winograd's not finite is made again by way of columns.
  private func scratch(shared: Int) -> Scratch {
    var each = unsafe kernels.pointee.convolutionScratch(shape)
    if usesWinograd {
      each = unsafe max(
        each, kernels.pointee.winogradScratch(shape), kernels.pointee.winogradScratch(reversed))
    }
    return Scratch(shared: shared * size, perThread: each * size)
  }

  /// The filters transformed, and as they are.
  private var filterCount: Int { 45 * pairs }

  /// The sums that make dw.
  private var columnSumCount: Int {
    shape.groups * pairs * shape.taps.0 * shape.taps.1 * shape.taps.2
  }

  /// The sums that make the transformed dw.
  private var blockSumCount: Int { 36 * pairs }

  /// In how many parts `0 ..< count` is added up, with so many sums each: as many as depend on the shape
  /// alone, so that the sum is the same for every number of threads.
  private func partCount(_ count: Int, _ length: Int) -> Int {
    max(1, min(count, 8, (1 << 23) / max(1, length)))
  }

  // MARK: Directions

  /// y = x ∗ weight.
  func convolve(
    _ x: Source, _ weight: Source, into y: Target, _ workspace: borrowing Workspace
  ) {
    if usesWinograd, unsafe multiply(shape, x, weight, turned: false, into: y, workspace) {
      return
    }
    unsafe forImages(kernels.pointee.convolution, x, weight, into: y, workspace)
  }

  /// dx, of which every element of dy spreads over its window.
  func spread(
    _ dy: Source, _ weight: Source, into dx: Target, _ workspace: borrowing Workspace
  ) {
    // With the filters turned.
    if usesWinograd, unsafe multiply(reversed, dy, weight, turned: true, into: dx, workspace) {
      return
    }
    unsafe forImages(kernels.pointee.convolutionInputGradient, dy, weight, into: dx, workspace)
  }

  /// Each image by way of its columns, on several threads.
  private func forImages(
    _ kernel: Kernel, _ x: Source, _ weight: Source, into y: Target,
    _ workspace: borrowing Workspace
  ) {
    inParallel(shape.batch, grain: 1) { images in
      unsafe workspace.withPart(as: UInt8.self) {
        unsafe kernel(shape, images.lowerBound, images.upperBound, x, weight, y, $0)
      }
    }
  }

  /// By Winograd's algorithm; false, and nothing done, if the weights are not finite or too large for
  /// it.
  private func multiply(
    _ shape: AdjointConvolution, _ x: Source, _ weight: Source, turned: Bool, into y: Target,
    _ workspace: borrowing Workspace
  ) -> Bool {
    let filters = unsafe workspace.shared
    let isFinite = unsafe kernels.pointee.winogradWeights(
      self.shape.inputs, self.shape.outputs, weight, turned ? 1 : 0, filters)
    guard isFinite != 0 else { return false }
    inParallel(unsafe kernels.pointee.winogradBlocks(shape), grain: 1) { blocks in
      unsafe workspace.withPart(as: UInt8.self) {
        unsafe kernels.pointee.winograd(
          shape, blocks.lowerBound, blocks.upperBound, x, filters, y, $0)
      }
    }
    return true
  }

  /// dw, the correlation of x with dy.
  func correlate(_ x: Source, _ dy: Source, into dw: Target, _ workspace: borrowing Workspace) {
    if usesWinograd {
      let blocks = unsafe kernels.pointee.winogradBlocks(shape)
      let sums = unsafe sums(
        kernels.pointee.winogradGradient, blocks, blockSumCount, x, dy, workspace)
      let isFinite = unsafe kernels.pointee.winogradWeightGradient(
        shape.inputs, shape.outputs, sums, dw)
      // What is not finite spoils more here than the sums that it belongs to.
      if isFinite != 0 { return }
    }
    let sums = unsafe sums(
      kernels.pointee.convolutionWeightGradient, shape.batch, columnSumCount, x, dy, workspace)
    unsafe dw.copyMemory(from: sums, byteCount: columnSumCount * size)
  }

  /// The sums, so many, of what a kernel makes of `0 ..< count`: parts are added up on their own, and then
  /// in their order.
  private func sums(
    _ kernel: Kernel, _ count: Int, _ length: Int, _ x: Source, _ dy: Source,
    _ workspace: borrowing Workspace
  ) -> Target {
    let (parts, sums) = unsafe (partCount(count, length), workspace.shared)
    unsafe sums.initializeMemory(as: UInt8.self, repeating: 0, count: parts * length * size)
    inParallel(parts, grain: 1) {
      for part in $0 {
        let (first, last) = (count * part / parts, count * (part + 1) / parts)
        unsafe workspace.withPart(as: UInt8.self) {
          unsafe kernel(shape, first, last, x, dy, sums + part * length * size, $0)
        }
      }
    }
    unsafe kernels.pointee.addParts(parts, length, sums)
    return unsafe sums
  }
}
