import Adjoint
import AdjointData
import Foundation

/// What was measured in the course of a training: a row for each epoch, or each so many steps.
public struct History: Sendable, Equatable, Codable {
  /// What was measured at one time.
  public struct Row: Sendable, Equatable, Codable {
    /// The epochs that were complete.
    public let epoch: Int
    /// The steps that were taken.
    public let step: Int
    /// The numbers by name.
    public let values: [String: Double]
  }

  /// The names of what is measured, in the order in which they first came.
  public private(set) var names: [String] = []
  /// The rows, the earliest first.
  public private(set) var rows: [Row] = []

  /// Starts with no rows.
  public init() {}

  /// Adds a row.
  /// - Precondition: the names are distinct, and none is "epoch" or "step".
  public mutating func record(epoch: Int, step: Int, _ values: [(name: String, value: Double)]) {
    let given = ["epoch", "step"] + values.map(\.name)
    let taken = given.first { name in given.count { $0 == name } > 1 }
    if let taken {
      stop("History: \(taken) is the name of something else too; give each value a name of its own")
    }
    for (name, _) in values where !names.contains(name) { names.append(name) }
    rows.append(
      Row(epoch: epoch, step: step, values: Dictionary(values) { _, last in last }))
  }

  /// All that was measured under a name, in order; NaN in a row without it.
  public subscript(name: String) -> [Double] { rows.map { $0.values[name] ?? .nan } }

  /// The place of the best number under a name, the first of several; nil if there is none that is not
  /// NaN.
  public func best(_ goal: Goal, _ name: String) -> Int? {
    var best: (place: Int, value: Double)?
    for (place, value) in self[name].enumerated() where !value.isNaN {
      if best.map({ goal.prefers(value, to: $0.value) }) ?? true { best = (place, value) }
    }
    return best?.place
  }

  /// A plot of some of the numbers over the epochs.
  public func plot(_ title: String, of names: [String], y: Axis) -> LinePlot {
    LinePlot(
      title: title, x: Axis("epoch"), y: y,
      lines: names.map { LinePlot.Line($0, x: rows.map { Double($0.epoch) }, y: self[$0]) })
  }
}

/// Which numbers are better.
public enum Goal: String, Sendable, Codable {
  /// As of losses.
  case lowest
  /// As of accuracies.
  case highest

  /// Whether one number is better than another. NaN is better than none, and none is worse than NaN.
  public func prefers(_ value: Double, to other: Double) -> Bool {
    self == .lowest ? value < other : value > other
  }
}

// MARK: Files

extension History {
  /// Writes the rows as JSON if the name of the file ends so, otherwise as CSV; a file that is there
  /// survives any failure.
  public func write(to file: URL) throws(FileError) {
    let text = file.pathExtension.lowercased() == "json" ? json : csv
    try AtomicFile.write(to: file) { writer throws(FileError) in try writer.write(text) }
  }

  /// A table for spreadsheets: a line of names, then a line for each row; what was not measured is left
  /// empty.
  public var csv: String {
    let header = ["epoch", "step"] + names
    let lines = rows.map { row in
      ["\(row.epoch)", "\(row.step)"] + names.map { row.values[$0].map { "\($0)" } ?? "" }
    }
    return ([header] + lines).map(CSVTable.line).joined()
  }

  /// An array with an object for each row; what is NaN or infinite is null.
  public var json: String {
    let objects = rows.map { row in
      let numbers = names.compactMap { name in
        row.values[name].map { "\(name.json): \($0.isFinite ? "\($0)" : "null")" }
      }
      let fields = ["\"epoch\": \(row.epoch)", "\"step\": \(row.step)"] + numbers
      return "  {" + fields.joined(separator: ", ") + "}"
    }
    return "[\n" + objects.joined(separator: ",\n") + "\n]\n"
  }
}
