internal import AdjointKernels

// The operations that only move elements, each by its layouts.

/// An operation that moves the elements of input 0 to places of output 0.
protocol ElementMoving: Operation {
  /// The layouts; nil where they have too many axes.
  func move(_ input: TensorType, _ output: TensorType) -> ElementMove?
}

extension ElementMoving {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    move(operands.inputType(0), operands.outputType(0)) == nil ? nil : Scratch()
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    guard let move = move(frame.inputType(0), frame.outputType(0)) else { return }
    unsafe move.run(from: frame.rawInput(0), to: frame.rawOutput(0), on: frame.kernels)
  }
}

extension Transpose: ElementMoving {
  func move(_ input: TensorType, _ output: TensorType) -> ElementMove? {
    var move = ElementMove(input.dtype)
    var target = output.count
    for (axis, extent) in output.shape.enumerated() {
      target /= max(1, extent)
      let source = input.shape[(permutation[axis] + 1)...].reduce(1, *)
      guard move.append(extent: extent, source: source, target: target) else { return nil }
    }
    return move
  }
}

extension Broadcast: ElementMoving {
  func move(_ input: TensorType, _ output: TensorType) -> ElementMove? {
    var move = ElementMove(input.dtype)
    let added = output.rank - input.rank
    var (source, target) = (input.count, output.count)
    for (axis, extent) in output.shape.enumerated() {
      let own = axis < added ? 1 : input.shape[axis - added]
      source /= max(1, own)
      target /= max(1, extent)
      guard move.append(extent: extent, source: own == 1 ? 0 : source, target: target) else {
        return nil
      }
    }
    return move
  }
}

extension Slice: ElementMoving {
  func move(_ input: TensorType, _ output: TensorType) -> ElementMove? {
    .between(whole: input, part: output, starts, steps, isPartSource: false)
  }
}

extension Pad: ElementMoving {
  func move(_ input: TensorType, _ output: TensorType) -> ElementMove? {
    .between(whole: output, part: input, starts, steps, isPartSource: true)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (input, output) = (frame.inputType(0), frame.outputType(0))
    guard let move = move(input, output) else { return }
    unsafe zero(frame.rawOutput(0), byteCount: output.count * output.dtype.byteCount)
    unsafe move.run(from: frame.rawInput(0), to: frame.rawOutput(0), on: frame.kernels)
  }
}

/// Writes zeros, on several threads.
func zero(_ target: UnsafeMutableRawPointer, byteCount: Int) {
  inParallel(byteCount, grain: 4 * Grain.elements, unit: 64) {
    unsafe (target + $0.lowerBound).initializeMemory(as: UInt8.self, repeating: 0, count: $0.count)
  }
}

extension ElementMove {
  /// A move between a tensor and the part of it that begins at `starts` and goes by `steps`.
  fileprivate static func between(
    whole: TensorType, part: TensorType, _ starts: [Int], _ steps: [Int], isPartSource: Bool
  ) -> ElementMove? {
    var (offset, stride) = (0, whole.count)
    for (axis, extent) in whole.shape.enumerated() {
      stride /= max(1, extent)
      offset += starts[axis] * stride
    }
    var move = ElementMove(
      whole.dtype, from: isPartSource ? 0 : offset, to: isPartSource ? offset : 0)
    var (near, far) = (part.count, whole.count)
    for axis in whole.shape.indices {
      near /= max(1, part.shape[axis])
      far /= max(1, whole.shape[axis])
      let step = far * steps[axis]
      guard
        move.append(
          extent: part.shape[axis], source: isPartSource ? near : step,
          target: isPartSource ? step : near)
      else { return nil }
    }
    return move
  }
}

extension Concatenate {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let whole = AxisSplit(frame.outputType(0), axis)
    var start = 0
    for number in 0..<frame.inputCount {
      let part = frame.inputType(number)
      if let move = ElementMove.between(whole, part, axis, from: start, isPartSource: true) {
        unsafe move.run(from: frame.rawInput(number), to: frame.rawOutput(0), on: frame.kernels)
      }
      start += part.shape[axis]
    }
  }
}

extension Split {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let whole = AxisSplit(frame.inputType(0), axis)
    var start = 0
    for number in extents.indices {
      let part = frame.outputType(number)
      if let move = ElementMove.between(whole, part, axis, from: start, isPartSource: false) {
        unsafe move.run(from: frame.rawInput(0), to: frame.rawOutput(number), on: frame.kernels)
      }
      start += part.shape[axis]
    }
  }
}

extension ElementMove {
  /// A move between a tensor and the part of it that begins at a place of an axis; nil where it has too many axes.
  fileprivate static func between(
    _ whole: AxisSplit, _ part: TensorType, _ axis: Int, from start: Int, isPartSource: Bool
  ) -> ElementMove? {
    let (offset, row) = (start * whole.inner, whole.extent * whole.inner)
    let length = part.shape[axis] * whole.inner
    var move = ElementMove(
      part.dtype, from: isPartSource ? 0 : offset, to: isPartSource ? offset : 0)
    let hasRoom =
      move.append(
        extent: whole.outer, source: isPartSource ? length : row,
        target: isPartSource ? row : length)
      && move.append(extent: length, source: 1, target: 1)
    return hasRoom ? move : nil
  }
}
