internal import AdjointKernels

// How elements reach the places that max pooling found, and how they are read there.

extension PlaceScatter {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let shape = frame.outputType(0).shape
    let place = unsafe frame.input(1, as: Int32.self)
    if frame.dtype == .float32, let plane = Pooling.evenPlane(windows, shape) {
      let (dy, dx) = unsafe (frame.input(0, as: Float.self), frame.output(0, as: Float.self))
      inParallel(plane.count, grain: plane.grain) { planes in
        let (first, size) = (planes.lowerBound, plane.height * plane.width)
        unsafe frame.kernels.pointee.maxPoolGradient2(
          dy + first * size / 4, place + first * size / 4, planes.count, plane.height, plane.width,
          dx + first * size)
      }
      return
    }
    let (count, size) = (frame.inputType(0).shape[2...].reduce(1, *), extents.reduce(1, *))
    let (dy, dx) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    inParallel(shape[0] * shape[1], grain: Grain.count(of: size)) {
      let first = $0.lowerBound
      unsafe frame.realKernels.pointee.scatterPlaces(
        $0.count, count, size, dy.from(first * count), place + first * count,
        dx.from(first * size))
    }
  }
}

extension PlaceGather {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let shape = frame.inputType(1).shape
    let place = unsafe frame.input(1, as: Int32.self)
    let count = shape[2...].reduce(1, *)
    let size = frame.inputType(0).shape[2...].reduce(1, *)
    let (x, y) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    inParallel(shape[0] * shape[1], grain: Grain.count(of: count)) {
      let first = $0.lowerBound
      unsafe frame.realKernels.pointee.gatherPlaces(
        $0.count, count, size, x.from(first * size), place + first * count,
        y.from(first * count))
    }
  }
}
