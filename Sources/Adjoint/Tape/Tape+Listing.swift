extension Tape: CustomStringConvertible {
  /// The listing: a line for each value, with its number, what made it of which operands, and its
  /// type.
  ///
  ///     %0  watch                  float32[3]
  ///     %1  multiply %0 %0         float32[3]
  ///     %2  sum(axes: [0]) %1      float32[]
  public var description: String {
    let rows = rows
    let numberWidth = rows.map(\.number.count).max() ?? 0
    let callWidth = rows.map(\.call.count).max() ?? 0
    return rows.map { row in
      "\(row.number.padded(to: numberWidth))  \(row.call.padded(to: callWidth))  \(row.type)"
    }.joined(separator: "\n")
  }

  private var rows: [(number: String, call: String, type: String)] {
    let record = withRecord { $0 }
    return record.values.indices.map { index in
      let value = record.values[index]
      let number = base + index
      guard let producer = value.producer else {
        return ("%\(number)", record.leafName(number), "\(value.type)")
      }
      let entry = record.entries[producer]
      let operands = entry.inputs.map { "%\($0)" }.joined(separator: " ")
      let position = number - entry.outputs.lowerBound
      let suffix = entry.outputs.count > 1 ? " output \(position)" : ""
      return ("%\(number)", "\(entry.operation.call) \(operands)\(suffix)", "\(value.type)")
    }
  }

  /// The tape as a graph for Graphviz's `dot`, with the operations of each group in a box.
  public var graphviz: String {
    let record = withRecord { $0 }
    var lines = ["digraph tape {", "  rankdir=TB; node [fontname=\"Helvetica\", shape=box];"]
    for index in record.values.indices where record.values[index].producer == nil {
      let label = "\(record.leafName(base + index))\\n\(record.values[index].type)"
      lines.append("  v\(base + index) [label=\"\(label.escaped)\", shape=ellipse];")
    }
    func append(group: Int?, indent: String) {
      for (index, entry) in record.entries.enumerated() where entry.group == group {
        let types = entry.outputs.map { "\(record.values[$0 - base].type)" }.joined(separator: " ")
        lines.append(
          "\(indent)e\(index) [label=\"\("\(entry.operation.call)\\n\(types)".escaped)\"];")
      }
      for (index, inner) in record.groups.enumerated() where inner.parent == group {
        lines.append("\(indent)subgraph cluster_\(index) {")
        lines.append("\(indent)  label=\"\(inner.name.escaped)\"; style=rounded;")
        append(group: index, indent: indent + "  ")
        lines.append("\(indent)}")
      }
    }
    append(group: nil, indent: "  ")
    for (index, entry) in record.entries.enumerated() {
      for input in entry.inputs where input >= base {
        let source = record.values[input - base].producer.map { "e\($0)" } ?? "v\(input)"
        lines.append("  \(source) -> e\(index);")
      }
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }
}

extension Tape.Record {
  /// What a value that no operation made is called.
  fileprivate func leafName(_ number: Int) -> String {
    guard let place = watched.firstIndex(of: number) else { return "constant" }
    let later = laterNames?() ?? []
    let name = names[number] ?? (place < later.count ? later[place] : nil)
    return name.map { "watch \($0)" } ?? "watch"
  }
}

extension Operation {
  /// The name with its attributes, as in `sum(axes: [0])`.
  var call: String { attributes.isEmpty ? name : "\(name)(\(attributes))" }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  /// With quotation marks that do not end a string of the graph language.
  fileprivate var escaped: String {
    split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
  }
}
