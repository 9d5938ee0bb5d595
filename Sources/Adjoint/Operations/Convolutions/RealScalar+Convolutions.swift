internal import AdjointKernels

/// The kernels of convolutions that are run for images or for blocks of tiles.
enum ConvolutionKernel {
  case columns, inputColumns, weightColumns, winograd, winogradGradient
}

// The kernels in C of convolutions, by the element type.

extension RealScalar {
  /// Runs a kernel for some images, or blocks, of two operands.
  static func run(
    _ kernel: ConvolutionKernel, _ shape: AdjointConvolution, _ range: Range<Int>,
    _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, into y: UnsafeMutablePointer<Self>,
    _ scratch: UnsafeMutablePointer<Self>, on kernels: UnsafePointer<AdjointKernels>
  ) {
    let (first, last) = (range.lowerBound, range.upperBound)
    let (a, b) = unsafe (UnsafeRawPointer(a), UnsafeRawPointer(b))
    let (y, scratch) = (UnsafeMutableRawPointer(y), UnsafeMutableRawPointer(scratch))
    if Self.self == Float.self {
      let function =
        switch kernel {
        case .columns: unsafe kernels.pointee.convolutionFloat
        case .inputColumns: unsafe kernels.pointee.convolutionInputGradientFloat
        case .weightColumns: unsafe kernels.pointee.convolutionWeightGradientFloat
        case .winograd: unsafe kernels.pointee.winogradFloat
        case .winogradGradient: unsafe kernels.pointee.winogradGradientFloat
        }
      unsafe function?(
        shape, first, last, a.assumingMemoryBound(to: Float.self),
        b.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self),
        scratch.assumingMemoryBound(to: Float.self))
    } else {
      let function =
        switch kernel {
        case .columns: unsafe kernels.pointee.convolutionDouble
        case .inputColumns: unsafe kernels.pointee.convolutionInputGradientDouble
        case .weightColumns: unsafe kernels.pointee.convolutionWeightGradientDouble
        case .winograd: unsafe kernels.pointee.winogradDouble
        case .winogradGradient: unsafe kernels.pointee.winogradGradientDouble
        }
      unsafe function?(
        shape, first, last, a.assumingMemoryBound(to: Double.self),
        b.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self),
        scratch.assumingMemoryBound(to: Double.self))
    }
  }

  /// The scratch that convolutions by way of columns need, in elements.
  static func convolutionScratch(
    _ shape: AdjointConvolution, on kernels: UnsafePointer<AdjointKernels>
  ) -> Int {
    Self.self == Float.self
      ? unsafe kernels.pointee.convolutionScratchFloat(shape)
      : unsafe kernels.pointee.convolutionScratchDouble(shape)
  }

  /// The scratch that Winograd's algorithm needs, in elements.
  static func winogradScratch(
    _ shape: AdjointConvolution, on kernels: UnsafePointer<AdjointKernels>
  ) -> Int {
    Self.self == Float.self
      ? unsafe kernels.pointee.winogradScratchFloat(shape)
      : unsafe kernels.pointee.winogradScratchDouble(shape)
  }

  /// The number of blocks of tiles.
  static func winogradBlocks(
    _ shape: AdjointConvolution, on kernels: UnsafePointer<AdjointKernels>
  ) -> Int {
    Self.self == Float.self
      ? unsafe kernels.pointee.winogradBlocksFloat(shape)
      : unsafe kernels.pointee.winogradBlocksDouble(shape)
  }

  /// The transformed weights and the weights, 45 for each pair of channels; returns whether they are
  /// finite.
  static func winogradWeights(
    _ shape: AdjointConvolution, _ weight: UnsafePointer<Self>, turned: Bool,
    into filters: UnsafeMutablePointer<Self>, on kernels: UnsafePointer<AdjointKernels>
  ) -> Bool {
    let (weight, filters) = unsafe (UnsafeRawPointer(weight), UnsafeMutableRawPointer(filters))
    let turns: Int32 = turned ? 1 : 0
    return Self.self == Float.self
      ? unsafe kernels.pointee.winogradWeightsFloat(
        shape.inputs, shape.outputs, weight.assumingMemoryBound(to: Float.self), turns,
        filters.assumingMemoryBound(to: Float.self)) != 0
      : unsafe kernels.pointee.winogradWeightsDouble(
        shape.inputs, shape.outputs, weight.assumingMemoryBound(to: Double.self), turns,
        filters.assumingMemoryBound(to: Double.self)) != 0
  }

  /// The gradient of the weights from that of the transformed ones; returns whether it is finite.
  static func winogradWeightGradient(
    _ shape: AdjointConvolution, _ sums: UnsafePointer<Self>,
    into dw: UnsafeMutablePointer<Self>, on kernels: UnsafePointer<AdjointKernels>
  ) -> Bool {
    let (sums, dw) = unsafe (UnsafeRawPointer(sums), UnsafeMutableRawPointer(dw))
    return Self.self == Float.self
      ? unsafe kernels.pointee.winogradWeightGradientFloat(
        shape.inputs, shape.outputs, sums.assumingMemoryBound(to: Float.self),
        dw.assumingMemoryBound(to: Float.self)) != 0
      : unsafe kernels.pointee.winogradWeightGradientDouble(
        shape.inputs, shape.outputs, sums.assumingMemoryBound(to: Double.self),
        dw.assumingMemoryBound(to: Double.self)) != 0
  }

  /// Adds parts to the first of them.
  static func addParts(
    _ parts: Int, _ length: Int, _ sums: UnsafeMutablePointer<Self>,
    on kernels: UnsafePointer<AdjointKernels>
  ) {
    let sums = UnsafeMutableRawPointer(sums)
    if Self.self == Float.self {
      unsafe kernels.pointee.addPartsFloat(
        parts, length, sums.assumingMemoryBound(to: Float.self))
    } else {
      unsafe kernels.pointee.addPartsDouble(
        parts, length, sums.assumingMemoryBound(to: Double.self))
    }
  }
}
