internal import AdjointKernels

/// The kernel in C for a function of one number.
public struct VectorizedUnary: Sendable {
  private let function: AdjointUnary

  init(_ function: AdjointUnary) { self.function = function }

  /// Computes output 0 from input 0, unless the frame asks for the reference.
  func apply(_ frame: borrowing KernelFrame<Float>) -> Bool {
    guard let kernels = unsafe frame.instructions.kernels else { return false }
    let (x, y) = unsafe (frame.source(0), frame.target(0))
    inParallel(frame.outputs[0].count, grain: Grain.elements, unit: 16) { range in
      let start = range.lowerBound
      unsafe kernels.pointee.unary(function, x + start, y + start, range.count)
    }
    return true
  }
}

/// The kernel in C for a function of two numbers.
public struct VectorizedBinary: Sendable {
  private let function: AdjointBinary

  init(_ function: AdjointBinary) { self.function = function }

  /// Computes output 0 from inputs 0 and 1, unless the frame asks for the reference.
  ///
  /// One of the two may repeat its elements, which are then read where they are.
  func apply(_ frame: borrowing KernelFrame<Float>) -> Bool {
    guard let kernels = unsafe frame.instructions.kernels else { return false }
    let y = unsafe frame.target(0)
    let count = frame.outputs[0].count
    if let right = frame.inputs[1].repetition, frame.inputs[0].repetition == nil {
      let a = unsafe frame.source(0)
      let b = unsafe UnsafePointer(
        right.source.rawPointer.assumingMemoryBound(to: Float.self))
      right.pattern.forEachRun(count) { start, run, number, repeats in
        unsafe kernels.pointee.binary(
          function, 0, repeats ? 1 : 0, a + start, b + number, y + start, run)
      }
    } else if let left = frame.inputs[0].repetition {
      let a = unsafe UnsafePointer(left.source.rawPointer.assumingMemoryBound(to: Float.self))
      let b = unsafe frame.source(1)
      left.pattern.forEachRun(count) { start, run, number, repeats in
        unsafe kernels.pointee.binary(
          function, repeats ? 1 : 0, 0, a + number, b + start, y + start, run)
      }
    } else {
      let (a, b) = unsafe (frame.source(0), frame.source(1))
      inParallel(count, grain: Grain.elements, unit: 16) { range in
        let start = range.lowerBound
        unsafe kernels.pointee.binary(
          function, 0, 0, a + start, b + start, y + start, range.count)
      }
    }
    return true
  }
}

extension Repetition {
  /// Calls `body` for runs of all `count` elements, on several threads: with the first position, the
  /// length, the number of the first repeated element, and whether that one serves the whole run.
  fileprivate func forEachRun(_ count: Int, _ body: (Int, Int, Int, Bool) -> Void) {
    guard count > 0 else { return }
    if middle == 1 {
      inParallel(count, grain: Grain.elements, unit: 16) { body($0.lowerBound, $0.count, 0, true) }
    } else if inner == 1 {
      let grain = Grain.count(of: middle)
      inParallel(outer, grain: grain) { rows in
        for row in rows { body(row * middle, middle, 0, false) }
      }
    } else {
      let grain = Grain.count(of: inner)
      inParallel(outer * middle, grain: grain) { runs in
        for run in runs { body(run * inner, inner, run % middle, true) }
      }
    }
  }
}
