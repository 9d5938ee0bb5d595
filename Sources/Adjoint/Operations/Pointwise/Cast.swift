internal import AdjointKernels

/// Conversion of the elements to another type.
///
///     x: [A…]   →   [A…]
///
/// Rounds to nearest between floating-point types, towards zero to int32; to bool, whether an
/// element is not 0. Pullback: x̄ = ȳ converted back, between floating-point types; none otherwise.
struct Cast: InstructionOperation {
  var name: String { "cast" }
  var elementTypes: ElementTypes { .all }
  let dtype: DType
  var reads: Reads { .nothing }
  var attributes: String { "to: \(dtype)" }

  var instruction: AdjointInstruction {
    switch dtype {
    case .float32: adjointConvertToFloat
    case .float64: adjointConvertToDouble
    case .int32: adjointConvertToInt
    case .bool: adjointConvertToBool
    }
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0].with(dtype)] }

  /// To int32 none, as each number is looked at, whether it fits.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    dtype == .int32 && operands.dtype.isFloatingPoint ? nil : Scratch()
  }

  func instruction(for dtype: DType) -> AdjointInstruction? {
    dtype == .int32 || self.dtype == .int32 ? nil : instruction
  }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    switch dtype {
    case .float32: convert(&frame, to: Float.self)
    case .float64: convert(&frame, to: Double.self)
    case .int32: convert(&frame, to: Int32.self)
    case .bool: convert(&frame, to: Bool.self)
    }
  }

  private func convert<Scalar: TensorScalar, Target: TensorScalar>(
    _ frame: inout KernelFrame<Scalar>, to target: Target.Type
  ) {
    let x = frame.input(0)
    var y = frame.output(0, as: target)
    for i in x.indices { y[i] = Target(checking: x[i].asDouble) }
  }

  func pullback(_ rule: inout Pullback) {
    let (type, g) = (rule.inputType(0), rule.cotangent)
    rule.set(0, to: g.cast(to: type.dtype))
  }

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? {
    dtype.isFloatingPoint ? nil : outputs[0].cast(to: .int32)
  }

  static var samples: [Sample] {
    [
      Sample("float64 to float64", Cast(dtype: .float64), [.sample([2, 3])]),
      Sample("to int32", Cast(dtype: .int32), [.sample([5], deviation: 10)], isSmooth: false),
      Sample("to bool", Cast(dtype: .bool), [Tensor([0, 0.5, -2] as [Double])], isSmooth: false),
      Sample("from bool", Cast(dtype: .float64), [Tensor([true, false])], isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("cast: inf does not fit an int32; clamp the values first") {
        _ = Tensor(Float.infinity).cast(to: .int32)
      },
      Misuse("cast: nan does not fit an int32; select another number where x .!= x first") {
        _ = Tensor(Float.nan).cast(to: .int32)
      },
    ]
  }
}

extension Tensor {
  /// Returns the elements converted to another type.
  ///
  ///     x: [A…]   →   [A…]
  ///
  /// Rounds to nearest between floating-point types, towards zero to int32; to bool, whether an
  /// element is not 0. Pullback: x̄ = ȳ converted back; there is none from or to int32 and bool.
  /// - Precondition: what becomes int32 fits.
  public func cast(to dtype: DType) -> Tensor {
    dtype == self.dtype ? self : Cast(dtype: dtype)(self)
  }
}

extension Tensor {
  /// On which side of 0 each element is, as int32: −1, 0, 1, and 2 for what is no number.
  var side: Tensor { sign().select(where: self .== self, otherwise: 2).cast(to: .int32) }
}
