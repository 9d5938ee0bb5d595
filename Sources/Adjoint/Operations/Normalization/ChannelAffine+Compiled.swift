internal import AdjointKernels

extension ChannelAffine {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let channels = Channels(frame.inputType(0), axis)
    let row = max(1, channels.count * channels.inner)
    inParallel(channels.outer, grain: Grain.count(of: row)) {
      unsafe frame.realKernels.pointee.channelAffine(
        channels.shape, $0.lowerBound, $0.upperBound, frame.rawInput(0), frame.rawInput(1),
        frame.rawInput(2), frame.rawOutput(0))
    }
  }
}
