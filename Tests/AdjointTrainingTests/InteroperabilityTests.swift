import Adjoint
import AdjointData
import AdjointFixtures
import AdjointNN
import AdjointTraining
import Foundation
import Testing

/// Files for `Tests/Files/check.py`, which opens them in the libraries of others: it is run where Python has them, and
/// the files are kept where `ADJOINT_KEEP_FILES` says.
@Suite("Files for others")
struct InteroperabilityTests {
  @Test func whatIsWrittenOpensElsewhere() throws {
    if let kept = ProcessInfo.processInfo.environment["ADJOINT_KEEP_FILES"] {
      let folder = URL(filePath: kept)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      return try write(to: folder)
    }
    try withTemporaryFolder { folder in
      try write(to: folder)
      let python = Process()
      python.executableURL = URL(filePath: "/usr/bin/env")
      let script = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Files/check.py")
      python.arguments = ["python3", "-c", "import numpy, safetensors"]
      (python.standardOutput, python.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
      try python.run()
      python.waitUntilExit()
      guard python.terminationStatus == 0 else { return }
      let check = Process()
      check.executableURL = URL(filePath: "/usr/bin/env")
      check.arguments = ["python3", script.path, folder.path]
      try check.run()
      check.waitUntilExit()
      #expect(check.terminationStatus == 0)
    }
  }

  private func write(to folder: URL) throws {
    let tensors: [String: Tensor] = [
      "floats": Tensor([[0.5, -1.25], [3e38, .infinity]]),
      "doubles": Tensor([0.1, -1e300] as [Double]), "integers": Tensor([.min, .max] as [Int32]),
      "truths": Tensor([true, false, true]), "scalar": Tensor(7), "none": .zeros([2, 0, 3]),
      "é \"\n": Tensor([1]),
    ]
    try Safetensors.write(
      tensors, metadata: ["key \\ é": "value \"\n"],
      to: folder.appendingPathComponent("all.safetensors"))
    try NPZ.write(tensors, to: folder.appendingPathComponent("all.npz"))
    for (place, entry) in tensors.sorted(by: { $0.key < $1.key }).enumerated() {
      try NPY.write(entry.value, to: folder.appendingPathComponent("\(place).npy"))
    }
    var generator = Philox(seed: 5)
    var net = Sequential {
      Conv2D(2, 3, kernel: 3, padding: 1, bias: false, using: &generator)
      BatchNorm(3)
      ReLU()
      Flatten()
      Dropout(rate: 0.25, using: &generator)
      Linear(3 * 4 * 4, 5, using: &generator)
      LayerNorm(5)
    }
    for _ in 0..<3 { _ = net(.normal([8, 2, 4, 4], using: &generator), .training) }
    let x = Tensor.normal([6, 2, 4, 4], using: &generator)
    try net.save(to: folder.appendingPathComponent("net.safetensors"), renaming: .pyTorch)
    try Safetensors.write(
      ["x": x, "y": net.predict(x)], to: folder.appendingPathComponent("net-values.safetensors"))
  }
}
