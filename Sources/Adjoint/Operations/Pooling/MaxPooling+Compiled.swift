internal import AdjointKernels

extension MaxPooling {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let shape = frame.inputType(0).shape
    let place = unsafe frame.output(1, as: Int32.self)
    if frame.dtype == .float32, let plane = Pooling.evenPlane(windows, shape) {
      let (x, y) = unsafe (frame.input(0, as: Float.self), frame.output(0, as: Float.self))
      inParallel(plane.count, grain: plane.grain) { planes in
        let (first, size) = (planes.lowerBound, plane.height * plane.width)
        unsafe frame.kernels.pointee.maxPool2(
          x + first * size, planes.count, plane.height, plane.width, y + first * size / 4,
          place + first * size / 4)
      }
      return
    }
    let (extents, counts) = (Array(shape[2...]), Array(frame.outputType(0).shape[2...]))
    let (size, count) = (extents.reduce(1, *), counts.reduce(1, *))
    let pooling = Pooling.shape(windows, extents, counts)
    let (x, y) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    inParallel(shape[0] * shape[1], grain: Pooling.grain(windows, counts)) {
      let first = $0.lowerBound
      unsafe frame.realKernels.pointee.maxPool(
        pooling, $0.count, x.from(first * size), y.from(first * count), place + first * count)
    }
  }
}
