internal import AdjointKernels

/// A convolution of images in the plane by the kernels in C, and which algorithm it takes.
///
/// Winograd's needs filters of 3 by 3 with stride and dilation 1, and pays from 8 channels up, where
/// its products are no longer bound by their transformations; the rest are products with columns.
struct PlaneConvolution {
  private let shape: AdjointConvolution
  private let usesWinograd: Bool

  /// Nil if the images do not have two axes.
  init?(_ geometry: ConvolutionGeometry) {
    let windows = geometry.windows
    guard windows.extents.count == 2 else { return nil }
    shape = AdjointConvolution(
      batch: geometry.batch, groups: geometry.groups, inputs: geometry.inputs,
      outputs: geometry.outputs, height: geometry.image[0], width: geometry.image[1],
      outHeight: geometry.result[0], outWidth: geometry.result[1], rows: windows.extents[0],
      columns: windows.extents[1], rowStride: windows.strides[0], columnStride: windows.strides[1],
      rowDilation: windows.dilations[0], columnDilation: windows.dilations[1],
      top: windows.padding[0].before, left: windows.padding[1].before)
    usesWinograd =
      windows.extents == [3, 3] && windows.strides == [1, 1] && windows.dilations == [1, 1]
      && geometry.groups == 1 && geometry.inputs >= 8 && geometry.outputs >= 8
      && windows.padding.allSatisfy { $0.before <= 2 && $0.after <= 2 }
  }

  /// y = x ∗ weight.
  func convolve(
    _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, on kernels: UnsafePointer<AdjointKernels>
  ) {
    if usesWinograd {
      unsafe multiply(shape, x, weight, turned: false, into: y, on: kernels)
    } else {
      unsafe forImages(on: kernels) { images, scratch in
        unsafe kernels.pointee.convolution(
          shape, images.lowerBound, images.upperBound, x, weight, y, scratch)
      }
    }
  }

  /// dx, of which every element of dy spreads over its window.
  func spread(
    _ dy: UnsafePointer<Float>, _ weight: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, on kernels: UnsafePointer<AdjointKernels>
  ) {
    if usesWinograd {
      // The same convolution the other way round, with the filters turned.
      var reversed = shape
      (reversed.inputs, reversed.outputs) = (shape.outputs, shape.inputs)
      (reversed.height, reversed.outHeight) = (shape.outHeight, shape.height)
      (reversed.width, reversed.outWidth) = (shape.outWidth, shape.width)
      (reversed.top, reversed.left) = (2 - shape.top, 2 - shape.left)
      unsafe multiply(reversed, dy, weight, turned: true, into: dx, on: kernels)
    } else {
      unsafe forImages(on: kernels) { images, scratch in
        unsafe kernels.pointee.convolutionInputGradient(
          shape, images.lowerBound, images.upperBound, dy, weight, dx, scratch)
      }
    }
  }

  /// Calls `body` for ranges of images, on several threads, each with room for its columns.
  private func forImages(
    on kernels: UnsafePointer<AdjointKernels>,
    _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let count = unsafe kernels.pointee.convolutionScratch(shape)
    inParallel(shape.batch, grain: 1) { images in
      unsafe withScratch(Float.self, count: count) { unsafe body(images, $0) }
    }
  }

  private func multiply(
    _ shape: AdjointConvolution, _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>,
    turned: Bool, into y: UnsafeMutablePointer<Float>, on kernels: UnsafePointer<AdjointKernels>
  ) {
    let blocks = unsafe kernels.pointee.winogradBlocks(shape)
    let count = unsafe kernels.pointee.winogradScratch(shape)
    unsafe withScratch(Float.self, count: 36 * shape.inputs * shape.outputs) { transformed in
      unsafe kernels.pointee.winogradWeights(
        self.shape.inputs, self.shape.outputs, weight, turned ? 1 : 0, transformed)
      inParallel(blocks, grain: 1) { blocks in
        unsafe withScratch(Float.self, count: count) {
          unsafe kernels.pointee.winograd(
            shape, blocks.lowerBound, blocks.upperBound, x, transformed, y, $0)
        }
      }
    }
  }

  /// dw, the correlation of x with dy.
  ///
  /// Parts of the batch are added up on their own, and then in their order: as many as depend on the
  /// shape alone, so that the sum is the same for every number of threads.
  func correlate(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    into dw: UnsafeMutablePointer<Float>, on kernels: UnsafePointer<AdjointKernels>
  ) {
    let (inputs, outputs) = (shape.inputs, shape.outputs)
    if usesWinograd {
      let blocks = unsafe kernels.pointee.winogradBlocks(shape)
      let count = unsafe kernels.pointee.winogradScratch(shape)
      unsafe sumOfParts(blocks, length: 36 * inputs * outputs) { blocks, sums in
        unsafe withScratch(Float.self, count: count) {
          unsafe kernels.pointee.winogradGradient(
            shape, blocks.lowerBound, blocks.upperBound, x, dy, sums, $0)
        }
      } finish: { sums in
        unsafe kernels.pointee.winogradWeightGradient(inputs, outputs, sums, dw)
      }
    } else {
      let count = unsafe kernels.pointee.convolutionScratch(shape)
      let length = shape.groups * outputs * inputs * shape.rows * shape.columns
      unsafe sumOfParts(shape.batch, length: length) { images, sums in
        unsafe withScratch(Float.self, count: count) {
          unsafe kernels.pointee.convolutionWeightGradient(
            shape, images.lowerBound, images.upperBound, x, dy, sums, $0)
        }
      } finish: { sums in
        unsafe dw.update(from: sums, count: length)
      }
    }
  }

  /// Calls `add` for parts that make up `0 ..< count`, each with sums of its own that start at 0, and
  /// `finish` with the sums of all.
  private func sumOfParts(
    _ count: Int, length: Int, add: (Range<Int>, UnsafeMutablePointer<Float>) -> Void,
    finish: (UnsafeMutablePointer<Float>) -> Void
  ) {
    let fitting = (1 << 23) / max(1, length)
    let parts = max(1, min(count, 8, fitting))
    unsafe withScratch(Float.self, count: parts * length) { sums in
      unsafe sums.update(repeating: 0, count: parts * length)
      inParallel(parts, grain: 1) {
        for part in $0 {
          unsafe add(count * part / parts..<count * (part + 1) / parts, sums + part * length)
        }
      }
      for part in 1..<max(parts, 1) {
        for i in 0..<length { unsafe sums[i] += sums[part * length + i] }
      }
      unsafe finish(sums)
    }
  }
}
