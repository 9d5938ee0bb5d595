import AdjointKernels
import Testing

@testable import Adjoint

@Suite("The list of kernels in C")
struct KernelListTests {
  @Test("Every instruction set has every kernel, of its own", arguments: compiled)
  func isComplete(_ instructions: InstructionSet) throws {
    let kernels = unsafe try #require(instructions.kernels)
    var names: Set<String> = []
    while let name = unsafe adjointKernelName(Int32(names.count)) {
      let number = Int32(names.count)
      #expect(unsafe names.insert(String(cString: name)).inserted)
      let address = unsafe adjointKernelAddress(kernels, number)
      #expect(unsafe address != nil)
      for other in compiled where other.description != instructions.description {
        let others = unsafe try #require(other.kernels)
        #expect(unsafe address != adjointKernelAddress(others, number))
      }
    }
    #expect(names.count >= 130)
    for name in ["pointwise", "realFloat.product", "realDouble.uniform", "numericInt.extremeRows"] {
      #expect(names.contains(name))
    }
  }
}
