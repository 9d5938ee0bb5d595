internal import AdjointKernels

extension GradientDescentStep {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    func coefficient(_ index: Int) -> Double {
      frame.number(index, ofInput: frame.inputCount - 1)
    }
    let rule = AdjointGradientDescent(
      learningRate: coefficient(0), momentum: coefficient(1), share: coefficient(2),
      weightDecay: coefficient(3), hasMomentum: hasMomentum ? 1 : 0,
      decaysWeights: decaysWeights ? 1 : 0, isNesterov: isNesterov ? 1 : 0)
    frame.forEachPart(of: count) { part in
      unsafe frame.realKernels.pointee.gradientDescent(
        rule, part.count, frame.elements(of: part, inInputs: 1),
        frame.elements(of: part, inInputs: 0),
        hasVelocities ? frame.elements(of: part, inInputs: 2) : nil,
        frame.elements(of: part, inOutputs: 0),
        hasMomentum ? frame.elements(of: part, inOutputs: 1) : nil)
    }
  }
}
