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
    let blocks = unsafe Scalar.winogradBlocks(shape, on: kernels)
    return scratch(shared: max(columns, partCount(blocks, blockSumCount) * blockSumCount))
  }

  /// So many elements for all threads, and for each what either algorithm needs: what comes out of
  /// Winograd's not finite is made again by way of columns.
  private func scratch(shared: Int) -> Scratch {
    var each = unsafe Scalar.convolutionScratch(shape, on: kernels)
    if usesWinograd {
      each = unsafe max(
        each, Scalar.winogradScratch(shape, on: kernels),
        Scalar.winogradScratch(reversed, on: kernels))
    }
    let size = MemoryLayout<Scalar>.stride
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
    unsafe forImages(.columns, x, weight, into: y, workspace)
  }

  /// dx, of which every element of dy spreads over its window.
  func spread(
    _ dy: Source, _ weight: Source, into dx: Target, _ workspace: borrowing Workspace
  ) {
    // With the filters turned.
    if usesWinograd, unsafe multiply(reversed, dy, weight, turned: true, into: dx, workspace) {
      return
    }
    unsafe forImages(.inputColumns, dy, weight, into: dx, workspace)
  }

  /// Each image by way of its columns, on several threads.
  private func forImages(
    _ kernel: ConvolutionKernel, _ x: Source, _ weight: Source, into y: Target,
    _ workspace: borrowing Workspace
  ) {
    inParallel(shape.batch, grain: 1) { images in
      unsafe workspace.withPart(as: Scalar.self) {
        unsafe Scalar.run(kernel, shape, images, x, weight, into: y, $0, on: kernels)
      }
    }
  }

  /// By Winograd's algorithm; false, and nothing done, if the weights are not finite or too large for
  /// it.
  private func multiply(
    _ shape: AdjointConvolution, _ x: Source, _ weight: Source, turned: Bool, into y: Target,
    _ workspace: borrowing Workspace
  ) -> Bool {
    let filters = unsafe workspace.shared(as: Scalar.self)
    let isFinite = unsafe Scalar.winogradWeights(
      self.shape, weight, turned: turned, into: filters, on: kernels)
    guard isFinite else { return false }
    inParallel(unsafe Scalar.winogradBlocks(shape, on: kernels), grain: 1) { blocks in
      unsafe workspace.withPart(as: Scalar.self) {
        unsafe Scalar.run(.winograd, shape, blocks, x, filters, into: y, $0, on: kernels)
      }
    }
    return true
  }

  /// dw, the correlation of x with dy.
  func correlate(_ x: Source, _ dy: Source, into dw: Target, _ workspace: borrowing Workspace) {
    if usesWinograd {
      let blocks = unsafe Scalar.winogradBlocks(shape, on: kernels)
      let sums = unsafe sums(.winogradGradient, blocks, blockSumCount, x, dy, workspace)
      // What is not finite spoils more here than the sums that it belongs to.
      if unsafe Scalar.winogradWeightGradient(shape, sums, into: dw, on: kernels) { return }
    }
    let sums = unsafe sums(.weightColumns, shape.batch, columnSumCount, x, dy, workspace)
    unsafe dw.update(from: sums, count: columnSumCount)
  }

  /// The sums, so many, of what a kernel makes of `0 ..< count`: parts are added up on their own, and then
  /// in their order.
  private func sums(
    _ kernel: ConvolutionKernel, _ count: Int, _ length: Int, _ x: Source, _ dy: Source,
    _ workspace: borrowing Workspace
  ) -> Target {
    let (parts, sums) = unsafe (partCount(count, length), workspace.shared(as: Scalar.self))
    unsafe UnsafeMutableRawPointer(sums).initializeMemory(
      as: UInt8.self, repeating: 0, count: parts * length * MemoryLayout<Scalar>.stride)
    inParallel(parts, grain: 1) {
      for part in $0 {
        let range = count * part / parts..<count * (part + 1) / parts
        unsafe workspace.withPart(as: Scalar.self) {
          unsafe Scalar.run(
            kernel, shape, range, x, dy, into: sums + part * length, $0, on: kernels)
        }
      }
    }
    unsafe Scalar.addParts(parts, length, sums, on: kernels)
    return unsafe sums
  }
}
