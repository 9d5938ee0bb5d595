import Adjoint
import AdjointData
import Foundation

/// `write FILE GB` writes a file of float32 matrices; `load FILE` loads it, and says how long that took, the most memory that
/// the process had as a multiple of the file's size, and how long it takes to read all elements once and again.
@main
enum Loading {
  static func main() throws {
    let arguments = CommandLine.arguments
    let file = URL(filePath: arguments[2])
    if arguments[1] == "write" {
      let count = Int(Double(arguments[3])! * 1e9) / (4 * 4096 * 1024)
      var generator = Philox(seed: 1)
      let tensors = (0..<count).map {
        ("block\($0).weight", Tensor.normal([4096, 1024], using: &generator))
      }
      return try Safetensors.write(Dictionary(uniqueKeysWithValues: tensors), to: file)
    }
    let clock = ContinuousClock()
    var tensors: [String: Tensor] = [:]
    let loading = try clock.measure { tensors = try Safetensors.read(file).tensors() }
    let memory = mostMemory() / Double(tensors.values.reduce(0) { $0 + 4 * $1.count })
    var sums: [Double] = []
    let passes = (0..<2).map { _ in
      clock.measure { sums.append(tensors.values.reduce(0) { $0 + Double($1.sum()) }) }
    }
    precondition(abs(sums[0] - sums[1]) < 1)
    print(
      String(
        format: "loading %.3f s, memory %.2f, first pass %.3f s, second %.3f s",
        loading / .seconds(1), memory, passes[0] / .seconds(1), passes[1] / .seconds(1)))
  }

  /// The most bytes that were resident at once.
  private static func mostMemory() -> Double {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss)
    #else
      getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
      return Double(usage.ru_maxrss) * 1024
    #endif
  }
}
