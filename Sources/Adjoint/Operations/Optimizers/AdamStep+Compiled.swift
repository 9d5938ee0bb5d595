internal import AdjointKernels

extension AdamStep {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    func coefficient(_ index: Int) -> Double {
      frame.number(index, ofInput: frame.inputCount - 1)
    }
    let rule = AdjointAdam(
      rate: coefficient(0), beta1: coefficient(1), rest1: coefficient(2), beta2: coefficient(3),
      rest2: coefficient(4), rootOfBias: coefficient(5), epsilon: coefficient(6),
      weightDecay: coefficient(7), kept: coefficient(8), decaysWeights: decaysWeights ? 1 : 0,
      isDecoupled: isDecoupled ? 1 : 0)
    frame.forEachPart(of: count) { part in
      unsafe frame.realKernels.pointee.adam(
        rule, part.count, frame.elements(of: part, inInputs: 1),
        frame.elements(of: part, inInputs: 0), frame.elements(of: part, inInputs: 2),
        frame.elements(of: part, inInputs: 3), frame.elements(of: part, inOutputs: 0),
        frame.elements(of: part, inOutputs: 1), frame.elements(of: part, inOutputs: 2))
    }
  }
}
