import Adjoint
import AdjointData
import Foundation

/// A case of a set of results of other systems: `Data/README.md` says what they are.
public struct Fixture: Sendable, CustomStringConvertible {
  /// The name of the case, which is that of its folder.
  public let name: String
  /// What the case is about, such as `batch_norm`.
  public let kind: String
  /// The parameters by name.
  public let parameters: [String: Parameter]
  /// The error that other implementations reach, by implementation and array.
  public let referenceErrors: [String: [String: Double]]
  private let folder: URL

  /// A value of the index.
  public enum Parameter: Sendable {
    case number(Double)
    case text(String)
    case flag(Bool)
    case list([Double])
    case texts([String])
    case nothing

    /// The number, if it is one.
    public var number: Double? {
      if case .number(let value) = self { return value }
      return nil
    }

    /// The text, if it is one.
    public var text: String? {
      if case .text(let value) = self { return value }
      return nil
    }

    /// The numbers, if there are several.
    public var list: [Double]? {
      if case .list(let values) = self { return values }
      return nil
    }

    /// Whether it is a flag that is set.
    public var isSet: Bool {
      if case .flag(let value) = self { return value }
      return false
    }
  }

  public var description: String { name }

  /// An array of the case, in float64, int32 or bool.
  public func callAsFunction(_ array: String) throws -> Tensor {
    try NPY.read(folder.appendingPathComponent("\(array).npy")).tensor()
  }

  /// An array of the fixtures, by its path without `.npy`.
  public static func array(_ path: String) throws -> Tensor {
    try NPY.read(data.appendingPathComponent("\(path).npy")).tensor()
  }

  /// Whether the case has an array of this name.
  public func has(_ array: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent("\(array).npy").path)
  }

  /// All cases of the oracle.
  public static let oracle: [Fixture] = publicCases("oracle")

  /// The optimizers' trajectories.
  public static let optimizers: [Fixture] = publicCases("optim")

  /// The parameters and gradients that all optimizers' trajectories share.
  public static let shared = shared(in: data.appendingPathComponent("optim"))

  /// Those of a folder of optimizers' trajectories.
  public static func shared(in set: URL) -> Fixture {
    Fixture(
      name: "shared", kind: "", parameters: [:], referenceErrors: [:],
      folder: set.appendingPathComponent("shared"))
  }

  /// The cases of the oracle of some kinds.
  public static func oracle(_ kinds: String...) -> [Fixture] {
    oracle.filter { kinds.contains($0.kind) }
  }

  /// The folder of the public sets.
  public static let data = Bundle.module.bundleURL.appendingPathComponent("Data")

  private static func publicCases(_ set: String) -> [Fixture] {
    do { return try load(data.appendingPathComponent(set)) } catch {
      fatalError("fixtures: \(set) has no readable index: \(error)")
    }
  }

  /// The cases in the index of a folder.
  public static func load(_ folder: URL) throws -> [Fixture] {
    let bytes = try Data(contentsOf: folder.appendingPathComponent("index.json"))
    return try JSONDecoder().decode(Index.self, from: bytes).cases.map { entry in
      let parameters = (entry.allHyperparameters ?? [:]).merging(entry.params) { _, own in own }
      let errors = (entry.referenceErrors ?? [:]).mapValues { $0.compactMapValues(\.number) }
      return Fixture(
        name: entry.name, kind: entry.kind ?? entry.mode ?? "", parameters: parameters,
        referenceErrors: errors, folder: folder.appendingPathComponent(entry.name))
    }
  }

  /// An index as it stands in its file.
  private struct Index: Decodable {
    let cases: [Entry]

    struct Entry: Decodable {
      let name: String
      let kind: String?
      let mode: String?
      let params: [String: Parameter]
      let allHyperparameters: [String: Parameter]?
      let referenceErrors: [String: [String: Parameter]]?

      enum CodingKeys: String, CodingKey {
        case name
        case kind
        case mode
        case params
        case allHyperparameters = "all_hyperparameters"
        case referenceErrors = "reference_errors"
      }
    }
  }
}

extension Fixture.Parameter: Decodable {
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([Double].self) {
      self = .list(list)
    } else if let texts = try? value.decode([String].self) {
      self = .texts(texts)
    } else {
      self = .nothing
    }
  }
}

/// The largest difference as a share of the largest number wanted; the difference itself where all
/// are 0.
public func relativeError(_ got: Tensor, _ want: Tensor) -> Double {
  guard got.shape == want.shape else { return .infinity }
  let (got, want) = ([Double](got), [Double](want))
  let largest = want.map(abs).max() ?? 0
  let difference = zip(got, want).map { abs($0 - $1) }.reduce(0) {
    $1.isNaN ? .infinity : max($0, $1)
  }
  return largest == 0 ? difference : difference / largest
}
