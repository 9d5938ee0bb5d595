import Adjoint
import AdjointData
import AdjointNN
import Foundation

extension Module {
  /// Saves the parameters and buffers of the module as a safetensors file.
  ///
  /// ```swift
  /// try model.save(to: URL(filePath: "model.safetensors"))
  /// ```
  ///
  /// Whatever fails, an old file of the name is as before.
  /// - Parameters:
  ///   - file: the file.
  ///   - renaming: the names and layouts of another framework.
  ///   - metadata: what the file is to say of itself.
  public func save(
    to file: URL, renaming: Renaming = .none, metadata: [String: String] = [:]
  ) throws(FileError) {
    try Safetensors.write(state(renaming: renaming).dictionary, metadata: metadata, to: file)
  }

  /// Sets the parameters and buffers of the module to those of a safetensors file, or of one in several parts
  /// with an index.
  ///
  /// ```swift
  /// try model.load(from: URL(filePath: "model.safetensors"))
  /// ```
  ///
  /// Names, shapes and types are looked at before any element is read. Throws a `FileError` or a `StateError`;
  /// then the module is as before.
  /// - Parameters:
  ///   - file: the file.
  ///   - renaming: what the tensors are called in the file, and how they lie there.
  ///   - allowing: what need not fit.
  /// - Returns: what was let pass.
  @discardableResult
  public mutating func load(
    from file: URL, renaming: Renaming = .none, allowing: StateAllowance = []
  ) throws -> StateLeftovers {
    let file = try Safetensors.read(file)
    let plan = try plan(
      forLoading: file.entries.map { ($0.name, TensorType($0.dtype ?? .float32, $0.shape)) },
      renaming: renaming, allowing: allowing)
    var tensors: [String: Tensor] = [:]
    for name in plan.names { tensors[name] = try file.tensor(name) }
    try set(plan) { tensors[$0] }
    return plan.leftovers
  }
}
