import Adjoint
import AdjointData
import Foundation

/// A node test of ONNX: an operator, its inputs, and what its reference implementation makes of them.
public struct OnnxCase: Sendable, CustomStringConvertible {
  public let description: String
  /// The name of the operator.
  public let operation: String
  /// The error that ONNX allows: a share of the number wanted, and an absolute one.
  public let tolerance: (relative: Double, absolute: Double)
  private let attributes: [String: Fixture.Parameter]
  private let folder: URL

  /// All cases, in the order of their names.
  public static let all: [OnnxCase] = {
    let folder = Fixture.data.appendingPathComponent("onnx")
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      return try names.sorted().map { try OnnxCase($0, folder.appendingPathComponent($0)) }
    } catch {
      fatalError("fixtures: the cases of ONNX cannot be read: \(error)")
    }
  }()

  private init(_ name: String, _ folder: URL) throws {
    struct File: Decodable {
      struct Node: Decodable {
        let operation: String
        let attributes: [String: Fixture.Parameter]

        enum CodingKeys: String, CodingKey {
          case operation = "op_type"
          case attributes
        }
      }
      let nodes: [Node]
      let rtol: Double
      let atol: Double
    }
    let bytes = try Data(contentsOf: folder.appendingPathComponent("case.json"))
    let file = try JSONDecoder().decode(File.self, from: bytes)
    description = name
    self.folder = folder
    operation = file.nodes[0].operation
    attributes = file.nodes[0].attributes
    tolerance = (file.rtol, file.atol)
  }

  /// An input of the operator.
  public func input(_ number: Int) throws -> Tensor {
    try NPY.read(folder.appendingPathComponent("input_\(number).npy"))
  }

  /// The first output.
  public func output() throws -> Tensor {
    try NPY.read(folder.appendingPathComponent("output_0.npy"))
  }

  /// An attribute that is a number.
  public func number(_ name: String) -> Double? { attributes[name]?.number }

  /// An attribute that is a list of whole numbers.
  public func list(_ name: String) -> [Int]? {
    if case .list(let numbers) = attributes[name] { return numbers.map { Int($0) } }
    return nil
  }

  /// An attribute that is a text.
  public func text(_ name: String) -> String? { attributes[name]?.text }
}
