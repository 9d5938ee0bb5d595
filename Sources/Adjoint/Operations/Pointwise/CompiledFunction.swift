internal import AdjointKernels

/// A function of one number that the kernels in C have an instruction for.
protocol CompiledUnaryFunction: UnaryFunction {
  /// The instruction.
  static var instruction: AdjointInstruction { get }
}

extension CompiledUnaryFunction {
  static var isCompiled: Bool { true }
  static func compiledKernel(_ frame: borrowing CompiledFrame) { frame.run(instruction) }
}

/// A function of two numbers that the kernels in C have an instruction for.
protocol CompiledBinaryFunction: BinaryFunction {
  /// The instruction.
  static var instruction: AdjointInstruction { get }
}

extension CompiledBinaryFunction {
  static var isCompiled: Bool { true }
  static func compiledKernel(_ frame: borrowing CompiledFrame) { frame.run(instruction) }
}

/// An operation that is one instruction of the kernels in C, whatever its operands are.
protocol InstructionOperation: ChainableOperation {
  /// The instruction.
  var instruction: AdjointInstruction { get }
}

extension InstructionOperation {
  func instruction(for dtype: DType) -> AdjointInstruction? {
    dtype == .int32 ? nil : instruction
  }
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }
  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    frame.run(instruction)
  }
  var readsRepetitions: Bool { true }
}

extension Unary: ChainableOperation {
  func instruction(for dtype: DType) -> AdjointInstruction? {
    (Function.self as? any CompiledUnaryFunction.Type)?.instruction
  }
}

extension Binary: ChainableOperation {
  func instruction(for dtype: DType) -> AdjointInstruction? {
    dtype == .int32 ? nil : (Function.self as? any CompiledBinaryFunction.Type)?.instruction
  }
}
