internal import AdjointKernels

extension Operation {
  /// Computes the outputs, or only says that they are 0, or how they repeat the input.
  func run(_ call: inout KernelCall) {
    if let cotangentInput, call.inputs[cotangentInput].isZero {
      for number in call.outputNumbers {
        call.outputs.append(.filled(call.types[number], with: 0))
      }
      return
    }
    if !call.inputs.isEmpty, let pattern = repetition(of: call.inputType(0)) {
      require(
        pattern.fits(call.inputType(0), call.outputType(0)),
        "\(name): its \(pattern) does not make \(call.outputType(0)) of \(call.inputType(0))")
      call.outputs.append(call.inputs[0].repeated(pattern))
      return
    }
    for number in call.outputNumbers {
      call.outputs.append(Storage(uninitialized: call.types[number]))
    }
    run(&call, on: .current)
  }

  /// Runs the compiled kernel, if there is one, or the reference; there is room for the outputs.
  func run(_ call: inout KernelCall, on instructions: InstructionSet) {
    let dtype = kernelType ?? call.firstType.dtype
    if let kernels = unsafe instructions.kernels, unsafe runCompiled(&call, dtype, on: kernels) {
      return
    }
    runReference(&call, dtype)
  }

  /// Runs the kernel in Swift for an element type; there is room for the outputs.
  func runReference(_ call: inout KernelCall, _ dtype: DType) {
    // Inlined, as a frame whose element type is known only at run time costs more than small kernels.
    @inline(__always)
    func run<Scalar: TensorScalar>(
      _: Scalar.Type, _ kernel: (inout KernelFrame<Scalar>) -> Void
    ) {
      unsafe withUnsafePointer(to: self) { operation in
        unsafe call.operation = OperationReference(operation)
        unsafe withUnsafePointer(to: &call) { call in
          var frame = unsafe KernelFrame<Scalar>(call)
          kernel(&frame)
        }
        call.operation = nil
      }
    }
    switch dtype {
    case .float32: run(Float.self) { kernel(&$0) }
    case .float64: run(Double.self) { kernel(&$0) }
    case .int32: run(Int32.self) { kernel(&$0) }
    case .bool: run(Bool.self) { kernel(&$0) }
    }
  }

  /// Runs the compiled kernel; returns whether there is one for the operands.
  private func runCompiled(
    _ call: inout KernelCall, _ dtype: DType, on kernels: UnsafePointer<AdjointKernels>
  ) -> Bool {
    unsafe withUnsafePointer(to: &call) { call in
      let frame = unsafe CompiledFrame(call, dtype, on: kernels)
      guard let scratch = scratch(for: frame) else { return false }
      if !readsRepetitions { frame.writeOutRepetitions() }
      Workspace.with(scratch) { compiledKernel(frame, $0) }
      return true
    }
  }
}
