import Adjoint
import AdjointFixtures
import Foundation

/// A case of a set, and how this package's results are held against it.
public struct ConformanceCase: Sendable, CustomStringConvertible {
  /// The set and the name, such as `onnx/test_relu`.
  public let description: String
  /// The operator, or the kind of function, by which unsupported cases are counted.
  public let operation: String
  private let comparisons: @Sendable (DType) throws -> [Comparison]

  init(
    _ set: String, _ name: String, _ operation: String,
    _ comparisons: @escaping @Sendable (DType) throws -> [Comparison]
  ) {
    description = "\(set)/\(name)"
    self.operation = operation
    self.comparisons = comparisons
  }

  /// What comes of the case, computed in float64 and in float32.
  public func run() -> Outcome {
    var failures: [Failure] = []
    for dtype in [DType.float64, .float32] {
      do {
        for comparison in try comparisons(dtype) where !(comparison.error <= comparison.mark) {
          failures.append(
            Failure(
              array: "\(comparison.array) \(dtype)", error: comparison.error,
              mark: comparison.mark))
        }
      } catch let problem as Unsupported {
        return .unsupported(problem.what)
      } catch {
        failures.append(Failure(array: "\(dtype): \(error)", error: .infinity, mark: 0))
      }
    }
    return failures.isEmpty ? .passed : .failed(failures)
  }

  /// The cases of a folder: of the sets in it, or of the one that it is.
  public static func load(_ folder: URL) throws -> [ConformanceCase] {
    let sets = ["onnx", "oracle", "optim", "optimizers"].filter {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
    if sets.isEmpty { return try load(folder, as: folder.lastPathComponent) }
    return try sets.flatMap { try load(folder.appendingPathComponent($0), as: $0) }
  }

  private static func load(_ folder: URL, as set: String) throws -> [ConformanceCase] {
    let nodes = try OnnxCase.load(folder)
    if !nodes.isEmpty { return nodes.map { ConformanceCase($0) } }
    let shared = Fixture.shared(in: folder)
    return try Fixture.load(folder).map {
      $0.has("w_steps") ? ConformanceCase(trajectory: $0, shared) : ConformanceCase($0)
    }
  }
}

/// An array that this package has computed, held against the one wanted.
public struct Comparison: Sendable {
  public let array: String
  /// How far it is off.
  public let error: Double
  /// How far it may be.
  public let mark: Double
}

/// An array that is not as it should be.
public struct Failure: Sendable, Codable {
  /// Which array of the case, and in which element type; or what was thrown.
  public let array: String
  public let error: Double
  public let mark: Double

  public init(array: String, error: Double, mark: Double) {
    (self.array, self.error, self.mark) = (array, error, mark)
  }
}

/// What comes of a case.
public enum Outcome: Sendable, Codable {
  case passed
  case failed([Failure])
  /// There is nothing ready for it: of what.
  case unsupported(String)
}

/// Nothing ready for a case.
struct Unsupported: Error {
  let what: String

  init(_ what: String) { self.what = what }
}
