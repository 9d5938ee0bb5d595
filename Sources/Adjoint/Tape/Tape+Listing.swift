extension Tape: CustomStringConvertible {
  /// The listing: a line for each value, with its number, what made it of which operands, and its
  /// type.
  ///
  ///     %0  watch                  float32[3]
  ///     %1  multiply %0 %0         float32[3]
  ///     %2  sum(axes: [0]) %1      float32[]
  public var description: String {
    let listing = Listing(self)
    let rows = listing.rows
    let numberWidth = rows.map(\.number.count).max() ?? 0
    let callWidth = rows.map(\.call.count).max() ?? 0
    return rows.map { row in
      "\(row.number.padded(to: numberWidth))  \(row.call.padded(to: callWidth))  \(row.type)"
    }.joined(separator: "\n")
  }

  /// The tape as a graph for Graphviz's `dot`, with the operations of each group in a box.
  public var graphviz: String { Listing(self).graphviz }
}

/// A graph with what there is to say about it.
private struct Listing {
  private let graph: Graph
  private let notes: Notes
  /// What the leaves are called, by number.
  private var leafNames: [Int: String] = [:]

  init(_ tape: Tape) {
    (graph, notes) = tape.withRecord { record, _ in (record.graph, record.notes) }
    let names = notes.watchedNames(in: graph)
    for leaf in graph.leaves {
      switch leaf.kind {
      case .slot: leafNames[leaf.number] = "constant"
      case .literal(let value): leafNames[leaf.number] = "number \(value)"
      case .watched: leafNames[leaf.number] = names[leaf.number].map { "watch \($0)" } ?? "watch"
      }
    }
  }

  var rows: [(number: String, call: String, type: String)] {
    var calls = leafNames
    for entry in graph.entries {
      let operands = entry.inputs.map { "%\($0)" }.joined(separator: " ")
      for number in entry.outputs {
        let position = number - entry.outputs.lowerBound
        let suffix = entry.outputs.count > 1 ? " output \(position)" : ""
        calls[number] = "\(entry.operation.call) \(operands)\(suffix)"
      }
    }
    return graph.types.enumerated().map { number, type in
      ("%\(number)", calls[number] ?? "", "\(type)")
    }
  }

  var graphviz: String {
    var lines = ["digraph tape {", "  rankdir=TB; node [fontname=\"Helvetica\", shape=box];"]
    var sources: [Int: String] = [:]
    for leaf in graph.leaves {
      let label = "\(leafNames[leaf.number] ?? "")\\n\(graph.types[leaf.number])"
      lines.append("  v\(leaf.number) [label=\"\(label.escaped)\", shape=ellipse];")
      sources[leaf.number] = "v\(leaf.number)"
    }
    // Of each group, and of what is in none.
    let owners = notes.groups(of: graph.entries)
    let members = Dictionary(grouping: graph.entries.indices) { owners[$0] }
    let children = Dictionary(grouping: notes.groups.indices) { notes.groups[$0].parent }
    func append(group: Int?, indent: String) {
      for index in members[group] ?? [] {
        let entry = graph.entries[index]
        let types = entry.outputs.map { "\(graph.types[$0])" }.joined(separator: " ")
        lines.append(
          "\(indent)e\(index) [label=\"\("\(entry.operation.call)\\n\(types)".escaped)\"];")
      }
      for index in children[group] ?? [] {
        lines.append("\(indent)subgraph cluster_\(index) {")
        lines.append("\(indent)  label=\"\(notes.groups[index].name.escaped)\"; style=rounded;")
        append(group: index, indent: indent + "  ")
        lines.append("\(indent)}")
      }
    }
    append(group: nil, indent: "  ")
    for (index, entry) in graph.entries.enumerated() {
      for input in entry.inputs { lines.append("  \(sources[input] ?? "") -> e\(index);") }
      for output in entry.outputs { sources[output] = "e\(index)" }
    }
    return lines.joined(separator: "\n") + "\n}\n"
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
