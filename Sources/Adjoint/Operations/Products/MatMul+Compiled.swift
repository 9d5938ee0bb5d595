extension MatMul {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    product(operands.inputType(0), operands.inputType(1)).scratch(for: operands)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    product(frame.inputType(0), frame.inputType(1))
      .compute(frame, hasBias: false, workspace)
    if zeros == .leaveOut { frame.leaveOut(self, outputs: 1, of: 1) }
  }
}
