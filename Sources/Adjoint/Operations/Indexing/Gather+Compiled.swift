internal import AdjointKernels

extension Gather {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, type) = unsafe (frame.kernels, frame.inputType(0))
    let (blocks, count) = (AxisSplit(type, axis), frame.inputType(1).count)
    guard frame.outputType(0).count > 0 else { return }
    let places = unsafe frame.places(within: blocks.extent, self)
    let size = blocks.inner * type.dtype.byteCount
    let (x, y) = unsafe (frame.rawInput(0), frame.rawOutput(0))
    inParallel(blocks.outer * count, grain: Grain.count(of: blocks.inner)) { range in
      var slice = range.lowerBound
      while slice < range.upperBound {
        let (block, first) = (slice / count, slice % count)
        let length = min(count - first, range.upperBound - slice)
        unsafe kernels.pointee.gather(
          x + block * blocks.extent * size, places + first, length, blocks.extent, size,
          y + slice * size)
        slice += length
      }
    }
  }
}

extension ScatterAdd {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    // A sum of integers that does not fit stops in the reference.
    guard operands.dtype != .int32 else { return nil }
    let count = operands.inputType(1).count
    guard operands.dtype == .float32, count > ScatterAdd.few else { return Scratch() }
    let width = min(AxisSplit(operands.outputType(0), axis).inner, ScatterAdd.unit)
    return Scratch(
      shared: extent * MemoryLayout<Int32>.stride,
      perThread: count / ScatterAdd.few * width * MemoryLayout<Double>.stride)
  }

  /// So many slices are added up in float32, more at one place in float64.
  private static let few = 128
  /// The columns that a thread takes at once, in cache lines.
  private static let unit = 64

  /// The number of the row of sums of each place that is met often, −1 for others; nil if there are none.
  private func rows(
    _ places: UnsafePointer<Int32>, _ count: Int, _ rows: UnsafeMutablePointer<Int32>
  ) -> UnsafePointer<Int32>? {
    for place in 0..<extent { unsafe rows[place] = 0 }
    for i in 0..<count {
      let place = unsafe Int(places[i])
      unsafe rows[place < 0 ? extent + place : place] += 1
    }
    var next: Int32 = 0
    for place in 0..<extent {
      let isOften = unsafe rows[place] > ScatterAdd.few
      unsafe rows[place] = isOften ? next : -1
      if isOften { next += 1 }
    }
    return next > 0 ? unsafe UnsafePointer(rows) : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, type) = unsafe (frame.realKernels, frame.outputType(0))
    let (blocks, count) = (AxisSplit(type, axis), frame.inputType(1).count)
    let y = frame.elements(ofOutput: 0)
    unsafe zero(y.start, byteCount: type.count * y.size)
    guard frame.inputType(0).count > 0 else { return }
    let places = unsafe frame.places(within: extent, self)
    let (x, inner) = (frame.elements(ofInput: 0), blocks.inner)
    // All places on one thread, so that they are added in their order: columns by cache lines.
    let unit = ScatterAdd.unit
    let units = (inner + unit - 1) / unit
    let rows =
      frame.dtype == .float32 && count > ScatterAdd.few
      ? unsafe rows(places, count, workspace.shared(as: Int32.self)) : nil
    inParallel(blocks.outer * units, grain: Grain.count(of: count * min(inner, unit))) { range in
      func add(_ sums: UnsafeMutablePointer<Double>?) {
        for part in range {
          let (block, first) = (part / units, part % units * unit)
          unsafe kernels.pointee.scatterAdd(
            x.from(block * count * inner), places, count, extent, inner, first,
            min(first + unit, inner), rows, sums, y.from(block * extent * inner))
        }
      }
      if unsafe rows == nil {
        add(nil)
      } else {
        unsafe workspace.withPart(as: Double.self) { unsafe add($0) }
      }
    }
  }
}

extension CompiledFrame {
  /// The indices in input 1, each of which must be within an axis.
  fileprivate func places(
    within extent: Int, _ operation: some Operation
  ) -> UnsafePointer<Int32> {
    let (places, count) = unsafe (input(1, as: Int32.self), inputType(1).count)
    let wrong = unsafe kernels.pointee.firstPlaceOutside(places, count, extent)
    if wrong < count { _ = unsafe operation.place(places[wrong], within: extent) }
    return unsafe places
  }
}
