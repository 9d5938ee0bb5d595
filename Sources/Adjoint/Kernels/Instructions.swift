internal import AdjointKernels

// Pointwise operations by the instructions of the kernels in C.

extension CompiledFrame {
  /// Computes output 0 from the inputs by one instruction, on several threads.
  ///
  /// Inputs that repeat a number, and those that repeat elements as one other does, are read where they are.
  func run(_ instruction: AdjointInstruction) {
    let element = AdjointElement(inputType(0).dtype)
    let y = unsafe rawOutput(0)
    let resultSize = outputType(0).dtype.byteCount
    let operandCount = inputCount
    unsafe withUnsafeTemporaryAllocation(of: Stream.self, capacity: operandCount) { streams in
      let pattern = unsafe fill(streams)
      // A run begins at a position; what repeats is read from an element on, or it is read alone.
      func compute(_ start: Int, _ count: Int, _ number: Int, _ repeats: Bool) {
        unsafe withUnsafeTemporaryAllocation(of: AdjointOperand.self, capacity: operandCount) {
          for k in 0..<operandCount {
            unsafe $0.initializeElement(
              at: k, to: streams[k].operand(at: start, number, repeats: repeats))
          }
          unsafe kernels.pointee.pointwise(
            instruction, element, $0.baseAddress, y + start * resultSize, count)
        }
      }
      if let pattern {
        pattern.forEachRun(compute)
      } else {
        inParallel(outputType(0).count, grain: Grain.elements, unit: 16) {
          compute($0.lowerBound, $0.count, 0, true)
        }
      }
    }
  }

  /// Says of each input where it is read; returns how those that repeat more than a number do it.
  private func fill(_ streams: UnsafeMutableBufferPointer<Stream>) -> Repetition? {
    var common: Repetition?
    for number in 0..<inputCount {
      let storage = storage(number)
      var (source, advance) = (storage, Stream.Advance.withPosition)
      if let repeated = storage.repetition {
        if repeated.pattern.middle == 1 {
          (source, advance) = (repeated.source, .never)
        } else if common == nil || common == repeated.pattern {
          (source, advance) = (repeated.source, .withNumber)
          common = repeated.pattern
        }
      }
      unsafe streams.initializeElement(
        at: number,
        to: Stream(
          elements: UnsafeRawPointer(source.rawPointer), size: source.dtype.byteCount,
          advance: advance))
    }
    return common
  }
}

/// Where an operand is read.
@safe
private struct Stream: BitwiseCopyable {
  /// What decides which element is read next.
  enum Advance: BitwiseCopyable {
    /// The position in the result.
    case withPosition
    /// The number of what repeats.
    case withNumber
    /// Nothing: it is one element.
    case never
  }

  let elements: UnsafeRawPointer
  let size: Int
  let advance: Advance

  /// The operand of a run.
  func operand(at start: Int, _ number: Int, repeats: Bool) -> AdjointOperand {
    switch advance {
    case .withPosition: unsafe AdjointOperand(elements: elements + start * size, repeats: 0)
    case .withNumber:
      unsafe AdjointOperand(elements: elements + number * size, repeats: repeats ? 1 : 0)
    case .never: unsafe AdjointOperand(elements: elements, repeats: 1)
    }
  }
}

extension Repetition {
  /// Calls `body` for runs of all elements, on several threads: with the first position, the length, the
  /// number of the first repeated element, and whether that one serves the whole run.
  fileprivate func forEachRun(_ body: (Int, Int, Int, Bool) -> Void) {
    guard outer * middle * inner > 0 else { return }
    if inner == 1 {
      inParallel(outer, grain: Grain.count(of: middle)) { rows in
        for row in rows { body(row * middle, middle, 0, false) }
      }
    } else {
      inParallel(outer * middle, grain: Grain.count(of: inner)) { runs in
        for run in runs { body(run * inner, inner, run % middle, true) }
      }
    }
  }
}

extension AdjointElement {
  /// The kind of elements of a type.
  init(_ dtype: DType) {
    self =
      switch dtype {
      case .float32: adjointFloat
      case .float64: adjointDouble
      case .int32: adjointInt
      case .bool: adjointBool
      }
  }
}
