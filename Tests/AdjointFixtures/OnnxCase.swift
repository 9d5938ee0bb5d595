import Adjoint
import AdjointData
import Foundation

/// A node test of ONNX: operators, their inputs, and what its reference implementation makes of them.
public struct OnnxCase: Sendable, CustomStringConvertible {
  /// An operator that is applied to values by name.
  public struct Node: Sendable, Decodable {
    /// The name of the operator.
    public let operation: String
    /// The names of the inputs; empty ones are left out.
    public let inputs: [String]
    public let outputs: [String]
    public let attributes: [String: Fixture.Parameter]

    enum CodingKeys: String, CodingKey {
      case operation = "op_type"
      case inputs
      case outputs
      case attributes
    }
  }

  public let description: String
  /// The operator that is tested.
  public let operation: String
  /// The operators in the order in which they are applied.
  public let nodes: [Node]
  /// The version of ONNX's operators.
  public let version: Int
  /// The names of the inputs, in the order of the files.
  public let inputs: [String]
  /// The names of the outputs, in the order of the files.
  public let outputs: [String]
  /// The error that ONNX allows: a share of the number wanted, and an absolute one.
  public let tolerance: (relative: Double, absolute: Double)
  /// Whether the outputs follow from random numbers of another generator.
  public let isRandom: Bool
  private let folder: URL

  /// The public cases, in the order of their names.
  public static let all: [OnnxCase] = {
    do { return try load(Fixture.data.appendingPathComponent("onnx")) } catch {
      fatalError("fixtures: the cases of ONNX cannot be read: \(error)")
    }
  }()

  /// The cases of a folder, in the order of their names.
  public static func load(_ folder: URL) throws -> [OnnxCase] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .map { (name: $0, folder: folder.appendingPathComponent($0)) }
      .filter { FileManager.default.fileExists(atPath: $0.folder.path + "/case.json") }
      .map { try OnnxCase($0.name, $0.folder) }
  }

  private init(_ name: String, _ folder: URL) throws {
    struct File: Decodable {
      let operation: String
      let nodes: [Node]
      let versions: [String: Int]?
      let inputs: [String]
      let outputs: [String]
      let rtol: Double?
      let atol: Double?
      let randomness: Fixture.Parameter?

      enum CodingKeys: String, CodingKey {
        case operation = "op_type"
        case nodes
        case versions = "opset"
        case inputs = "graph_inputs"
        case outputs = "graph_outputs"
        case rtol
        case atol
        case randomness = "not_reproducible"
      }
    }
    let bytes = try Data(contentsOf: folder.appendingPathComponent("case.json"))
    let file = try JSONDecoder().decode(File.self, from: bytes)
    description = name
    self.folder = folder
    operation = file.operation
    nodes = file.nodes
    version = file.versions?["ai.onnx"] ?? .max
    (inputs, outputs) = (file.inputs, file.outputs)
    tolerance = (file.rtol ?? 1e-3, file.atol ?? 1e-7)
    isRandom =
      switch file.randomness {
      case .none, .flag(false), .nothing: false
      default: true
      }
  }

  /// An input of the graph.
  public func input(_ number: Int) throws -> FixtureArray {
    try NPY.read(folder.appendingPathComponent("input_\(number).npy"))
  }

  /// An output of the graph.
  public func output(_ number: Int) throws -> FixtureArray {
    try NPY.read(folder.appendingPathComponent("output_\(number).npy"))
  }
}
