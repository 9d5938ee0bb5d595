internal import AdjointKernels

/// The instructions that kernels use: those of the kernels in C, or none of them, where each
/// operation's reference in Swift runs.
///
/// The best that the processor has is chosen when the first kernel runs; the environment variable
/// `ADJOINT_ISA` forces one by its name. Sums are the same on all, bit for bit; products and what
/// is made of them differ in their last roundings.
@safe
package struct InstructionSet: Sendable, CustomStringConvertible {
  /// `reference`, `baseline`, `avx2`, `avx512`, or `neon`.
  package let description: String
  /// The kernels; nil for the reference.
  nonisolated(unsafe) let kernels: UnsafePointer<AdjointKernels>?

  /// Whether there are kernels in C.
  var isCompiled: Bool { unsafe kernels != nil }

  private init(_ kernels: UnsafePointer<AdjointKernels>?) {
    unsafe self.kernels = kernels
    description = unsafe kernels.map { unsafe String(cString: $0.pointee.name) } ?? "reference"
  }

  /// The reference kernels, in Swift.
  package static let reference = unsafe InstructionSet(nil)

  /// All that the processor has, from the reference to the best.
  package static let available: [InstructionSet] = {
    var sets = [reference]
    var next: Int32 = 0
    while let kernels = unsafe adjointKernels(next) {
      sets.append(unsafe InstructionSet(kernels))
      next += 1
    }
    return sets
  }()

  /// The one that kernels use unless said otherwise.
  package static let current: InstructionSet = {
    guard let name = environment("ADJOINT_ISA") else { return available[available.count - 1] }
    guard let forced = available.first(where: { $0.description == name }) else {
      stop(
        "ADJOINT_ISA: \(name) is none of what this processor has, "
          + available.map(\.description).joined(separator: ", "))
    }
    return forced
  }()
}

/// The value of an environment variable.
func environment(_ name: String) -> String? {
  unsafe adjointEnvironment(name).map { unsafe String(cString: $0) }
}
